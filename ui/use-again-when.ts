import { useEffect, useRef, useState } from 'react';

/**
 * Runs whenever `moved` is another number than at first, at most once a second and one at a time; the last change is never
 * left out. `moved` is what the page's stream counts (`useLiveFigures`).
 */
export function useAgainWhen(moved: number, run: () => Promise<unknown>): void {
  const done = useRef({ moved, at: Number.NEGATIVE_INFINITY });
  const latest = useRef(run);
  latest.current = run;
  const [isRunning, setIsRunning] = useState(false);
  useEffect(() => {
    if (isRunning || moved === done.current.moved) return;
    const begin = () => {
      done.current = { moved, at: performance.now() };
      setIsRunning(true);
      void latest.current().finally(() => setIsRunning(false));
    };
    const timer = setTimeout(begin, Math.max(0, done.current.at + PAUSE_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [moved, isRunning]);
}

const PAUSE_MS = 1_000;
