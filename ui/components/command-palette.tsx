import { Command as Palette } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { texts } from '../texts.ts';
import { DialogContent } from './dialog-content.tsx';

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

export interface Command {
  readonly name: string;
  readonly run: () => void;
}

/** Ctrl/⌘ K opens it from anywhere. */
export function CommandPalette({ commands }: { readonly commands: readonly Command[] }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        setOpen((open) => !open);
      }
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  return (
    <>
      <button type="button" className="side-button" onClick={() => setOpen(true)}>
        {texts.commands} <kbd>{isApple ? '⌘' : 'Ctrl'} K</kbd>
      </button>
      <Dialog.Root open={isOpen} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Overlay cmdk-overlay="" />
          <DialogContent cmdk-dialog="" aria-label={texts.commands} aria-describedby={undefined}>
            <Palette label={texts.commands} className="palette" loop>
              <Palette.Input placeholder={texts.searchCommands} />
              <Palette.List>
                <Palette.Empty>{texts.noCommand}</Palette.Empty>
                {commands.map(({ name, run }) => (
                  <Palette.Item
                    key={name}
                    onSelect={() => {
                      setOpen(false);
                      run();
                    }}
                  >
                    {name}
                  </Palette.Item>
                ))}
              </Palette.List>
            </Palette>
          </DialogContent>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  );
}
