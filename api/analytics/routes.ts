import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Registry } from 'prom-client';
import type { Log } from '../../runtime/log.ts';
import { isPlatformRole } from '../auth/roles.ts';
import { type ApiEnv, identityOf } from '../context.ts';
import { Problem } from '../problem.ts';
import { problemResponses } from '../problem-schema.ts';
import { answerSchema, catalogueSchema, explanationSchema, rowsSchema } from './answer-schema.ts';
import { StreamProgress } from './as-of.ts';
import { type Asker, BrandCache, resolveAsker } from './asker.ts';
import { catalogue } from './catalogue.ts';
import type { LiveLimits } from './live/live-figures.ts';
import { addLiveFigures } from './live/route.ts';
import { explainQuery, type KpiAnswer, runQuery } from './query.ts';
import { type KpiQuery, kpiQuerySchema, kpiRowsSchema } from './request.ts';
import { runRows } from './rows/query-rows.ts';
import { rowsBehind } from './rows/rows-behind.ts';
import { SharedWork } from './shared-work.ts';
import type { AnalyticsReader } from './tenant-clickhouse.ts';

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });
const security = [{ bearer: [] }];
const headers = z.object({
  'x-tenant-id': z.string().optional().openapi({
    description: "Id or slug of a brand. Narrows a platform role's question; a brand's token admits its own only.",
  }),
});
const body = { body: { required: true, content: json(kpiQuerySchema) } };

const catalogueRoute = createRoute({
  method: 'get',
  path: '/api/v1/kpis',
  tags: ['KPIs'],
  summary: 'The KPI catalogue: what each is, how it is computed, what it leaves out',
  security,
  responses: {
    200: { description: 'Those you may ask for.', content: json(catalogueSchema) },
    ...problemResponses(401, 403),
  },
});

const queryRoute = createRoute({
  method: 'post',
  path: '/api/v1/kpis/query',
  tags: ['KPIs'],
  summary: 'Figures of KPIs over a time range, by time and dimensions',
  security,
  request: { headers, ...body },
  responses: {
    200: { description: 'Exact figures and what they reflect.', content: json(answerSchema) },
    ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503),
  },
});

const explainRoute = createRoute({
  method: 'post',
  path: '/api/v1/kpis/explain',
  tags: ['KPIs'],
  summary: 'The SQL that gives the figures of a query on the marts',
  security,
  request: { headers, ...body },
  responses: {
    200: { description: 'ClickHouse SQL, tenant-scoped.', content: json(explanationSchema) },
    ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503),
  },
});

const rowsRoute = createRoute({
  method: 'post',
  path: '/api/v1/kpis/rows',
  tags: ['KPIs'],
  summary: 'The rows behind a figure: orders, customers or stock that add up to it',
  security,
  request: { headers, body: { required: true, content: json(kpiRowsSchema) } },
  responses: {
    200: { description: 'Rows and figure of one moment.', content: json(rowsSchema) },
    ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503),
  },
});

export interface AnalyticsDependencies {
  /** Null while the analytics store is not up. */
  readonly reader: () => AnalyticsReader | null;
  readonly now?: () => Date;
  readonly log: Log;
  /** Fires when the API stops; live figures end then. */
  readonly closing?: AbortSignal;
  readonly liveLimits?: Partial<LiveLimits>;
}

/** All that an answer depends on: whose figures, seen with which rights, of which moment, and the question. */
function answerKey(query: KpiQuery, { isPlatform, brand, asOf }: Asker): string {
  return JSON.stringify([isPlatform, brand, asOf, query]);
}

/** The KPI endpoints. */
export function addAnalytics(
  app: OpenAPIHono<ApiEnv>,
  { reader, now = () => new Date(), ...deps }: AnalyticsDependencies & { readonly registry: Registry },
): void {
  const brands = new BrandCache();
  const progress = new StreamProgress();
  const answers = new SharedWork<KpiAnswer>();
  const asker = (c: Context<ApiEnv>, at: Date): Promise<Asker> => {
    const readers = reader();
    if (readers === null) {
      throw new Problem('unavailable', 'The analytics store is starting.', { headers: { 'retry-after': '2' } });
    }
    return resolveAsker(identityOf(c), c.req.header('x-tenant-id'), readers, brands, progress, at, c.get('signal'));
  };

  app.openapi(catalogueRoute, (c) => {
    const mayAll = isPlatformRole(identityOf(c).role);
    const kpis = catalogue
      .filter(({ platformOnly }) => mayAll || !platformOnly)
      .map((kpi) => {
        const { compute: _, isState = false, platformOnly = false, dimensions, ...rest } = kpi;
        return {
          ...rest,
          dimensions: dimensions.filter((dimension) => mayAll || dimension !== 'brand'),
          rows: [...rowsBehind(kpi)],
          ...{ isState, platformOnly },
        };
      });
    return c.json({ kpis }, 200);
  });

  app.openapi(queryRoute, async (c) => {
    const query = c.req.valid('json');
    const at = now();
    const asking = await asker(c, at);
    const compute = (signal: AbortSignal) => runQuery(query, asking, at, signal);
    const answer = await answers.do(answerKey(query, asking), c.get('signal'), compute);
    c.header('cache-control', 'no-store');
    return c.json(answer as z.input<typeof answerSchema>, 200);
  });

  app.openapi(rowsRoute, async (c) => {
    const question = c.req.valid('json');
    const at = now();
    const answer = await runRows(question, await asker(c, at), at, c.get('signal'));
    c.header('cache-control', 'no-store');
    return c.json(answer as z.input<typeof rowsSchema>, 200);
  });

  app.openapi(explainRoute, async (c) => {
    const query = c.req.valid('json');
    const at = now();
    const sql = await explainQuery(query, await asker(c, at), at, c.get('signal'));
    return c.json({ dialect: 'clickhouse' as const, sql }, 200);
  });

  addLiveFigures(app, { ...deps, reader, now, limits: deps.liveLimits }, (c) => asker(c, now()));
}
