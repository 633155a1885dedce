import { Secret } from '../../../ui/components/secret.tsx';
import { texts as kit } from '../../../ui/texts.ts';

export interface ShownOnceProps {
  readonly label: string;
  readonly value: string;
  readonly hint: string;
  readonly onClose: () => void;
}

/** A password or key after it was made: it can't be shown again. */
export function ShownOnce({ label, value, hint, onClose }: ShownOnceProps) {
  return (
    <>
      <p>{label}</p>
      <Secret value={value} label={label} />
      <p className="note">{hint}</p>
      <div className="form-actions">
        <button type="button" className="button button-primary" onClick={onClose}>
          {kit.close}
        </button>
      </div>
    </>
  );
}
