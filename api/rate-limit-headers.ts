import type { RateLimiterRes } from 'rate-limiter-flexible';

/** So many requests, or attempts, in so many seconds. */
export interface Quota {
  /** What it is called in the headers: letters and hyphens. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Where somebody stands, twice: `RateLimit-Limit`, `-Remaining` and `-Reset`, which most clients know, and the structured fields
 * `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10. Times are whole seconds from now, 1 at least.
 */
export function rateLimitHeaders({ name, limit, windowSeconds }: Quota, state: RateLimiterRes) {
  const remaining = Math.max(0, state.remainingPoints);
  const seconds = secondsLeft(state);
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': seconds,
    'ratelimit-policy': `"${name}";q=${limit};w=${windowSeconds}`,
    ratelimit: `"${name}";r=${remaining};t=${seconds}`,
  };
}

/** As `rateLimitHeaders`, of who must wait. */
export function refusalHeaders(quota: Quota, state: RateLimiterRes) {
  return { ...rateLimitHeaders(quota, state), 'retry-after': secondsLeft(state) };
}

export function secondsLeft({ msBeforeNext }: RateLimiterRes): string {
  return String(Math.max(1, Math.ceil(msBeforeNext / 1000)));
}
