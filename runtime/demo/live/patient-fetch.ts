import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const TIMEOUT_MS = 20_000;

/**
 * A fetch that steps back when the other side is busy or away (429, 503, no answer): all requests through it wait as long as it asks
 * for, and ever longer, before they are sent again. Sending again is safe where the request carries an Idempotency-Key or
 * repeats a step. Rejects only when `signal` fires.
 */
export function patientFetch(signal: AbortSignal): typeof fetch {
  let quietUntil = 0;
  let wait = FIRST_WAIT_MS;
  const stepBack = (retryAfter: string | null) => {
    const asked = Number(retryAfter ?? 0) * 1_000;
    quietUntil = Math.max(quietUntil, Date.now() + Math.max(wait, Number.isFinite(asked) ? asked : 0));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
  return async (input, init) => {
    for (;;) {
      signal.throwIfAborted();
      const quiet = quietUntil - Date.now();
      if (quiet > 0) {
        await sleep(quiet, undefined, { signal });
        continue;
      }
      try {
        const response = await fetch(input, {
          ...init,
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        if (response.status !== 429 && response.status !== 503) {
          wait = FIRST_WAIT_MS;
          // Read here, so that the time-out covers the body and its connection is free again.
          const body = await response.arrayBuffer();
          return new Response(body.byteLength > 0 ? body : null, response);
        }
        await response.arrayBuffer();
        stepBack(response.headers.get('retry-after'));
      } catch {
        stepBack(null);
      }
    }
  };
}
