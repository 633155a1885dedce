// Given raw rows, expect model rows: what the tests of the models are written in. Real engines; raw tables as ingestion makes them.
import { createHash } from 'node:crypto';
import { readCatalog } from '../cdc/catalog.ts';
import { type ClickHouseClient, createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { ensureRawTables } from '../ingestion/raw-schema.ts';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from '../sql/migrate-postgres.ts';
import { connectAdmin } from '../sql/postgres.ts';
import { GROUP_KEY_COLUMNS } from './groups.ts';
import { createRefresher, type Refresher } from './refresh.ts';
import { createFacts, createMarts } from './schema.ts';

type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;
/** table → rows. Values of uuid columns may be short names (`o1`): see `uuid`. Columns left out have their defaults. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

export interface ModelTest {
  readonly engines: TestEngines;
  readonly clickhouse: ClickHouseClient;
  readonly refresher: Refresher;
  /** Empties every raw table and fact. */
  reset(): Promise<void>;
  /** Stores rows in raw, each call at a newer position, and nothing more: facts are stale. */
  store(rows: Rows): Promise<void>;
  /** Stores rows (`_deleted: 1` deletes) and recomputes the facts of the groups they belong to. */
  given(rows: Rows): Promise<void>;
  /** Rows of a model, `columns` only, uuids as short names, decimals as text, sorted by all columns. */
  rows(model: string, columns: string): Promise<Row[]>;
  /** Position of the last rows stored. */
  version(): bigint;
  stop(): Promise<void>;
}

/** What a row has where a test does not care. */
const DEFAULTS: Readonly<Record<string, Row>> = {
  orders: { tenant_id: 't1', status: 'confirmed', currency: 'EUR', placed_at: '2024-03-01 10:00:00' },
  order_items: { tenant_id: 't1', line_no: 1, variant_id: 'v1', sku: 'A', quantity: 1, unit_price: '10' },
  shipments: { tenant_id: 't1', status: 'shipped' },
  returns: { tenant_id: 't1', status: 'refunded', currency: 'EUR', refunded_at: '2024-03-05 09:00:00' },
  return_items: { tenant_id: 't1', line_no: 1, variant_id: 'v1', sku: 'A', quantity: 1, amount: '10' },
};

const names = new Map<string, string>();

/** A uuid that stands for a short name, always the same. */
export function uuid(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-7${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  names.set(id, name);
  return id;
}

export async function startModelTest(): Promise<ModelTest> {
  const engines = await startTestEngines();
  const clickhouse = createClickHouse(engines.clickhouseUrl);
  await createRawMirror(engines, clickhouse);
  await createFacts(clickhouse);
  await createMarts(clickhouse);
  const refresher = createRefresher(clickhouse);
  let version = 1n << 48n;

  const store = async (rows: Rows) => {
    version += 1n;
    for (const [table, given] of Object.entries(rows)) {
      const values = given.map((row) => ({ ...withUuids({ ...DEFAULTS[table], ...row }), _version: String(version) }));
      await clickhouse.insert({ table: `raw.${table}`, values, format: 'JSONEachRow' });
    }
  };

  return {
    engines,
    clickhouse,
    refresher,
    store,
    version: () => version,
    given: async (rows) => {
      await store(rows);
      await refresher.refresh(groupsOf(rows), version);
    },
    rows: async (model, columns) => {
      const final = model.startsWith('marts.') ? '' : 'FINAL';
      const found = await queryRows<Row>(
        clickhouse,
        `SELECT ${columns} FROM ${model} ${final} ORDER BY ALL SETTINGS output_format_json_quote_decimals = 1`,
      );
      return found.map(withNames);
    },
    reset: async () => {
      const tables = await queryRows<{ name: string }>(
        clickhouse,
        `SELECT concat(database, '.', name) AS name FROM system.tables WHERE database IN ('raw', 'facts')`,
      );
      for (const { name } of tables) await clickhouse.command({ query: `TRUNCATE TABLE ${name}` });
    },
    stop: async () => {
      await clickhouse.close();
      await engines.stop();
    },
  };
}

/** The keys that ingestion would report for these rows. */
export function groupsOf(rows: Rows): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [table, given] of Object.entries(rows)) {
    const key = GROUP_KEY_COLUMNS[table];
    if (!key) continue;
    const lines = groups.get(key.group) ?? new Set<string>();
    for (const row of given) {
      const full = withUuids({ ...DEFAULTS[table], ...row });
      lines.add(`${full.tenant_id}\t${full[key.column]}`);
    }
    groups.set(key.group, lines);
  }
  return groups;
}

async function createRawMirror(engines: TestEngines, clickhouse: ClickHouseClient): Promise<void> {
  await migratePostgres(engines.postgresUrl);
  const postgres = await connectAdmin(engines.postgresUrl);
  const { tables } = await readCatalog(postgres, 'uco');
  await postgres.end();
  for (const database of ['raw', 'facts', 'marts']) {
    await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  }
  await ensureRawTables(clickhouse, tables);
}

const isId = (column: string) => column === 'id' || column.endsWith('_id');

function withUuids(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      isId(column) && typeof value === 'string' && !value.includes('-') ? uuid(value) : value,
    ]),
  );
}

function withNames(row: Row): Row {
  const name = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(name) : typeof value === 'string' ? (names.get(value) ?? value) : value;
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, name(value) as Value]));
}
