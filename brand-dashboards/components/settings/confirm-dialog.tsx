import type { ApiProblem } from '../../../ui/api.ts';
import { Failure } from '../../../ui/components/failure.tsx';
import { FormDialog } from '../../../ui/components/form-dialog.tsx';
import { texts as kit } from '../../../ui/texts.ts';

export interface ConfirmDialogProps {
  readonly title: string;
  readonly question: string;
  readonly isOpen: boolean;
  readonly isPending: boolean;
  readonly problem: ApiProblem | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Says what will happen before it does. */
export function ConfirmDialog({ title, question, isOpen, isPending, problem, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <FormDialog title={title} isOpen={isOpen} onClose={onClose}>
      <p>{question}</p>
      {problem ? <Failure problem={problem} /> : null}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {kit.cancel}
        </button>
        <button type="button" className="button button-danger" disabled={isPending} onClick={onConfirm}>
          {title}
        </button>
      </div>
    </FormDialog>
  );
}
