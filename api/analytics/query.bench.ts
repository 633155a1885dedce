// How long a brand waits for its 30-day KPIs beside everybody else's history, and how long on Postgres.
import { randomInt } from 'node:crypto';
import { queryRows } from '../../ingestion/clickhouse.ts';
import { createLog } from '../../runtime/log.ts';
import { type AdminClient, connectAdmin } from '../../sql/postgres.ts';
import { mintToken } from '../auth/token.ts';
import { type RunningApi, startApi } from '../listen.ts';
import { type ApiTest, startApiTest, TEST_SECRET } from '../testing.ts';

export interface QueryBenchOptions {
  /** Order lines of all brands together. */
  readonly items?: number;
  readonly brands?: number;
  readonly queries?: number;
}

export interface QueryBench {
  readonly name: 'query';
  readonly items: number;
  readonly brands: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** ClickHouse's CPU time per request, everything it does for it and meanwhile included. */
  readonly clickhouseCpuMs: number;
  /** The statement alone, as administrator: no HTTP, no token, no row policy, no position of the stream. */
  readonly postgresP50Ms: number;
  /** Postgres' median ÷ ours. */
  readonly ratio: number;
  readonly goal: { readonly p95Ms: 20; readonly ratio: 50 };
}

const LINES_PER_ORDER = 4;
const DAYS = 365;
const NOW = Date.UTC(2024, 11, 31, 12);
const WARM_UP = 10;
/** Orders stored by one statement, which is a part in ClickHouse. */
const CHUNK = 250_000;
/** The last 30 days of Berlin at NOW, the running one included. */
const WATCHED = { from: new Date('2024-12-01T23:00:00Z'), to: new Date('2024-12-31T23:00:00Z') };

/** Fills both stores with the same number of orders, over a year, and asks random brands for the last 30 days by day. */
export async function benchQuery(
  options: QueryBenchOptions = {},
  tell: (line: string) => void = () => {},
): Promise<QueryBench> {
  const { items = 10_000_000, brands = 200, queries = 200 } = options;
  const test = await startApiTest();
  test.now = new Date(NOW);
  const postgres = await connectAdmin(test.model.engines.postgresUrl);
  const api = await listen(test);
  try {
    await test.model.store({
      tenants: Array.from({ length: brands }, (_, n) => ({
        id: brandId(n),
        slug: `brand-${n}`,
        name: `Brand ${n}`,
        currency: 'EUR',
        timezone: 'Europe/Berlin',
        status: 'active',
      })),
    });
    await test.progress({ commit: test.now, applied: test.now });
    const orders = Math.ceil(items / LINES_PER_ORDER / brands) * brands;
    for (let from = 0; from < orders; from += CHUNK) {
      const to = Math.min(from + CHUNK, orders);
      await test.model.clickhouse.command({ query: fillFacts(from, to, orders / brands) });
      tell(`ClickHouse: ${to} of ${orders} orders`);
    }
    await fillPostgres(postgres, orders, brands, tell);
    const body = {
      measures: ['gross_sales', 'discounts', 'orders', 'units_sold', 'aov'],
      timeRange: { preset: 'last_30_days' },
      grain: 'day',
    };
    const tokens = await Promise.all(
      Array.from({ length: brands }, (_, n) =>
        mintToken({ role: 'brand_manager', secret: TEST_SECRET, tenant: brandId(n), ttl: '1d' }),
      ),
    );
    const before = await cpuMs(test);
    const ours = await times(queries, () => askHttp(api, tokens[randomInt(brands)] as string, body));
    const clickhouseCpuMs = Math.round(((await cpuMs(test)) - before) / (queries + WARM_UP));
    const theirs = await times(Math.min(queries, 40), async () => {
      await postgres.query(POSTGRES_QUERY, [brandId(randomInt(brands)), WATCHED.from, WATCHED.to]);
    });
    return {
      name: 'query',
      items: orders * LINES_PER_ORDER,
      brands,
      p50Ms: ours.p50,
      p95Ms: ours.p95,
      clickhouseCpuMs,
      postgresP50Ms: theirs.p50,
      ratio: theirs.p50 / ours.p50,
      goal: { p95Ms: 20, ratio: 50 },
    };
  } finally {
    await api.close(0);
    await postgres.end();
    await test.stop();
  }
}

/** The API on a port, as `up` has it. */
function listen(test: ApiTest): Promise<RunningApi> {
  return startApi({
    port: 0,
    host: '127.0.0.1',
    secret: TEST_SECRET,
    reader: () => test.reader,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
    now: () => test.now,
  });
}

async function askHttp(api: RunningApi, token: string, body: unknown): Promise<void> {
  const response = await fetch(`${api.url}/api/v1/kpis/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
}

async function cpuMs({ model }: ApiTest): Promise<number> {
  const sql = "SELECT sum(value) / 1000 AS ms FROM system.events WHERE event = 'OSCPUVirtualTimeMicroseconds'";
  const [row] = await queryRows<{ ms: number }>(model.clickhouse, sql);
  return Number(row?.ms ?? 0);
}

function brandId(n: number): string {
  return `00000000-0000-7000-8000-${String(n + 1).padStart(12, '0')}`;
}

async function times(count: number, run: () => Promise<void>): Promise<{ p50: number; p95: number }> {
  for (let warm = 0; warm < WARM_UP; warm++) await run();
  const all: number[] = [];
  for (let n = 0; n < count; n++) {
    const started = performance.now();
    await run();
    all.push(performance.now() - started);
  }
  all.sort((left, right) => left - right);
  const at = (share: number) =>
    Math.round((all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95) };
}

/**
 * Orders spread evenly over a year, brand after brand: the first fill goes by ranges of the sort key (transforms/build-all.ts),
 * so parts don't overlap. Ids carry their time.
 */
function fillFacts(from: number, to: number, perBrand: number): string {
  const millis = `${NOW} - (number * 7919 % ${DAYS * 86_400}) * 1000`;
  const line = (expression: string) => `arrayMap(n -> ${expression}, range(1, ${LINES_PER_ORDER + 1}))`;
  const price = '(number * 31 + n * 17) % 10000 / 100';
  return `INSERT INTO facts.orders (tenant_id, order_id, order_number, customer_id, status, channel, country, currency, is_test,
  placed_at, gross_sales, discounts, taxes, shipping_charged, cogs, net_with_cost, units_sold, lines_without_cost,
  \`lines.item_id\`, \`lines.line_no\`, \`lines.variant_id\`, \`lines.sku\`, \`lines.quantity\`, \`lines.gross_sales\`,
  \`lines.discounts\`, \`lines.taxes\`, \`lines.shipping_charged\`, \`lines.cogs\`, _version, _deleted)
SELECT toUUID(concat('00000000-0000-7000-8000-', leftPad(toString(intDiv(number, ${perBrand}) + 1), 12, '0'))),
  toUUID(concat(substring(lower(hex(toUInt64(${millis}))), 1, 8), '-', substring(lower(hex(toUInt64(${millis}))), 9, 4), '-7000-8000-',
    leftPad(lower(hex(number)), 12, '0'))),
  toString(number), NULL, 'delivered', ['web', 'shop', 'app'][number % 3 + 1], ['DE', 'FR', 'NP'][number % 3 + 1], 'EUR', false,
  fromUnixTimestamp64Milli(toInt64(${millis}), 'UTC'),
  arraySum(${line(`toDecimal128(${price}, 4) * 2`)}), 0, 0, 0, 0, 0, ${LINES_PER_ORDER * 2}, ${LINES_PER_ORDER},
  ${line('generateUUIDv7(n)')}, ${line('toInt32(n)')}, ${line('generateUUIDv7(n)')}, ${line("concat('sku-', toString((number + n) % 500))")},
  ${line('toInt32(2)')}, ${line(`toDecimal128(${price}, 4) * 2`)}, ${line('toDecimal128(0, 4)')}, ${line('toDecimal128(0, 4)')},
  ${line('toDecimal128(0, 4)')}, ${line("CAST(NULL, 'Nullable(Decimal(38, 4))')")}, 1, 0
FROM numbers(${from}, ${to - from})`;
}

/**
 * The same in Postgres, in tables like those of commerce: same columns, checks and indexes, without triggers and foreign keys. Unlogged,
 * and indexed once they are full: how they were filled does not show in what reading them takes.
 */
async function fillPostgres(
  postgres: AdminClient,
  orders: number,
  brands: number,
  tell: (line: string) => void,
): Promise<void> {
  const brand = `('00000000-0000-7000-8000-' || lpad((n % ${brands} + 1)::text, 12, '0'))::uuid`;
  const placed = `to_timestamp(${NOW / 1_000} - (n * 7919 % ${DAYS * 86_400}))`;
  const order = `('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid`;
  await postgres.query('CREATE SCHEMA bench_query');
  for (const table of ['orders', 'order_items']) {
    await postgres.query(
      `CREATE UNLOGGED TABLE bench_query.${table} (LIKE commerce.${table} INCLUDING ALL EXCLUDING INDEXES)`,
    );
  }
  for (let from = 0; from < orders; from += CHUNK) {
    const to = Math.min(from + CHUNK, orders);
    await postgres.query(`INSERT INTO bench_query.orders (tenant_id, id, order_number, status, currency, placed_at)
      SELECT ${brand}, ${order}, n::text, 'delivered', 'EUR', ${placed} FROM generate_series(${from}::bigint, ${to - 1}) n`);
    await postgres.query(`INSERT INTO bench_query.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
      SELECT ${brand}, ${order}, l, '00000000-0000-7000-9000-000000000001', 'sku-' || (n + l) % 500, 2, (n * 31 + l * 17) % 10000 / 100.0
      FROM generate_series(${from}::bigint, ${to - 1}) n, generate_series(1, ${LINES_PER_ORDER}) l`);
    tell(`Postgres: ${to} of ${orders} orders`);
  }
  const { rows } = await postgres.query<{ indexdef: string }>(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = 'commerce' AND tablename IN ('orders', 'order_items')`,
  );
  for (const { indexdef } of rows) await postgres.query(indexdef.replace(' ON commerce.', ' ON bench_query.'));
  await postgres.query('VACUUM ANALYZE bench_query.orders, bench_query.order_items');
  tell(`Postgres: ${rows.length} indexes made`);
}

const POSTGRES_QUERY = `
SELECT day, sum(gross) AS gross_sales, sum(discount) AS discounts, count(*) AS orders, sum(units) AS units_sold,
  (sum(gross) - sum(discount)) / count(*) AS aov
FROM (
  SELECT (o.placed_at AT TIME ZONE 'Europe/Berlin')::date AS day, o.id,
    sum(i.unit_price * i.quantity) AS gross, sum(i.discount) AS discount, sum(i.quantity) AS units
  FROM bench_query.orders o JOIN bench_query.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
  WHERE o.tenant_id = $1 AND o.placed_at >= $2 AND o.placed_at < $3 AND NOT o.is_test
  GROUP BY 1, 2
) AS orders
GROUP BY day ORDER BY day`;
