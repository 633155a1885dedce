import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Registry } from 'prom-client';
import { WHOLE_STREAM } from '../analytics/as-of.ts';
import { type KpiAnswer, runQuery } from '../analytics/query.ts';
import { kpiQuerySchema } from '../analytics/request.ts';
import type { AnalyticsDependencies } from '../analytics/routes.ts';
import { bodyOf, reports, security } from '../commerce/endpoints.ts';
import type { ApiEnv } from '../context.ts';
import type { Readiness } from '../health.ts';
import { Problem } from '../problem.ts';
import type { AlertBook } from './alert-book.ts';
import { type Figures, healthMeasures, healthOf, rules } from './brand-health.ts';
import { alertsSchema, brandsSchema, historySchema, pipelineSchema } from './schema.ts';
import { TrafficWatch } from './traffic.ts';
import { type PlatformBrand, PlatformWatch } from './watch.ts';

const shared = { tags: ['Platform'], security };

const pipelineRoute = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/platform/pipeline',
  operationId: 'getPipeline',
  summary: 'The path from commit to figure: processes, stream, what waits, what differs, as of a few seconds ago',
  responses: reports(pipelineSchema, 'How it is.'),
});

const historyRoute = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/platform/history',
  operationId: 'getPipelineHistory',
  summary: 'The last hour of the path, as far as this process saw it',
  responses: reports(historySchema, 'A beat every few seconds, oldest first.'),
});

const alertsRoute = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/platform/alerts',
  operationId: 'listAlerts',
  summary: 'What the platform itself knows to be wrong, and what was within the last hour',
  responses: reports(alertsSchema, 'Worst first; those that ended, newest first.'),
});

const brandsRoute = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/platform/brands',
  operationId: 'getBrandHealth',
  summary: 'Health of every brand by stated rules over a period, when each last changed, and the alerts',
  request: {
    body: bodyOf(kpiQuerySchema.pick({ timeRange: true, compareTo: true }).strict().openapi('HealthQuery')),
  },
  responses: reports(brandsSchema, 'All brands, what needs a look first.', 413, 415, 422),
});

export interface PlatformDependencies extends AnalyticsDependencies {
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** What waits and what differs, asked of the stream. With it the API looks at the platform all the time, else only when asked. */
  readonly findings?: () => Promise<unknown>;
}

/** /api/v1/platform: for those who look after all brands. */
export function addPlatform(
  app: OpenAPIHono<ApiEnv>,
  {
    reader,
    readiness,
    findings,
    log,
    closing,
    registry,
    now = () => new Date(),
  }: PlatformDependencies & { readonly registry: Registry },
): void {
  const traffic = new TrafficWatch(registry);
  const watch = new PlatformWatch({
    readiness,
    reader,
    log,
    traffic,
    now,
    findings: findings ?? (() => Promise.resolve(null)),
  });
  if (findings !== undefined && closing !== undefined) watch.start(closing);

  app.openapi(pipelineRoute, async (c) => {
    await watch.look();
    const { instance, findings: found, pulse } = watch;
    const slugs = new Map((await watch.brands().catch(() => [])).map(({ id, slug }) => [id, slug]));
    c.header('cache-control', 'no-store');
    return c.json(
      {
        ...{ reasons: [...instance.reasons], services: [...instance.services], stream: instance.stream },
        movedAt: pulse.movedAt,
        api: traffic.latest,
        deadLetters: (found?.deadLetters ?? []).map(({ tenantId, ...letter }) => ({
          ...letter,
          brand: slugs.get(tenantId) ?? null,
        })),
        drift: found?.drift ?? [],
        checks: found?.checks ?? [],
      },
      200,
    );
  });

  app.openapi(historyRoute, async (c) => {
    await watch.look();
    c.header('cache-control', 'no-store');
    return c.json({ beats: [...watch.pulse.beats] }, 200);
  });

  app.openapi(alertsRoute, async (c) => {
    await watch.look();
    c.header('cache-control', 'no-store');
    return c.json(alertsOf(watch.book), 200);
  });

  app.openapi(brandsRoute, async (c) => {
    const readers = reader();
    if (readers === null)
      throw new Problem('unavailable', 'The analytics store is starting.', { headers: { 'retry-after': '2' } });
    await watch.look();
    const signal = c.get('signal');
    const all = readers.forPlatform();
    const at = now();
    const ask = (measures: readonly string[], dimensions: readonly string[]) =>
      runQuery(
        kpiQuerySchema.parse({ ...c.req.valid('json'), measures, dimensions }),
        { isPlatform: true, brand: null, reader: all, asOf: NOTHING },
        at,
        signal,
      );
    const [brands, changes, counted, money] = await Promise.all([
      watch.brands(),
      all.query<{ id: string; at: string }>(newestChanges, signal),
      ask(healthMeasures.counted, ['brand']),
      ask(healthMeasures.money, ['brand', 'currency']),
    ]);
    const alerts = alertsOf(watch.book);
    const changedAt = new Map(changes.map((change) => [change.id, change.at]));
    const figuresOf = figuresByBrand(brands, counted, money);
    const items = brands
      .map(({ id, status, ...brand }) => ({
        ...{ id, ...brand, status, changedAt: changedAt.get(id) ?? null },
        health: healthOf({
          ...{ slug: brand.slug, isSuspended: status === 'suspended', alerts: alerts.current },
          now: figuresOf('rows', brand.slug),
          before: counted.comparison === null ? null : figuresOf('comparison', brand.slug),
        }),
      }))
      .map((brand) => ({ ...brand, health: { ...brand.health, reasons: [...brand.health.reasons] } }))
      .sort((a, b) => a.health.rank - b.health.rank);
    c.header('cache-control', 'no-store');
    return c.json({ items, rules: rules.map(({ id, tone, rule }) => ({ id, tone, rule })), alerts }, 200);
  });
}

/** Counts and shares of a brand, and money of its own currency: health needs no exchange rates. */
function figuresByBrand(brands: readonly PlatformBrand[], counted: KpiAnswer, money: KpiAnswer) {
  const own = new Map(brands.map(({ slug, currency }) => [slug, currency]));
  const indexed = (of: 'rows' | 'comparison') => {
    const ours = (money[of] ?? []).filter(({ brand, currency }) => own.get(String(brand)) === currency);
    return [counted[of] ?? [], ours].map((rows) => new Map(rows.map((row) => [String(row.brand), row])));
  };
  const maps = { rows: indexed('rows'), comparison: indexed('comparison') };
  return (of: 'rows' | 'comparison', slug: string): Figures => {
    const [counts, sums] = maps[of];
    return { ...sums?.get(slug), ...counts?.get(slug) };
  };
}

/** Health carries no position: the figures beside it do. */
const NOTHING = { commitTime: null, position: null, state: 'live' } as const;

const newestChanges = {
  sql: `SELECT toString(tenant_id) AS id, formatDateTime(commit_time, '%FT%T.%fZ', 'UTC') AS at
    FROM ops.progress FINAL WHERE tenant_id != {stream:UUID}`,
  parameters: { stream: WHOLE_STREAM },
};

function alertsOf({ current, ended }: AlertBook) {
  const plain = <T extends { readonly brands: readonly string[] }>(alert: T) => ({
    ...alert,
    brands: [...alert.brands],
  });
  return { current: current.map(plain), ended: ended.map(plain) };
}
