import { Dialog } from 'radix-ui';
import { type ComponentProps, useRef } from 'react';

/** A dialog's content that gives the focus back to what had it. (Radix knows only a trigger, and ours are opened from anywhere.) */
export function DialogContent(
  props: Omit<ComponentProps<typeof Dialog.Content>, 'onOpenAutoFocus' | 'onCloseAutoFocus'>,
) {
  const before = useRef<Element | null>(null);
  return (
    <Dialog.Content
      {...props}
      onOpenAutoFocus={() => {
        before.current = document.activeElement;
      }}
      onCloseAutoFocus={(event) => {
        if (!(before.current instanceof HTMLElement) || !before.current.isConnected) return;
        event.preventDefault();
        before.current.focus();
      }}
    />
  );
}
