import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './context.ts';

/** Puts a signal into the context that fires when the client goes away or after `timeoutMs`: queries listen to it. */
export function requestSignal(timeoutMs: number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('signal', AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(timeoutMs)]));
    await next();
  };
}
