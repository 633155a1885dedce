/** SQL that makes Postgres print a column the way the stream's encoders would, values out of range clamped. */
import pg from 'pg';
import type { ColumnSchema, TableSchema } from '../change-source.ts';
import { dateBounds, type ElementKind, type FieldKind, fieldType, mayClamp, timestampBounds } from '../type-map.ts';

const timestamptz = 1184;
const timestamptzArray = 1185;

/**
 * What NaN becomes in a Decimal column: zero, with more decimals than any column prints. ClickHouse reads 0; and the digits
 * tell a reader of the bytes that there was a NaN.
 */
export const nanMark = `0.${'0'.repeat(80)}`;

/** Byte strings one of which occurs in the output when anything but an array was clamped. They may occur otherwise, too. */
export const clampMarks: readonly Buffer[] = [dateBounds.low, dateBounds.high, nanMark].map((text) =>
  Buffer.from(text),
);

/** The expression to select a column with. */
export function selectExpression(column: ColumnSchema): string {
  const name = pg.escapeIdentifier(column.name);
  const type = fieldType(column);
  if (type.kind === 'array')
    return arrayExpression(name, type.element ?? 'quoted', column.typeOid === timestamptzArray);
  return scalarExpression(name, type.kind, column.typeOid === timestamptz);
}

function scalarExpression(value: string, kind: FieldKind, withZone: boolean): string {
  const bounds = boundsOf(kind, withZone);
  if (bounds) {
    // The session's zone is UTC: the cast leaves the offset out. LEAST/GREATEST would turn NULL into a bound.
    const inside = kind === 'timestamp' && withZone ? `${value}::timestamp` : value;
    return `CASE WHEN ${value} < ${bounds.low} THEN ${bounds.lowStored} WHEN ${value} > ${bounds.high} THEN ${bounds.highStored} ELSE ${inside} END`;
  }
  if (kind === 'decimal') return `CASE WHEN ${value} = 'NaN' THEN ${nanMark} ELSE ${value} END`;
  return value;
}

function boundsOf(kind: FieldKind, withZone: boolean) {
  if (kind === 'date') {
    const [low, high] = [`date '${dateBounds.low}'`, `date '${dateBounds.high}'`];
    return { low, high, lowStored: low, highStored: high };
  }
  if (kind !== 'timestamp') return null;
  const [lowStored, highStored] = [`timestamp '${timestampBounds.low}'`, `timestamp '${timestampBounds.high}'`];
  if (!withZone) return { low: lowStored, high: highStored, lowStored, highStored };
  return {
    low: `timestamptz '${timestampBounds.low}+00'`,
    high: `timestamptz '${timestampBounds.high}+00'`,
    lowStored,
    highStored,
  };
}

// A quote is doubled and nothing else: COPY itself escapes backslashes, tabs and newlines, once, as ClickHouse wants it.
function arrayExpression(value: string, kind: ElementKind, withZone: boolean): string {
  const quote = (text: string) => `'''' || replace((${text})::text, '''', '''''') || ''''`;
  const element: Record<ElementKind, string> = {
    plain: 'e::text',
    bool: "CASE WHEN e THEN 'true' ELSE 'false' END",
    quoted: quote('e'),
    decimal: "CASE WHEN e = 'NaN' THEN '0' ELSE e::text END",
    timestamp: quote(scalarExpression('e', 'timestamp', withZone)),
    date: quote(scalarExpression('e', 'date', false)),
  };
  return (
    `(SELECT '[' || coalesce(string_agg(CASE WHEN e IS NULL THEN 'NULL' ELSE ${element[kind]} END, ',' ORDER BY i), '') ` +
    `|| ']' FROM unnest(${value}) WITH ORDINALITY AS u(e, i))`
  );
}

function isClamped(value: string, kind: FieldKind, withZone: boolean): string {
  const bounds = boundsOf(kind, withZone);
  return bounds ? `(${value} < ${bounds.low} OR ${value} > ${bounds.high})` : `${value} = 'NaN'`;
}

/** True when clamped values can only be found by looking at the rows again: no mark in the output tells. */
export function clampsUnseen(table: TableSchema): boolean {
  return table.columns.some((column) => fieldType(column).kind === 'array');
}

/**
 * Finds clamped values: column, key, original, stored, and the total of the column in every row; at most `limit` per column.
 * Null when the table has no column that may be clamped.
 */
export function clampedValuesSql(qualifiedName: string, table: TableSchema, limit: number): string | null {
  const key = [...table.columns]
    .filter((column) => column.keyOrder > 0)
    .sort((a, b) => a.keyOrder - b.keyOrder)
    .map((column) => `${pg.escapeIdentifier(column.name)}::text`);
  const keyText = key.length > 0 ? `concat_ws(',', ${key.join(', ')})` : "''";
  const parts = table.columns.flatMap((column) => {
    const type = fieldType(column);
    const name = pg.escapeIdentifier(column.name);
    let condition: string;
    if (type.kind === 'array') {
      const elements = mayClamp(type)
        ? ` OR EXISTS (SELECT FROM unnest(${name}) e WHERE ${isClamped('e', type.element as FieldKind, column.typeOid === timestamptzArray)})`
        : '';
      condition = `(array_ndims(${name}) > 1${elements})`;
    } else if (mayClamp(type)) condition = isClamped(name, type.kind, column.typeOid === timestamptz);
    else return [];
    return `(SELECT ${pg.escapeLiteral(column.name)}::text AS column, ${keyText} AS key, ${name}::text AS original,
      (${selectExpression(column)})::text AS stored, count(*) OVER ()::int AS total FROM ${qualifiedName} WHERE ${condition} LIMIT ${limit})`;
  });
  return parts.length > 0 ? parts.join(' UNION ALL ') : null;
}
