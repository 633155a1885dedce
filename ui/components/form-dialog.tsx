import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import '../forms.css';
import { DialogContent } from './dialog-content.tsx';

export interface FormDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What opens it, and where that is said; for a dialog that is opened elsewhere neither. */
  readonly trigger?: ReactNode;
  readonly onOpen?: () => void;
  readonly children: ReactNode;
}

/** A dialog that holds a form, a question or something shown once. Escape closes it; the focus comes back to where it was. */
export function FormDialog({ title, isOpen, onClose, trigger, onOpen, children }: FormDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => (open ? onOpen?.() : onClose())}>
      {trigger ? <Dialog.Trigger asChild>{trigger}</Dialog.Trigger> : null}
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <DialogContent className="dialog" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>{title}</h2>
          </Dialog.Title>
          {children}
        </DialogContent>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
