import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { Problem } from './problem.ts';
import { rateLimitHeaders, refusalHeaders, secondsLeft } from './rate-limit-headers.ts';

/** Requests of a brand in 10 seconds, per group of endpoints; 0: no limit. */
export interface RateLimits {
  /** KPIs. */
  readonly analytics: number;
  /** Every other GET. */
  readonly reads: number;
  /** Every other request that changes something. */
  readonly writes: number;
  /** Bulk creates. */
  readonly bulk: number;
}

export const RATE_WINDOW_SECONDS = 10;

/**
 * Counts requests per brand (platform users each by themselves) and group of endpoints, in this process. Every counted answer says
 * where its brand stands (rate-limit-headers.ts); the first request too many gets a 429 with Retry-After. Public endpoints are not
 * counted here.
 */
export function rateLimit(limits: RateLimits): MiddlewareHandler<ApiEnv> {
  const limiters = new Map<string, RateLimiterMemory>(
    Object.entries(limits)
      .filter(([, points]) => points > 0)
      .map(([group, points]) => [group, new RateLimiterMemory({ points, duration: RATE_WINDOW_SECONDS })]),
  );
  return async (c, next) => {
    const [identity, endpoint] = [c.get('identity'), matchedEndpoint(c)];
    if (identity === null || endpoint === null) return next();
    const name = groupOf(endpoint);
    const limiter = limiters.get(name);
    if (limiter === undefined) return next();
    const state = await limiter.consume(identity.tenantId ?? identity.subject).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    const quota = { name, limit: limiter.points, windowSeconds: RATE_WINDOW_SECONDS };
    if (state.consumedPoints > limiter.points) {
      throw new Problem('too-many-requests', `Your brand may send more in ${secondsLeft(state)} seconds.`, {
        headers: refusalHeaders(quota, state),
      });
    }
    await next();
    for (const [header, value] of Object.entries(rateLimitHeaders(quota, state))) c.res.headers.set(header, value);
  };
}

function groupOf({ method, path }: { readonly method: string; readonly path: string }): keyof RateLimits {
  if (path.startsWith('/api/v1/kpis')) return 'analytics';
  if (method === 'GET') return 'reads';
  return path.endsWith('/bulk') ? 'bulk' : 'writes';
}
