import { useEffect, useReducer } from 'react';
import { formatAge } from '../../ui/format.ts';
import { texts } from '../texts.ts';

/** How long ago something was; counts on while nothing else of the page moves. */
export function Ago({ at }: { readonly at: string }) {
  const [, lookAgain] = useReducer((looks: number) => looks + 1, 0);
  useEffect(() => {
    const timer = setInterval(lookAgain, 1_000);
    return () => clearInterval(timer);
  }, []);
  return <time dateTime={at}>{texts.agoText(formatAge(at))}</time>;
}
