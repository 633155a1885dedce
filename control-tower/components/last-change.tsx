import { useEffect, useReducer } from 'react';
import { formatAge } from '../../ui/format.ts';
import { texts } from '../texts.ts';

/** How long ago something of a brand changed last; counts on while nothing else of the page moves. Null: not lately. */
export function LastChange({ at }: { readonly at: string | null }) {
  const [, lookAgain] = useReducer((looks: number) => looks + 1, 0);
  useEffect(() => {
    const timer = setInterval(lookAgain, 1_000);
    return () => clearInterval(timer);
  }, []);
  if (at === null) return <span title={texts.noChangeReason}>{texts.never}</span>;
  return <time dateTime={at}>{texts.agoText(formatAge(at))}</time>;
}
