import { texts } from '../texts.ts';

/** Leads from a figure to the rows behind it. */
export function RowsButton({ name, onClick }: { readonly name: string; readonly onClick: () => void }) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={texts.showRows(name)}
      title={texts.showRows(name)}
      onClick={onClick}
    >
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2.5 4h11M2.5 8h11M2.5 12h11" fill="none" stroke="currentColor" strokeWidth="1.3" />
      </svg>
    </button>
  );
}
