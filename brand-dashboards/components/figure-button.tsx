import { texts } from '../texts.ts';

/** A figure in a table that leads to the rows behind it; plain text where nothing is behind it. */
export function FigureButton({ text, onOpen }: { readonly text: string; readonly onOpen: (() => void) | undefined }) {
  if (onOpen === undefined) return text;
  return (
    <button
      type="button"
      className="figure-link"
      aria-label={`${text}: ${texts.showRows}`}
      onClick={(event) => {
        // The row of the table has a click of its own.
        event.stopPropagation();
        onOpen();
      }}
    >
      {text}
    </button>
  );
}
