import { useMutation } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { DialogContent } from '../../ui/components/dialog-content.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { texts } from '../texts.ts';

export interface FormDialogProps<Answer> {
  readonly title: string;
  /** What it does, before it is done. */
  readonly note?: string;
  readonly trigger: ReactNode;
  readonly action: string;
  readonly isGrave?: boolean;
  /** The fields. */
  readonly children?: ReactNode;
  readonly send: (form: FormData) => Promise<Answer>;
  readonly onDone: () => void;
  /** What is shown of the answer, until it is closed; without it the dialog closes. */
  readonly result?: (answer: Answer) => ReactNode;
}

/** Asks for what is needed, or for confirmation, does it, and says what came of it. */
export function FormDialog<Answer>(props: FormDialogProps<Answer>) {
  const { title, note, trigger, action, isGrave, children, send, onDone, result } = props;
  const [isOpen, setOpen] = useState(false);
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: send,
    onSuccess: () => {
      onDone();
      if (result === undefined) setOpen(false);
    },
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) reset();
  };
  const isDone = data !== undefined && result !== undefined;
  return (
    <Dialog.Root open={isOpen} onOpenChange={change}>
      <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <DialogContent className="form-dialog" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>{title}</h2>
          </Dialog.Title>
          {isDone ? (
            <>
              {result(data)}
              <footer>
                <Dialog.Close className="button button-primary">{texts.done}</Dialog.Close>
              </footer>
            </>
          ) : (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                mutate(new FormData(event.currentTarget));
              }}
            >
              {note ? <p>{note}</p> : null}
              {children}
              {error ? <Failure problem={error as unknown as ApiProblem} /> : null}
              <footer>
                <Dialog.Close className="button">{texts.cancel}</Dialog.Close>
                <button
                  type="submit"
                  className="button button-primary"
                  data-grave={isGrave || undefined}
                  disabled={isPending}
                >
                  {action}
                </button>
              </footer>
            </form>
          )}
        </DialogContent>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A labelled input of a form. */
export function Field({
  label,
  hint,
  ...input
}: { label: string; hint?: string } & React.InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="field">
      <span>{label}</span>
      <input {...input} />
      {hint ? <small>{hint}</small> : null}
    </label>
  );
}

/** A temporary password, shown this once. */
export function TemporaryPassword({ email, password }: { readonly email: string; readonly password: string }) {
  return (
    <div className="once">
      <p>{texts.passwordOnce}</p>
      <dl>
        <dt>{texts.email}</dt>
        <dd>{email}</dd>
        <dt>{texts.resetPassword}</dt>
        <dd>
          <code data-secret>{password}</code>
        </dd>
      </dl>
      <button type="button" className="button" onClick={() => void navigator.clipboard.writeText(password)}>
        {texts.copy}
      </button>
    </div>
  );
}
