import type { PublishedTable } from '../cdc/catalog.ts';
import { selectExpression } from '../cdc/snapshot/select-expressions.ts';
import { type DeadLetter, letterFields } from './dead-letter.ts';
import { instant } from './progress.ts';
import { keyColumns } from './raw-schema.ts';
import type { SourceDatabase } from './source-database.ts';
import { escapeField } from './tsv-rows.ts';

export interface EncodedRow {
  readonly columns: readonly string[];
  /** One TabSeparated row with its newline. */
  readonly row: Buffer;
}

/**
 * The row of a letter as it stands in Postgres now, encoded as a snapshot would, with the letter's own version: changes of
 * the row that come later in the stream have a higher one and win. Null when there is no such row any more.
 */
export async function readCurrentRow(
  database: SourceDatabase,
  publication: string,
  letter: DeadLetter,
): Promise<EncodedRow | null> {
  const { tables } = await database.catalog(publication);
  const table = tables.find((candidate) => candidate.name === letter.table);
  if (!table) return null;
  const fields = letterFields(letter);
  const values = await database.row(
    rowQuery(table),
    keyColumns(table).map((column) => fields.get(column.name) ?? null),
  );
  if (!values) return null;
  const system = [String(letter.version), '0', instant(new Date())];
  return {
    columns: [...table.columns.map((column) => column.name), '_version', '_deleted', '_commit_time'],
    row: Buffer.from(`${[...values.map(escapeField), ...system].join('\t')}\n`),
  };
}

function rowQuery(table: PublishedTable): string {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const select = table.columns.map((column) => `(${selectExpression(column)})::text`).join(', ');
  const where = keyColumns(table).map((column, i) => `${quote(column.name)}::text = $${i + 1}`);
  return `SELECT ARRAY[${select}] AS "values" FROM ${quote(table.schema)}.${quote(table.name)} WHERE ${where.join(' AND ')}`;
}
