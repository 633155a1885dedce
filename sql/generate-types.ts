import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type AdminClient, connectAdmin } from './postgres.ts';

/** Where the generated Kysely types live. `npx tsx sql/generate-types.ts POSTGRES_URL` rewrites it from a migrated database. */
export const databaseTypesFile = fileURLToPath(new URL('database-types.ts', import.meta.url));

interface Column {
  table_name: string;
  column_name: string;
  type: string;
  not_null: boolean;
  has_default: boolean;
  generated: boolean;
  check_values: string[] | null;
}

// A check of one column against a list of texts becomes a union of literals.
const COLUMNS = `
  SELECT concat(CASE WHEN n.nspname <> 'commerce' THEN n.nspname || '.' END, c.relname) AS table_name, a.attname AS column_name,
    format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type,
    a.attnotnull AS not_null, a.atthasdef AS has_default, a.attgenerated <> '' AS generated,
    (SELECT array_agg(m[1] ORDER BY ord) FROM pg_constraint k,
       regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''::text', 'g') WITH ORDINALITY AS x (m, ord)
     WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
       AND pg_get_constraintdef(k.oid) LIKE '%= ANY (ARRAY[%') AS check_values
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE n.nspname IN ('commerce', 'auth') AND c.relkind IN ('r', 'p')
  ORDER BY n.nspname <> 'commerce', c.relname, a.attnum`;

/** Select type; insert and update type where they differ. As the parsers of sql/postgres.ts deliver values. */
const TYPES: Readonly<Record<string, string | readonly [select: string, write: string]>> = {
  uuid: 'string',
  text: 'string',
  'text[]': 'string[]',
  boolean: 'boolean',
  integer: 'number',
  bigint: ['string', 'string | number | bigint'],
  // Never number: money written as a float is money lost.
  numeric: 'string',
  date: 'string',
  inet: 'string',
  jsonb: ['JsonValue', 'JsonObject | string'],
  'timestamp with time zone': ['Date', 'Date | string'],
};

const HEADER = `// Generated from the migrated schema by sql/generate-types.ts; a test compares the two. Do not edit.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [key: string]: JsonValue | undefined };
`;

/** The text of sql/database-types.ts for a database: tables of `commerce`, and those of `auth` by their full names. */
export async function generateTypes(client: AdminClient): Promise<string> {
  const { rows } = await client.query<Column>(COLUMNS);
  const tables = groupByTable(rows);
  const names = [...tables.keys()];
  const interfaces = names.map(
    (name) => `export interface ${typeName(name)} {\n${(tables.get(name) ?? []).map(property).join('')}}\n`,
  );
  const index = `/** Tables of the schema \`commerce\`; others by their full names. */\nexport interface Database {\n${names.map((name) => `  ${name.includes('.') ? `'${name}'` : name}: ${typeName(name)};\n`).join('')}}\n`;
  return [HEADER, index, ...interfaces].join('\n');
}

function groupByTable(rows: readonly Column[]): Map<string, Column[]> {
  const tables = new Map<string, Column[]>();
  for (const row of rows) tables.set(row.table_name, [...(tables.get(row.table_name) ?? []), row]);
  return tables;
}

function typeName(table: string): string {
  return `${table.replace(/(^|[_.])([a-z])/g, (_match, _separator, letter: string) => letter.toUpperCase())}Table`;
}

/** One line, or a line per literal of a long union, as the formatter has it. */
function property(column: Column): string {
  const line = `  ${column.column_name}: ${columnType(column)};\n`;
  if (line.length <= 121) return line;
  if (/: Generated</.test(line)) return line.replace(/Generated<(.*)>;/, 'Generated<\n    $1\n  >;');
  return line.replace(/: (?=')/, ':\n    | ').replaceAll("' | '", "'\n    | '");
}

function columnType(column: Column): string {
  const known = TYPES[column.type];
  if (!known) throw new Error(`No TypeScript type for ${column.type} of ${column.table_name}.${column.column_name}.`);
  const union = column.check_values?.map((value) => `'${value}'`).join(' | ');
  const [select, write] = union ? [union, union] : typeof known === 'string' ? [known, known] : known;
  const orNull = (type: string) => (column.not_null ? type : `${type} | null`);
  if (column.generated) return `GeneratedAlways<${orNull(select)}>`;
  if (select === write) return column.has_default ? `Generated<${orNull(select)}>` : orNull(select);
  const optional = column.has_default || !column.not_null ? ' | undefined' : '';
  return `ColumnType<${orNull(select)}, ${orNull(write)}${optional}, ${orNull(write)}>`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.argv[2];
  if (!url) throw new Error('Usage: npx tsx sql/generate-types.ts POSTGRES_URL');
  const client = await connectAdmin(url);
  await writeFile(databaseTypesFile, await generateTypes(client));
  await client.end();
}
