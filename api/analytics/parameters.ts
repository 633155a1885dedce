import { type Instant, inZone } from './buckets.ts';
import type { Statement } from './tenant-clickhouse.ts';

type ParameterType =
  | 'String'
  | 'Array(String)'
  | 'UUID'
  | 'Array(UUID)'
  | 'Int64'
  | 'Array(Int64)'
  | "DateTime64(6, 'UTC')"
  | 'Date32';

interface Parameter {
  readonly type: ParameterType;
  readonly value: string | readonly string[];
}

/** Collects the values of a statement: `add` gives the placeholder to write into its text. */
export class Parameters {
  private readonly all = new Map<string, Parameter>();

  add(name: string, type: ParameterType, value: string | readonly string[]): string {
    this.all.set(name, { type, value });
    return `{${name}:${type}}`;
  }

  instant(name: string, instant: Instant): string {
    return this.add(name, "DateTime64(6, 'UTC')", instantText(instant));
  }

  values(): Statement['parameters'] {
    // Numbers of an array are sent without quotes.
    const sent = ({ type, value }: Parameter) =>
      type === 'Array(Int64)' && typeof value !== 'string' ? value.map(BigInt) : value;
    return Object.fromEntries([...this.all].map(([name, parameter]) => [name, sent(parameter)]));
  }
}

/** `2026-01-31 09:00:00.000001`, UTC. */
export function instantText(instant: Instant): string {
  const micros = String(((instant % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, '0');
  return `${inZone(instant, 'UTC').toFormat('yyyy-MM-dd HH:mm:ss')}.${micros}`;
}

/** The statement with its values as literals, for people to read and run. Placeholders come from us, values from anywhere. */
export function inlined({ sql, parameters }: Statement): string {
  return sql.replaceAll(/\{(\w+):((?:[^{}'"]|'[^']*')+)\}/g, (_, name: string, type: string) =>
    literal(parameters[name] as string | readonly string[], type as ParameterType),
  );
}

function literal(value: string | readonly string[], type: ParameterType): string {
  if (typeof value !== 'string') {
    const items = value.map((item) => literal(item, type.slice('Array('.length, -1) as ParameterType));
    return items.length === 0 ? `CAST([], '${type}')` : `[${items.join(', ')}]`;
  }
  if (type === 'String') return quoted(value);
  if (type === 'UUID') return `toUUID(${quoted(value)})`;
  if (type === 'Int64') return `toInt64(${BigInt(value)})`;
  if (type === 'Date32') return `toDate32(${quoted(value)})`;
  return `toDateTime64(${quoted(value)}, 6, 'UTC')`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
