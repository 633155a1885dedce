/** Point look-ups for the sample: a few rows of each side, found by index. */
import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import type { AdminPool } from '../sql/postgres.ts';
import { clickHouseRowText, postgresRowText, quoteClickHouse, quotePostgres, readableRow } from './canonical-text.ts';
import type { PublishedColumn, PublishedTable } from './published-tables.ts';
import { keyColumns } from './row-hashes.ts';

/** How raw finds a row: a child's parent comes before its own key. */
export interface RawIdentity {
  /** Sort key expressions, e.g. `toUInt128(order_id)`, and the column of each. */
  readonly expressions: readonly string[];
  readonly columns: readonly PublishedColumn[];
}

export interface SampledRow {
  /** Canonical text of the primary key. */
  readonly key: string;
  /** Canonical text of the raw identity. */
  readonly identity: string;
  /** Canonical text of the row; null where it is known to be deleted. */
  readonly text: string | null;
}

export async function readIdentity(clickhouse: ClickHouseClient, table: PublishedTable): Promise<RawIdentity> {
  const [row] = await queryRows<{ sorting_key: string }>(
    clickhouse,
    `SELECT sorting_key FROM system.tables WHERE database = 'raw' AND name = {table:String}`,
    { table: table.name },
  );
  // A key of one expression is told in parentheses.
  const expressions = (row?.sorting_key ?? '').replace(/^\((.*)\)$/, '$1').split(', ');
  const columns = expressions.map((expression) => {
    const name = expression.replace(/^\w+\((.*)\)$/, '$1').replaceAll('`', '');
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new Error(`raw.${table.name} is sorted by ${expression}, which is not published`);
    return column;
  });
  return { expressions, columns };
}

const selectPostgres = (table: PublishedTable, identity: RawIdentity) =>
  `SELECT ${postgresRowText(keyColumns(table))} AS key, ${postgresRowText(identity.columns)} AS identity,
     ${postgresRowText(table.columns)} AS text
   FROM commerce.${quotePostgres(table.name)} t`;

/** Rows that lie anywhere in the Postgres table: random places of random blocks. Reads no more than those. */
export async function randomRows(
  postgres: AdminPool,
  table: PublishedTable,
  identity: RawIdentity,
  count: number,
): Promise<SampledRow[]> {
  const name = `commerce.${quotePostgres(table.name)}`;
  const { rows } = await postgres.query<SampledRow>(
    `WITH size AS (SELECT greatest(pg_relation_size('${name}') / current_setting('block_size')::int, 1) AS blocks),
     places AS (
       SELECT format('(%s,%s)', floor(random() * blocks)::bigint, 1 + floor(random() * 60)::int)::tid AS place
       FROM size, generate_series(1, $1::int * 20)
     )
     ${selectPostgres(table, identity)} WHERE ctid = ANY (ARRAY (SELECT place FROM places))
     ORDER BY random() LIMIT $1`,
    [count],
  );
  return rows;
}

/** Rows by primary key. */
export async function rowsByKey(
  postgres: AdminPool,
  table: PublishedTable,
  identity: RawIdentity,
  keys: readonly string[],
): Promise<SampledRow[]> {
  if (keys.length === 0) return [];
  const columns = keyColumns(table);
  const values = keys.map((key) => Object.values(readableRow(columns, key)));
  const lists = columns.map((column, index) => `unnest($${index + 1}::text[])::${column.type}`);
  const { rows } = await postgres.query<SampledRow>(
    `${selectPostgres(table, identity)}
     WHERE (${columns.map(({ name }) => quotePostgres(name)).join(', ')}) IN (SELECT ${lists.join(', ')})`,
    columns.map((_, index) => values.map((value) => value[index])),
  );
  return rows;
}

const selectRaw = (table: PublishedTable, identity: RawIdentity) =>
  `SELECT ${clickHouseRowText(keyColumns(table))} AS key, ${clickHouseRowText(identity.columns)} AS identity,
     ${clickHouseRowText(table.columns)} AS text
   FROM raw.${quoteClickHouse(table.name)}`;

/**
 * Rows that reached raw last, deleted ones too. Their text may be outdated already. Read from the parts that hold the newest
 * inserts: by block number, for a merge gives old rows a part of a new time.
 */
export async function recentRows(
  clickhouse: ClickHouseClient,
  table: PublishedTable,
  identity: RawIdentity,
  count: number,
): Promise<SampledRow[]> {
  return queryRows<SampledRow>(
    clickhouse,
    `${selectRaw(table, identity)}
     WHERE _part IN (
       SELECT name FROM system.parts WHERE database = 'raw' AND table = {table:String} AND active
       ORDER BY max_block_number DESC LIMIT 2
     )
     ORDER BY _version DESC LIMIT {count:UInt32}`,
    { table: table.name, count },
  );
}

function literal(column: PublishedColumn, expression: string, value: string): string {
  const quoted = `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (column.type === 'uuid')
    return expression.startsWith('toUInt128(') ? `toUInt128(toUUID(${quoted}))` : `toUUID(${quoted})`;
  if (column.type === 'date') return `toDate32(${quoted})`;
  return /^int\d$/.test(column.type) ? value : quoted;
}

/** Live rows of raw by identity. */
export async function rawRows(
  clickhouse: ClickHouseClient,
  table: PublishedTable,
  identity: RawIdentity,
  identities: readonly string[],
): Promise<SampledRow[]> {
  if (identities.length === 0) return [];
  const tuples = identities.map((text) => {
    const values = Object.values(readableRow(identity.columns, text));
    const literals = identity.columns.map((column, i) =>
      literal(column, identity.expressions[i] ?? '', values[i] ?? ''),
    );
    return `(${literals.join(', ')})`;
  });
  return queryRows<SampledRow>(
    clickhouse,
    `${selectRaw(table, identity)} FINAL WHERE (${identity.expressions.join(', ')}) IN (${tuples.join(', ')})`,
  );
}
