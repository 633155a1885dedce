import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { texts } from '../texts.ts';
import { isApple } from './command-palette.tsx';
import { DialogContent } from './dialog-content.tsx';

/** `?` lists what the keyboard does, from anywhere but where one types. */
export function Shortcuts() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement &&
        (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName));
      if (event.key !== '?' || isTyping || event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      setOpen((open) => !open);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  return (
    <>
      <button type="button" className="side-button" onClick={() => setOpen(true)}>
        {texts.shortcuts} <kbd>?</kbd>
      </button>
      <Dialog.Root open={isOpen} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Overlay className="overlay" />
          <DialogContent className="sql-dialog shortcuts" aria-describedby={undefined}>
            <header className="panel-head">
              <Dialog.Title asChild>
                <h2>{texts.shortcuts}</h2>
              </Dialog.Title>
              <Dialog.Close className="button">{texts.close}</Dialog.Close>
            </header>
            <dl>
              {texts.keys.map(([keys, what]) => (
                <div key={keys}>
                  <dt>
                    <kbd>{isApple ? keys.replace('Ctrl', '⌘') : keys}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </DialogContent>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  );
}
