import { useEffect, useRef } from 'react';

/** At most so often. */
const PAUSE_MS = 2_000;

/** Runs when the value is another, though not more often than every two seconds; the last change is never left out. */
export function useAgainWhen(value: string | null, run: () => void): void {
  const last = useRef(Date.now());
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (value === null) return;
    const timer = setTimeout(
      () => {
        last.current = Date.now();
        latest.current();
      },
      Math.max(0, last.current + PAUSE_MS - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [value]);
}
