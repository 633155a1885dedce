/**
 * What it costs to recompute the orders that changed, with little history and with ten times as much: the two stand side by
 * side in one server and are asked in turn, so that the ratio holds on a busy machine.
 *
 * Which orders change is asked twice. `trade`: as trade changes them, most of them young (`LIFE`); the goal is about that.
 * `anyAge`: every order of the history is as likely as every other. There the cost grows, since the same keys lie in more
 * granules and ClickHouse has more of them to choose from; nobody trades like that, but a correction of old orders costs it.
 */
import { readCatalog } from '../cdc/catalog.ts';
import { type ClickHouseClient, createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { createRawTable } from '../ingestion/raw-schema.ts';
import { startTestEngines } from '../runtime/testing.ts';
import { migratePostgres } from '../sql/migrate-postgres.ts';
import { connectAdmin } from '../sql/postgres.ts';
import { buildAll } from './build-all.ts';
import { cloneDatabases, type Databases } from './databases.ts';
import { createRefresher } from './refresh.ts';

export interface RefreshBenchOptions {
  /** Orders of the smaller history; each has 3.5 lines and half of them a shipment. */
  readonly orders?: number;
  readonly factor?: number;
  /** Orders changed per refresh. */
  readonly keys?: number;
  readonly rounds?: number;
  readonly onProgress?: (line: string) => void;
}

export interface RefreshBenchReport {
  readonly name: 'refresh';
  /** That of `trade`, which the goal is about. */
  readonly ratio: number;
  readonly goal: 1.1;
  readonly met: boolean;
  readonly keysPerRefresh: number;
  readonly trade: Growth;
  readonly anyAge: Growth;
  readonly orders: { readonly once: number; readonly more: number };
  /** Orders per second of a fill of everything, at the larger history. */
  readonly ordersPerSecondInBulk: number;
}

export interface Growth {
  /** Median cost of a refresh with `factor` times the history ÷ with the history once. */
  readonly ratio: number;
  /** Medians, milliseconds per refresh. */
  readonly milliseconds: { readonly once: number; readonly more: number };
}

const TENANTS = 50;

/** Orders of a day, of all brands together: ten times the history is ten times as long, not ten times as busy. */
const ORDERS_PER_DAY = 2_740;

/** In which days of its life an order changes: the share of changes, and the age in days they reach back. */
const LIFE = [
  { share: 0.5, days: 1 }, // placed, paid, confirmed
  { share: 0.25, days: 3 }, // shipped
  { share: 0.2, days: 10 }, // delivered, cancelled
  { share: 0.05, days: Number.POSITIVE_INFINITY }, // corrected later
];

const ANY_AGE = [{ share: 1, days: Number.POSITIVE_INFINITY }];

export async function benchRefresh(options: RefreshBenchOptions = {}): Promise<RefreshBenchReport> {
  const { orders = 100_000, factor = 10, keys = 100, rounds = 60, onProgress = () => {} } = options;
  const engines = await startTestEngines();
  const clickhouse = createClickHouse(engines.clickhouseUrl);
  try {
    const sides = { once: cloneDatabases('once'), more: cloneDatabases('more') };
    const counts = { once: orders, more: orders * factor };
    let bulk = 0;
    for (const side of ['once', 'more'] as const) {
      onProgress(`preparing ${counts[side]} orders`);
      await createRaw(engines.postgresUrl, clickhouse, sides[side], side === 'once');
      await generate(clickhouse, sides[side], counts[side]);
      const begun = performance.now();
      for await (const _ of buildAll(clickhouse, 1n << 48n, { databases: sides[side] }));
      bulk = counts[side] / ((performance.now() - begun) / 1000);
    }
    onProgress('refreshing');
    const trade = await measure(clickhouse, sides, { keys, rounds, ages: LIFE });
    const anyAge = await measure(clickhouse, sides, { keys, rounds, ages: ANY_AGE });
    return {
      name: 'refresh',
      ratio: trade.ratio,
      goal: 1.1,
      met: trade.ratio <= 1.1,
      keysPerRefresh: keys,
      ...{ trade, anyAge },
      orders: counts,
      ordersPerSecondInBulk: Math.round(bulk),
    };
  } finally {
    await clickhouse.close();
    await engines.stop();
  }
}

type Sides = Readonly<Record<'once' | 'more', Databases>>;

type Ages = typeof LIFE;

interface Rounds {
  readonly keys: number;
  readonly rounds: number;
  readonly ages: Ages;
}

async function measure(clickhouse: ClickHouseClient, sides: Sides, { keys, rounds, ages }: Rounds): Promise<Growth> {
  const warmUp = 5;
  const samples = { once: [] as number[], more: [] as number[] };
  let version = await newestVersion(clickhouse, sides.more);
  for (let round = 0; round < rounds + warmUp; round += 1) {
    version += 1n;
    for (const side of ['once', 'more'] as const) {
      const refresher = createRefresher(clickhouse, { databases: sides[side] });
      const lines = new Map([['orders', await changedOrders(clickhouse, sides[side], keys, ages)]]);
      const begun = performance.now();
      await refresher.refresh(lines, version);
      if (round >= warmUp) samples[side].push(performance.now() - begun);
    }
  }
  const milliseconds = { once: median(samples.once), more: median(samples.more) };
  return { ratio: milliseconds.more / milliseconds.once, milliseconds };
}

async function newestVersion(clickhouse: ClickHouseClient, { facts }: Databases): Promise<bigint> {
  const [row] = await queryRows<{ version: string }>(
    clickhouse,
    `SELECT max(_version) AS version FROM ${facts}.orders`,
  );
  return BigInt(row?.version ?? 0);
}

/** `keys` orders of these ages, counted from the newest, as a change batch names them. */
async function changedOrders(clickhouse: ClickHouseClient, { raw }: Databases, keys: number, ages: Ages) {
  const picks = ages.map(({ share, days }) => {
    const since = Number.isFinite(days)
      ? `WHERE placed_at > (SELECT max(placed_at) FROM ${raw}.orders) - INTERVAL ${days} DAY`
      : '';
    return `(SELECT concat(toString(tenant_id), '\t', toString(id)) AS line FROM ${raw}.orders ${since}
      ORDER BY rand() LIMIT ${Math.round(share * keys)})`;
  });
  const rows = await queryRows<{ line: string }>(clickhouse, picks.join(' UNION ALL '));
  return new Set(rows.map(({ line }) => line));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function createRaw(postgresUrl: string, clickhouse: ClickHouseClient, databases: Databases, migrate: boolean) {
  if (migrate) await migratePostgres(postgresUrl);
  const postgres = await connectAdmin(postgresUrl);
  const { tables } = await readCatalog(postgres, 'uco');
  await postgres.end();
  await clickhouse.command({ query: `CREATE DATABASE ${databases.raw}` });
  for (const table of tables) await clickhouse.command({ query: createRawTable(table, databases.raw) });
}

/**
 * Orders spread evenly over the brands and over the days until the end of 2024, straight into raw. Merged, as ClickHouse
 * merges what is an hour old: the few parts that one large insert leaves by chance would be measured else.
 */
async function generate(clickhouse: ClickHouseClient, { raw }: Databases, count: number): Promise<void> {
  const entities = `
    SELECT number AS n,
      toDateTime64('2025-01-01 00:00:00', 6, 'UTC') - toIntervalMillisecond(intDiv((${count} - number) * 86400000, ${ORDERS_PER_DAY})) AS at,
      lower(leftPad(hex(toUInt64(toUnixTimestamp64Milli(at))), 16, '0')) AS time,
      lower(leftPad(hex(number), 16, '0')) AS tail,
      toUUID(concat(substring(time, 5, 8), '-', substring(time, 13, 4), '-7000-8000-', substring(tail, 5))) AS id,
      toUUID(concat('00000000-0000-7000-8000-', leftPad(toString(n % ${TENANTS} + 1), 12, '0'))) AS tenant_id
    FROM numbers(${count})`;
  const item = `toUUID(concat(substring(time, 5, 8), '-', substring(time, 13, 4), '-7000-800', toString(line_no), '-', substring(tail, 5)))`;
  await clickhouse.command({
    query: `INSERT INTO ${raw}.orders (tenant_id, id, order_number, status, channel, currency, placed_at, _version)
      SELECT tenant_id, id, toString(n), 'shipped', 'web', 'EUR', at, 1 FROM (${entities})`,
  });
  await clickhouse.command({
    query: `INSERT INTO ${raw}.order_items
      (tenant_id, id, order_id, line_no, variant_id, sku, quantity, unit_price, unit_cost, _version)
      SELECT tenant_id, ${item}, id, line_no, id, concat('SKU', toString(n % 1000)), 2, 9.95, 4, 1
      FROM (${entities}) ARRAY JOIN range(1, toUInt8(3 + n % 4)) AS line_no`,
  });
  await clickhouse.command({
    query: `INSERT INTO ${raw}.shipments (tenant_id, id, order_id, status, shipped_at, _version)
      SELECT tenant_id, id, id, 'shipped', at, 1 FROM (${entities}) WHERE n % 2 = 0`,
  });
  for (const table of ['orders', 'order_items', 'shipments']) {
    await clickhouse.command({ query: `OPTIMIZE TABLE ${raw}.${table} FINAL` });
  }
}
