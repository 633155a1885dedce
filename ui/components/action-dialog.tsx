import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../api.ts';
import { texts } from '../texts.ts';
import { Failure } from './failure.tsx';
import { isOfForm } from './field.tsx';
import { FormDialog } from './form-dialog.tsx';

export interface ActionDialogProps<Answer> {
  readonly title: string;
  readonly trigger: ReactNode;
  /** What its button says. */
  readonly action: string;
  readonly isGrave?: boolean;
  /** What it does, before it is done. */
  readonly note?: string;
  /** The fields, which say themselves what the API finds wrong with those named in `fields`. */
  readonly children?: (problem: ApiProblem | null) => ReactNode;
  readonly fields?: readonly string[];
  /** Whether it can be sent; where not, the fields say what is missing. */
  readonly isComplete?: (form: FormData) => boolean;
  readonly send: (form: FormData) => Promise<Answer>;
  /** Called when it was answered, also with a problem: what is shown may be of before. */
  readonly onAnswer: () => unknown;
  /** What is shown of the answer, until it is closed; without it the dialog closes. */
  readonly result?: (answer: Answer) => ReactNode;
}

/** Asks for what is needed, or for confirmation, does it, and says what came of it. */
export function ActionDialog<Answer>(props: ActionDialogProps<Answer>) {
  const { title, trigger, action, isGrave, note, children, fields = [], isComplete, send, onAnswer, result } = props;
  const [isOpen, setOpen] = useState(false);
  const doing = useMutation<Answer, ApiProblem, FormData>({
    mutationFn: send,
    onSuccess: () => (result === undefined ? setOpen(false) : undefined),
    onSettled: () => void onAnswer(),
  });
  const close = () => {
    setOpen(false);
    doing.reset();
  };
  const { error: problem } = doing;
  return (
    <FormDialog {...{ title, trigger, isOpen }} onOpen={() => setOpen(true)} onClose={close}>
      {doing.isSuccess && result !== undefined ? (
        <>
          {result(doing.data)}
          <div className="form-actions">
            <button type="button" className="button button-primary" onClick={close}>
              {texts.close}
            </button>
          </div>
        </>
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            if (isComplete?.(form) ?? true) doing.mutate(form);
          }}
        >
          {note ? <p>{note}</p> : null}
          {children?.(problem)}
          {isOfForm(problem, fields) ? <Failure problem={problem} /> : null}
          <div className="form-actions">
            <button type="button" className="button" onClick={close}>
              {texts.cancel}
            </button>
            <button
              type="submit"
              className={`button ${isGrave ? 'button-danger' : 'button-primary'}`}
              disabled={doing.isPending}
            >
              {action}
            </button>
          </div>
        </form>
      )}
    </FormDialog>
  );
}
