import type { ColumnSchema, TableSchema } from '../cdc/change-source.ts';
import { fieldType } from '../cdc/type-map.ts';
import { Failure } from '../runtime/failure.ts';
import { type ClickHouseClient, queryRows, quoteIdentifier, quoteString } from './clickhouse.ts';

/**
 * Children whose rows are found by their parent: its key comes first in their sort key, so that "the lines of these orders"
 * reads a few granules (a skip index or a projection was six to ten times slower with FINAL).
 */
const PARENT_KEYS: Readonly<Record<string, string>> = {
  order_items: 'order_id',
  payments: 'order_id',
  shipments: 'order_id',
  return_items: 'return_id',
  shipment_items: 'shipment_id',
};

/** Oid of uuid. UUIDs sort by their second half in ClickHouse, which has no locality for UUIDv7; as UInt128 they sort by time. */
const UUID_OID = 2950;

/** What every raw table has after the columns of its Postgres table. */
const SYSTEM_COLUMNS = { _version: 'UInt64', _deleted: 'UInt8', _commit_time: "DateTime64(6, 'UTC')" } as const;

/**
 * index_granularity and block sizes: look-ups by key 2–4 times cheaper. merge_selector: the default re-merges the newest large
 * part with tiny ones about once a second. fsync: an acknowledged position must survive a power cut.
 */
const SETTINGS = [
  'index_granularity = 256',
  'min_compress_block_size = 4096',
  'max_compress_block_size = 16384',
  'merge_selector_base = 16',
  'merge_selector_enable_heuristic_to_lower_max_parts_to_merge_at_once = 0',
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
];

/** Names of the columns that identify a row in raw, in sort order. A change of one is a tombstone and an insert. */
export function sortKeyColumns(table: TableSchema): string[] {
  const key = keyColumns(table).map((column) => column.name);
  const parent = PARENT_KEYS[table.name];
  if (parent === undefined || key.includes(parent) || !table.columns.some((column) => column.name === parent))
    return key;
  const [tenant, ...rest] = key;
  return tenant === 'tenant_id' ? [tenant, parent, ...rest] : [parent, ...key];
}

/** The statement that creates a table's mirror; the same schema always gives the same text. */
export function createRawTable(table: TableSchema, database = 'raw'): string {
  const columns = [
    ...table.columns.map((column) => `${quoteIdentifier(column.name)} ${fieldType(column).clickhouse}`),
    ...Object.entries(SYSTEM_COLUMNS).map(([name, type]) => `${name} ${type}`),
  ];
  return `CREATE TABLE IF NOT EXISTS ${database}.${quoteIdentifier(table.name)} (
  ${columns.join(',\n  ')}
) ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (${sortKeyColumns(table)
    .map((name) => sortExpression(table, name))
    .join(', ')})
SETTINGS ${SETTINGS.join(', ')}`;
}

/** Brings the raw tables in line with the published ones: creates tables, adds columns. Throws Failure where it can't. */
export async function ensureRawTables(
  client: ClickHouseClient,
  tables: readonly TableSchema[],
  defaults: MissingValues = {},
): Promise<void> {
  const existing = await existingColumns(client);
  for (const table of tables) {
    const columns = existing.get(table.name);
    const statements = columns ? alterRawTable(table, columns, defaults[table.name]) : [createRawTable(table)];
    for (const query of statements) await client.command({ query });
  }
}

/** table → column → text of the value that rows have which were there before the column was added. */
export type MissingValues = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

/** Statements that turn an existing mirror into the wanted one. Throws Failure when no harmless statement can. */
export function alterRawTable(
  table: TableSchema,
  existing: ReadonlyMap<string, string>,
  missing: Readonly<Record<string, string>> = {},
): string[] {
  const name = `raw.${quoteIdentifier(table.name)}`;
  const key = new Set(sortKeyColumns(table));
  return table.columns.flatMap((column) => {
    const wanted = fieldType(column).clickhouse;
    const actual = existing.get(column.name);
    const quoted = quoteIdentifier(column.name);
    if (actual === undefined) {
      if (key.has(column.name)) throw incompatible(table, column, 'is not there, but part of the key', wanted);
      const value = missing[column.name];
      const fallback = value === undefined ? '' : ` DEFAULT CAST(${quoteString(value)} AS ${wanted})`;
      return [`ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${quoted} ${wanted}${fallback}`];
    }
    if (sameType(actual, wanted) || sameType(actual, `Nullable(${wanted})`)) return [];
    if (!key.has(column.name) && sameType(`Nullable(${actual})`, wanted)) {
      return [`ALTER TABLE ${name} MODIFY COLUMN ${quoted} ${wanted}`];
    }
    throw incompatible(table, column, `is ${actual}`, wanted);
  });
}

function incompatible(table: TableSchema, column: ColumnSchema, found: string, wanted: string): Failure {
  return new Failure(
    `raw.${table.name}.${column.name} ${found}, while Postgres' column needs ${wanted}.`,
    `If the stored values fit, run on ClickHouse: ALTER TABLE raw.${table.name} MODIFY COLUMN ${column.name} ${wanted}; ` +
      `else drop raw.${table.name} and the replication slot: the next start copies everything again.`,
  );
}

function sameType(a: string, b: string): boolean {
  return a.replaceAll(' ', '') === b.replaceAll(' ', '');
}

async function existingColumns(client: ClickHouseClient): Promise<Map<string, Map<string, string>>> {
  const rows = await queryRows<{ table: string; name: string; type: string }>(
    client,
    `SELECT table, name, type FROM system.columns WHERE database = 'raw'`,
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table, name, type } of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(name, type));
  }
  return tables;
}

/** Primary key columns in key order. Throws Failure for a table without one: its rows could not be told apart. */
export function keyColumns(table: TableSchema): ColumnSchema[] {
  const key = table.columns.filter((column) => column.keyOrder > 0).sort((a, b) => a.keyOrder - b.keyOrder);
  if (key.length > 0) return key;
  throw new Failure(
    `Table ${table.name} is published but has no primary key.`,
    `Run on Postgres: ALTER TABLE commerce.${table.name} ADD PRIMARY KEY (…), or take it out of the publication.`,
  );
}

function sortExpression(table: TableSchema, name: string): string {
  const column = table.columns.find((candidate) => candidate.name === name);
  // The tenant comes as it is, so that a filter on it needs no conversion; tenants don't need to sort by time.
  const wrapped = column?.typeOid === UUID_OID && name !== 'tenant_id';
  return wrapped ? `toUInt128(${quoteIdentifier(name)})` : quoteIdentifier(name);
}
