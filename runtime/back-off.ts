const firstMs = 100;
const longestMs = 5_000;
/** Having run this long, the next failure is a new one. */
const goodRunMs = 10_000;

/** Waiting times between restarts: short at first, doubling up to 5 s, short again after a good run. */
export function createBackOff(): { next(ranMs: number): number } {
  let failures = 0;
  return {
    next: (ranMs) => {
      failures = ranMs >= goodRunMs ? 0 : failures;
      return Math.min(firstMs * 2 ** failures++, longestMs);
    },
  };
}
