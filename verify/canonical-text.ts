/**
 * One text for a row that both engines print byte for byte alike, so that a hash of it can be compared.
 *
 * A value is `n` when null, else `v` and its text; values are joined by the unit separator (0x1f), array elements by the
 * record separator (0x1e). Numerics have their declared scale, times are whole microseconds (days for dates) since 1970
 * within the range the mirror can hold, floats are their bits.
 */
import type { PublishedColumn } from './published-tables.ts';

const firstInstant = "'1900-01-01 00:00:00+00'";
const lastInstant = "'2299-12-31 23:59:59.999999+00'";

export function quotePostgres(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteClickHouse(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** Text of a value that is not null, in Postgres. */
function postgresText(column: PublishedColumn, value: string): string {
  switch (column.type) {
    case 'timestamptz':
      return `(extract(epoch FROM greatest(least(${value}, ${lastInstant}), ${firstInstant})) * 1000000)::bigint::text`;
    case 'timestamp':
      return `(extract(epoch FROM greatest(least(${value}, ${lastInstant}::timestamp), ${firstInstant}::timestamp)) * 1000000)::bigint::text`;
    case 'date':
      return `(greatest(least(${value}, '2299-12-31'), '1900-01-01') - date '1970-01-01')::text`;
    case 'float4':
      return `encode(float4send(${value}), 'hex')`;
    case 'float8':
      return `encode(float8send(${value}), 'hex')`;
    default:
      return `${value}::text`;
  }
}

/** Text of a value that is not null, in ClickHouse. */
function clickHouseText(column: PublishedColumn, value: string): string {
  switch (column.type) {
    case 'numeric':
      return column.scale === null || column.scale < 0 ? value : `toDecimalString(${value}, ${column.scale})`;
    case 'timestamptz':
    case 'timestamp':
      return `toString(toUnixTimestamp64Micro(${value}))`;
    case 'date':
      return `toString(toInt32(${value}))`;
    case 'float4':
    case 'float8':
      return `lower(hex(reverse(reinterpretAsString(${value}))))`;
    default:
      return `toString(${value})`;
  }
}

function postgresValue(column: PublishedColumn): string {
  const name = quotePostgres(column.name);
  // An array that may be null is mirrored as Postgres' text.
  if (!column.array || !column.notNull) {
    // least and greatest skip nulls: what follows would not be null.
    return `CASE WHEN ${name} IS NULL THEN 'n' ELSE 'v' || ${column.array ? `${name}::text` : postgresText(column, name)} END`;
  }
  const element = `CASE WHEN e IS NULL THEN 'n' ELSE 'v' || ${postgresText(column, 'e')} END`;
  return `'v' || coalesce((SELECT string_agg(${element}, chr(30) ORDER BY o) FROM unnest(${name}) WITH ORDINALITY AS u (e, o)), '')`;
}

function clickHouseValue(column: PublishedColumn): string {
  const name = quoteClickHouse(column.name);
  if (!column.array || !column.notNull) {
    const text = column.array ? `assumeNotNull(${name})` : clickHouseText(column, `assumeNotNull(${name})`);
    return `if(isNull(${name}), 'n', concat('v', ${text}))`;
  }
  const element = `if(isNull(e), 'n', concat('v', ${clickHouseText(column, 'assumeNotNull(e)')}))`;
  return `concat('v', arrayStringConcat(arrayMap(e -> ${element}, ${name}), char(30)))`;
}

/** Postgres expression for the canonical text of these columns. */
export function postgresRowText(columns: readonly PublishedColumn[]): string {
  return `concat_ws(chr(31), ${columns.map(postgresValue).join(', ')})`;
}

/** ClickHouse expression for the canonical text of these columns. */
export function clickHouseRowText(columns: readonly PublishedColumn[]): string {
  return columns.length === 1
    ? clickHouseValue(columns[0] as PublishedColumn)
    : `concat(${columns.map(clickHouseValue).join(', char(31), ')})`;
}

/** The n-th (0 or 1) half of a text's MD5 as a 64-bit integer; read sums of them modulo 2^64. */
export function postgresHalf(text: string, half: 0 | 1): string {
  return `('x' || substr(${text}, ${half * 16 + 1}, 16))::bit(64)::bigint`;
}

export function clickHouseHalf(digest: string, half: 0 | 1): string {
  return `reinterpretAsUInt64(reverse(substring(${digest}, ${half * 8 + 1}, 8)))`;
}

/** A value of the canonical text as people read it: null, text, or an instant in UTC. */
export function readableValue(column: PublishedColumn, value: string | undefined): string | null {
  if (value === undefined || !value.startsWith('v')) return null;
  const text = value.slice(1);
  if (column.array) return text;
  if (column.type === 'date') return new Date(Number(text) * 86_400_000).toISOString().slice(0, 10);
  if (column.type !== 'timestamptz' && column.type !== 'timestamp') return text;
  const micros = BigInt(text);
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const whole = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${whole}.${fraction.toString().padStart(6, '0')}Z`;
}

/** Canonical row text as column → readable value. */
export function readableRow(columns: readonly PublishedColumn[], text: string): Record<string, string | null> {
  const values = text.split('\x1f');
  return Object.fromEntries(columns.map((column, index) => [column.name, readableValue(column, values[index])]));
}
