/**
 * What it costs to recompute the orders that changed, with little history and with ten times as much: the two stand side by
 * side in one server and are asked in turn, so that the ratio holds on a busy machine.
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
  /** Median cost of a refresh with `factor` times the history ÷ with the history once. */
  readonly ratio: number;
  readonly goal: 1.1;
  readonly met: boolean;
  readonly keysPerRefresh: number;
  /** Medians, milliseconds per refresh. */
  readonly milliseconds: { readonly once: number; readonly more: number };
  readonly orders: { readonly once: number; readonly more: number };
  /** Orders per second of a fill of everything, at the larger history. */
  readonly ordersPerSecondInBulk: number;
}

const TENANTS = 50;

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
    const milliseconds = await measure(clickhouse, sides, keys, rounds);
    const ratio = milliseconds.more / milliseconds.once;
    return {
      name: 'refresh',
      ratio,
      goal: 1.1,
      met: ratio <= 1.1,
      keysPerRefresh: keys,
      milliseconds,
      orders: counts,
      ordersPerSecondInBulk: Math.round(bulk),
    };
  } finally {
    await clickhouse.close();
    await engines.stop();
  }
}

type Sides = Readonly<Record<'once' | 'more', Databases>>;

async function measure(clickhouse: ClickHouseClient, sides: Sides, keys: number, rounds: number) {
  const warmUp = 5;
  const samples = { once: [] as number[], more: [] as number[] };
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const side of ['once', 'more'] as const) {
      const refresher = createRefresher(clickhouse, { databases: sides[side] });
      const changed = await queryRows<{ line: string }>(
        clickhouse,
        `SELECT concat(toString(tenant_id), '\t', toString(id)) AS line FROM ${sides[side].raw}.orders ORDER BY rand() LIMIT ${keys}`,
      );
      const lines = new Map([['orders', new Set(changed.map(({ line }) => line))]]);
      const begun = performance.now();
      await refresher.refresh(lines, (1n << 48n) + BigInt(round + 1));
      if (round >= warmUp) samples[side].push(performance.now() - begun);
    }
  }
  return { once: median(samples.once), more: median(samples.more) };
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

/** Orders spread evenly over a year and over the brands, straight into raw. */
async function generate(clickhouse: ClickHouseClient, { raw }: Databases, count: number): Promise<void> {
  const entities = `
    SELECT number AS n,
      toDateTime64('2024-01-01 00:00:00', 6, 'UTC') + toIntervalMillisecond(intDiv(number * 31536000000, ${count})) AS at,
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
}
