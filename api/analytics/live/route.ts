import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Gauge, type Registry } from 'prom-client';
import type { Log } from '../../../runtime/log.ts';
import type { Identity } from '../../auth/token.ts';
import { type ApiEnv, identityOf } from '../../context.ts';
import { Problem } from '../../problem.ts';
import { problemResponses } from '../../problem-schema.ts';
import type { Asker } from '../asker.ts';
import type { AnalyticsReader } from '../tenant-clickhouse.ts';
import { defaultLimits, LiveFigures, type LiveLimits } from './live-figures.ts';
import { MOST_QUERIES, parseQueries, streamParameters } from './stream-request.ts';

const example = `retry: 1800

event: figures
id: 0/1A2B3C4;q83nAx0p
data: {"query":0,"asOf":{"commitTime":"2026-01-31T09:00:00.000001Z","position":"0/1A2B3C4","state":"live"},"rows":[{"orders":7}],"comparison":null,"measures":[{"id":"orders","name":"Orders","unit":"count","definitionVersion":1}],"timezone":"Europe/London","currency":null}

event: as-of
id: 0/1A2B3C9;q83nAx0p
data: {"commitTime":"2026-01-31T09:00:05.000001Z","position":"0/1A2B3C9","state":"idle"}

`;

const description = `Server-sent events; \`EventSource\` (cookies) and \`fetch\` (\`Authorization\`) both read them. No token is taken from the URL.

| event | when | data |
|---|---|---|
| \`figures\` | at once, and whenever the answer of a query has changed: within a second of the commit, at most 4 a second | \`query\` (its place in the URL, from 0) and a \`KpiAnswer\` |
| \`problem\` | a query can not be answered any more; it is tried again, and \`figures\` follow when it can | \`query\` and a \`Problem\` (without \`requestId\`) |
| \`moved\` | something of the brand has changed (of any brand, if none is asked for), whether or not a figure has: within a second of the commit, at most once a second. Whoever shows rows asks for them again | \`position\` of the stream |
| \`as-of\` | at once, when the state changes, and now and then while positions move | what all figures sent reflect: \`asOf\` of a \`KpiAnswer\` |
| \`bye\` | the stream ends; come again after \`retry\` | \`reason\`: \`shutdown\` or \`access-ended\` (the token has expired or was revoked: get a new one first) |

Ids are opaque. Who sends the last one as \`Last-Event-ID\` is sent only the answers that differ from those it has. Comments keep an idle
connection alive every 15 s. Up to ${MOST_QUERIES} queries share a stream; a user has at most ${defaultLimits.streamsPerUser} streams.`;

const streamRoute = createRoute({
  method: 'get',
  path: '/api/v1/kpis/stream',
  tags: ['KPIs'],
  summary: 'Live figures: the answers of KPI queries, again whenever they change',
  description,
  security: [{ bearer: [] }],
  request: {
    query: streamParameters,
    headers: z.object({
      'x-tenant-id': z.string().optional().openapi({
        description: "Id or slug of a brand. Narrows a platform role's question; a brand's token admits its own only.",
      }),
      'last-event-id': z.string().optional().openapi({ description: 'Id of the last event that was read.' }),
    }),
  },
  responses: {
    200: {
      description: 'Events, without end.',
      content: { 'text/event-stream': { schema: z.string(), example } },
    },
    ...problemResponses(400, 401, 403, 404, 422, 429, 503),
  },
});

export interface LiveDependencies {
  readonly reader: () => AnalyticsReader | null;
  readonly now: () => Date;
  readonly log: Log;
  readonly registry: Registry;
  /** Fires when the API stops: every stream says good-bye. */
  readonly closing?: AbortSignal;
  readonly limits?: Partial<LiveLimits>;
}

/** The endpoint of live figures. `askerOf` resolves who asks for which brand, or throws a problem. */
export function addLiveFigures(
  app: OpenAPIHono<ApiEnv>,
  { reader, now, log, registry, closing, limits }: LiveDependencies,
  askerOf: (c: Context<ApiEnv>) => Promise<Asker>,
): void {
  const live = new LiveFigures({
    ...{ reader, now, limits: { ...defaultLimits, ...limits } },
    onFailure: (problem) => log.error({ err: problem?.cause ?? problem }, 'live figures'),
  });
  closing?.addEventListener('abort', () => live.close());
  addGauges(registry, live);

  app.openapi(streamRoute, async (c) => {
    const identity = identityOf(c);
    const queries = parseQueries(c.req.valid('query').query);
    const asker = await askerOf(c);
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    // Its body would never be read.
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const body = await live.open(
      {
        ...{ asker, queries },
        user: `${identity.tenantId ?? 'platform'} ${identity.subject}`,
        lastEventId: c.req.header('last-event-id'),
        mayStill: () => isAdmitted(c, identity),
        cut: cutOf(c),
      },
      c.get('signal'),
    );
    return c.body(body, 200, headers);
  });
}

/** Whether the same may ask still: a token expires, a session ends, a role changes. */
async function isAdmitted(c: Context<ApiEnv>, { role, tenantId }: Identity): Promise<boolean> {
  try {
    const { identity } = await c.get('admit')();
    return identity.role === role && identity.tenantId === tenantId;
  } catch (error) {
    // A database that is away ends nobody's access.
    return !(error instanceof Problem && (error.status === 401 || error.status === 403));
  }
}

/** Node's response behind a request; absent in tests without a server. */
function cutOf({ env }: Context): (() => void) | null {
  const outgoing = (env as { outgoing?: { destroy(): void } } | undefined)?.outgoing;
  return outgoing === undefined ? null : () => outgoing.destroy();
}

function addGauges(registry: Registry, live: LiveFigures): void {
  const gauges = {
    streams: 'Open streams of live figures.',
    queries: 'Different queries they ask.',
    computed: 'Answers computed for them since the start.',
    computations: 'Computations that took: one for all brands that ask the same at the same moment.',
    dropped: 'Streams cut off because their clients did not read.',
  } as const;
  for (const [name, help] of Object.entries(gauges) as [keyof typeof gauges, string][]) {
    new Gauge({
      ...{ name: `uco_live_${name}`, help, registers: [registry] },
      collect() {
        this.set(live.counts[name]);
      },
    });
  }
}
