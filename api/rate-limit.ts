import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { Problem } from './problem.ts';

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
 * where its brand stands: RateLimit-Limit, -Remaining, -Reset (seconds) and -Policy, as most clients know them; the first request
 * too many gets a 429 with Retry-After. Public endpoints are not counted here.
 */
export function rateLimit(limits: RateLimits): MiddlewareHandler<ApiEnv> {
  const limiters = new Map<string, RateLimiterMemory>(
    Object.entries(limits)
      .filter(([, points]) => points > 0)
      .map(([group, points]) => [group, new RateLimiterMemory({ points, duration: RATE_WINDOW_SECONDS })]),
  );
  return async (c, next) => {
    const [identity, endpoint] = [c.get('identity'), matchedEndpoint(c)];
    const limiter = endpoint === null ? undefined : limiters.get(groupOf(endpoint));
    if (identity === null || limiter === undefined) return next();
    const state = await limiter.consume(identity.tenantId ?? identity.subject).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    const headers = headersOf(limiter.points, state);
    if (state.consumedPoints > limiter.points) {
      const seconds = headers['ratelimit-reset'];
      throw new Problem('too-many-requests', `Your brand may send more in ${seconds} seconds.`, {
        headers: { ...headers, 'retry-after': seconds },
      });
    }
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  };
}

function groupOf({ method, path }: { readonly method: string; readonly path: string }): keyof RateLimits {
  if (path.startsWith('/api/v1/kpis')) return 'analytics';
  if (method === 'GET') return 'reads';
  return path.endsWith('/bulk') ? 'bulk' : 'writes';
}

function headersOf(limit: number, { remainingPoints, msBeforeNext }: RateLimiterRes) {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(Math.max(0, remainingPoints)),
    'ratelimit-reset': String(Math.max(1, Math.ceil(msBeforeNext / 1000))),
    'ratelimit-policy': `${limit};w=${RATE_WINDOW_SECONDS}`,
  };
}
