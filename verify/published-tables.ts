import type { AdminClient } from '../sql/postgres.ts';

export interface PublishedColumn {
  readonly name: string;
  /** Name of the base type (domains resolved); of arrays the element's, with `array` set. */
  readonly type: string;
  readonly array: boolean;
  /** Digits after the point of a numeric with a declared scale, else null. */
  readonly scale: number | null;
  readonly notNull: boolean;
}

export interface PublishedTable {
  readonly name: string;
  readonly columns: readonly PublishedColumn[];
  /** Primary key columns in their order. */
  readonly key: readonly string[];
  /** The column that names the brand a row belongs to; null for tables all brands share. */
  readonly tenantColumn: string | null;
}

// Read from the catalogue again, on purpose: a mistake in the mirror's own reading of it must not be repeated here.
const query = `
  WITH RECURSIVE columns AS (
    SELECT p.tablename, a.attname, a.attnum, a.attnotnull, a.atttypid AS type, a.atttypmod AS typmod, c.oid AS relation
    FROM pg_publication_tables p
    JOIN pg_class c ON c.relname = p.tablename AND c.relnamespace = p.schemaname::regnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (p.attnames)
    WHERE p.pubname = $1
  ), resolved AS (
    SELECT * FROM columns
    UNION ALL
    SELECT r.tablename, r.attname, r.attnum, r.attnotnull, t.typbasetype,
      CASE WHEN r.typmod = -1 THEN t.typtypmod ELSE r.typmod END, r.relation
    FROM resolved r JOIN pg_type t ON t.oid = r.type AND t.typtype = 'd'
  )
  SELECT r.tablename AS "table", r.attname AS name, r.attnotnull AS "notNull", r.typmod,
    coalesce(e.typname, t.typname) AS type, e.oid IS NOT NULL AS "array",
    array_position(i.indkey::int2[], r.attnum) AS "keyPlace"
  FROM resolved r
  JOIN pg_type t ON t.oid = r.type AND t.typtype <> 'd'
  LEFT JOIN pg_type e ON e.typarray = t.oid
  LEFT JOIN pg_index i ON i.indrelid = r.relation AND i.indisprimary
  ORDER BY r.tablename, r.attnum`;

interface ColumnRow {
  table: string;
  name: string;
  notNull: boolean;
  typmod: number;
  type: string;
  array: boolean;
  keyPlace: number | null;
}

function scaleOf(row: ColumnRow): number | null {
  if (row.type !== 'numeric' || row.typmod < 4) return null;
  return (((row.typmod - 4) & 0x7ff) ^ 1024) - 1024;
}

function tenantColumnOf(table: string, columns: readonly ColumnRow[]): string | null {
  if (table === 'tenants') return 'id';
  return columns.some(({ name }) => name === 'tenant_id') ? 'tenant_id' : null;
}

/** The tables a publication names, with the columns it sends, from Postgres' catalogue. */
export async function readPublishedTables(client: AdminClient, publication = 'uco'): Promise<PublishedTable[]> {
  const { rows } = await client.query<ColumnRow>(query, [publication]);
  const byTable = new Map<string, ColumnRow[]>();
  for (const row of rows) byTable.set(row.table, [...(byTable.get(row.table) ?? []), row]);
  return [...byTable].map(([name, columns]) => ({
    name,
    columns: columns.map((row) => ({
      name: row.name,
      type: row.type,
      array: row.array,
      scale: scaleOf(row),
      notNull: row.notNull,
    })),
    key: columns
      .filter(({ keyPlace }) => keyPlace !== null)
      .sort((a, b) => (a.keyPlace ?? 0) - (b.keyPlace ?? 0))
      .map(({ name: column }) => column),
    tenantColumn: tenantColumnOf(name, columns),
  }));
}
