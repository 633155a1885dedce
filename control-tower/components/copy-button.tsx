import { useState } from 'react';
import { texts } from '../texts.ts';

/** Copies a text, and says that it did. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="text-button"
      aria-label={`${texts.copy}: ${label}`}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {isCopied ? texts.copied : texts.copy}
    </button>
  );
}
