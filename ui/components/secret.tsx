import { useState } from 'react';
import { texts } from '../texts.ts';
import '../forms.css';

/** A password or key after it was made, to be copied: it can't be shown again. */
export function ShownOnce({ label, value, hint }: { label: string; value: string; hint: string }) {
  return (
    <>
      <p>{label}</p>
      <Secret value={value} label={label} />
      <p className="note">{hint}</p>
    </>
  );
}

/** A user's new password; `name` says whose. */
export function TemporaryPassword({ name, value }: { readonly name: string; readonly value: string }) {
  return <ShownOnce label={texts.passwordOnce(name)} value={value} hint={texts.passwordOnceHint} />;
}

function Secret({ value, label }: { readonly value: string; readonly label: string }) {
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
