import { useState } from 'react';
import { texts } from '../texts.ts';
import '../forms.css';

/** Something that is shown this once, to be copied. */
export function Secret({ value, label }: { readonly value: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(value).then(() => setCopied(true));
  return (
    <div className="secret">
      <output aria-label={label}>
        <code>{value}</code>
      </output>
      <button type="button" className="button" onClick={copy}>
        {isCopied ? texts.copied : texts.copy}
      </button>
    </div>
  );
}
