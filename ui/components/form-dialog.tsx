import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import '../forms.css';
import { DialogContent } from './dialog-content.tsx';

export interface FormDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog that holds a form, a question or something shown once. Escape closes it; the focus comes back to where it was. */
export function FormDialog({ title, isOpen, onClose, children }: FormDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
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
