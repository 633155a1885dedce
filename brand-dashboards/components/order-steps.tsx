import { useMutation } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { DialogContent } from '../../ui/components/dialog-content.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { useSession } from '../../ui/session.ts';
import { type Order, type OrderStep, stepsOf, takeStep } from '../orders.ts';
import { texts } from '../texts.ts';

/** The steps an order may take, for those who may write orders; each is confirmed before it is taken. */
export function OrderSteps({ order, onTaken }: { readonly order: Order; readonly onTaken: () => void }) {
  const session = useSession();
  const [asked, ask] = useState<OrderStep | null>(null);
  const step = useMutation({
    mutationFn: (wanted: OrderStep) => takeStep(order.id, wanted),
    onSuccess: () => {
      ask(null);
      onTaken();
    },
    // Somebody else was faster: what is shown is of before.
    onError: (error) => {
      if ((error as unknown as ApiProblem).status === 409) onTaken();
    },
  });
  if (!session?.permissions.includes('orders.write')) return null;
  const close = () => {
    ask(null);
    step.reset();
  };
  return (
    <div className="panel-tools">
      {stepsOf[order.status].map((one) => (
        <button key={one} type="button" className="button" onClick={() => ask(one)}>
          {texts.steps[one]}
        </button>
      ))}
      <Dialog.Root open={asked !== null} onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
        <Dialog.Portal>
          <Dialog.Overlay className="overlay" />
          <DialogContent className="sql-dialog confirm" aria-describedby={undefined}>
            <Dialog.Title asChild>
              <h2>{asked ? texts.confirmStep(texts.steps[asked], order.orderNumber) : ''}</h2>
            </Dialog.Title>
            <p>{asked ? texts.stepMeans[asked] : ''}</p>
            {step.error ? <Failure problem={step.error as unknown as ApiProblem} /> : null}
            <div className="panel-tools">
              <button
                type="button"
                className="button button-primary"
                disabled={step.isPending}
                onClick={() => (asked ? step.mutate(asked) : undefined)}
              >
                {asked ? texts.steps[asked] : ''}
              </button>
              <Dialog.Close className="button">{texts.goBack}</Dialog.Close>
            </div>
          </DialogContent>
        </Dialog.Portal>
      </Dialog.Root>
    </div>
  );
}
