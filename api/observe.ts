import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Log } from '../runtime/log.ts';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';

const REQUEST_ID = /^[\w.-]{8,64}$/;

/**
 * Gives every request an id, writes one log line about it and measures it. Logged is which endpoint
 * (as registered, without its parameters) was asked by which user of which brand: no addresses, no query strings, no bodies.
 */
export function observe(log: Log, registry: Registry): MiddlewareHandler<ApiEnv> {
  const { requests, seconds } = requestMetrics(registry);
  return async (c, next) => {
    const offered = c.req.header('x-request-id') ?? '';
    const requestId = REQUEST_ID.test(offered) ? offered : randomUUID();
    c.set('requestId', requestId);
    const started = performance.now();
    await next();
    c.res.headers.set('x-request-id', requestId);
    const ms = performance.now() - started;
    const path = matchedEndpoint(c)?.path ?? 'unknown';
    const labels = { method: c.req.method, path, status: String(c.res.status) };
    requests.inc(labels);
    seconds.observe({ method: c.req.method, path }, ms / 1000);
    const who = c.get('identity');
    log.info(
      {
        requestId,
        ...labels,
        ms: Math.round(ms * 10) / 10,
        ...(who ? { role: who.role, tenant: who.tenantId, user: who.subject } : {}),
      },
      'request',
    );
  };
}

function requestMetrics(registry: Registry) {
  const requests = new Counter({
    name: 'uco_api_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'path', 'status'] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'uco_api_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'path'] as const,
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [registry],
  });
  return { requests, seconds };
}
