/** What a publication carries, read from the Postgres catalogue. */
import type { ClientBase } from 'pg';
import type { ColumnSchema, TableSchema } from './change-source.ts';

/** A base type: domains are followed to what they are made of. */
export interface BaseType {
  readonly typeOid: number;
  readonly typeModifier: number;
}

export interface PublishedTable extends TableSchema {
  readonly schema: string;
}

export interface Catalog {
  readonly tables: readonly PublishedTable[];
  /** Oid of every domain → its base type. */
  readonly domains: ReadonlyMap<number, BaseType>;
}

interface ColumnRow {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type_oid: number;
  readonly type_modifier: number;
  readonly not_null: boolean;
  readonly key_order: number;
}

// A domain may be made of a domain; the innermost type modifier that is set counts.
const domainsSql = `
WITH RECURSIVE resolved AS (
  SELECT oid AS domain, typbasetype AS base, typtypmod AS modifier FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT r.domain, t.typbasetype, CASE WHEN r.modifier = -1 THEN t.typtypmod ELSE r.modifier END
  FROM resolved r JOIN pg_type t ON t.oid = r.base WHERE t.typtype = 'd'
)
SELECT r.domain::int8::text AS domain, r.base::int8::text AS base, r.modifier
FROM resolved r JOIN pg_type t ON t.oid = r.base WHERE t.typtype <> 'd'`;

// pg_publication_tables lists exactly the columns that are sent: column lists and generated columns are settled there.
const columnsSql = `
SELECT p.schemaname AS schema, p.tablename AS table, a.attname AS column, a.atttypid::int8::int AS type_oid,
  a.atttypmod AS type_modifier, a.attnotnull AS not_null,
  coalesce(array_position(i.indkey::int2[], a.attnum) - array_lower(i.indkey::int2[], 1) + 1, 0) AS key_order
FROM pg_publication_tables p
JOIN pg_namespace n ON n.nspname = p.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (p.attnames)
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE p.pubname = $1
ORDER BY p.schemaname, p.tablename, a.attnum`;

/** Published tables and their columns in the order they are sent, with domains resolved. */
export async function readCatalog(client: ClientBase, publication: string): Promise<Catalog> {
  const domains = new Map<number, BaseType>();
  for (const row of (await client.query<{ domain: string; base: string; modifier: number }>(domainsSql)).rows) {
    domains.set(Number(row.domain), { typeOid: Number(row.base), typeModifier: row.modifier });
  }
  const tables = new Map<string, { schema: string; name: string; columns: ColumnSchema[] }>();
  for (const row of (await client.query<ColumnRow>(columnsSql, [publication])).rows) {
    const known = tables.get(row.table);
    if (known && known.schema !== row.schema) {
      throw new Error(
        `publication ${publication} has two tables named ${row.table} (${known.schema}, ${row.schema}): rename one or publish only one`,
      );
    }
    const table = known ?? { schema: row.schema, name: row.table, columns: [] };
    if (!known) tables.set(row.table, table);
    table.columns.push({
      name: row.column,
      ...resolveType(domains, row.type_oid, row.type_modifier),
      notNull: row.not_null,
      keyOrder: row.key_order,
    });
  }
  return { tables: [...tables.values()], domains };
}

/** The base type behind an oid and its modifier as they stand in the catalogue or in a Relation message. */
export function resolveType(domains: Catalog['domains'], typeOid: number, typeModifier: number): BaseType {
  const base = domains.get(typeOid);
  if (!base) return { typeOid, typeModifier };
  return { typeOid: base.typeOid, typeModifier: typeModifier === -1 ? base.typeModifier : typeModifier };
}
