import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Registry } from 'prom-client';
import type { ApiEnv } from './context.ts';

export interface Readiness {
  /** Why the instance can't serve exact and fresh figures now; empty means ready. */
  readonly reasons: readonly string[];
  /** Anything else an operator wants to see, such as drift or dead letters. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not ready']),
    reasons: z.array(z.string()).meta({ description: 'Why it is not ready; empty when it is.' }),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('Readiness');

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'Is the process alive?',
  responses: { 200: { description: 'It is.', content: json(z.object({ status: z.literal('alive') })) } },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'Can it serve exact and fresh figures?',
  responses: {
    200: { description: 'Ready.', content: json(readinessSchema) },
    503: { description: 'Starting, stalled, or an engine is down: see `reasons`.', content: json(readinessSchema) },
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Operation'],
  summary: 'Metrics in the Prometheus text format',
  responses: { 200: { description: 'All metrics.', content: { 'text/plain': { schema: z.string() } } } },
});

/** /healthz, /readyz and /metrics: for operators, without a token and without anything of a brand. */
export function addHealth(
  app: OpenAPIHono<ApiEnv>,
  readiness: () => Readiness | Promise<Readiness>,
  registry: Registry,
): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'alive' as const }, 200));
  app.openapi(readyRoute, async (c) => {
    const { reasons, details = {} } = await readiness();
    c.header('cache-control', 'no-store');
    return reasons.length === 0
      ? c.json({ status: 'ready' as const, reasons: [], details }, 200)
      : c.json({ status: 'not ready' as const, reasons: [...reasons], details }, 503);
  });
  app.openapi(metricsRoute, async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
}
