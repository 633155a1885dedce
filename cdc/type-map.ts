/**
 * One table for every Postgres type: what it is in ClickHouse, how a streamed value is encoded, and how a snapshot selects it.
 * Types that are not named here (enums, inet, interval, …) are strings: Postgres' own text, exactly.
 */
import type { ColumnSchema } from './change-source.ts';

/**
 * How the text of a value becomes a TabSeparated field: `plain` is copied (it never needs an escape), `text` is escaped, the
 * others are checked against ClickHouse's range and clamped.
 */
export type FieldKind = 'plain' | 'text' | 'decimal' | 'timestamp' | 'date' | 'array';

export interface FieldType {
  /** ClickHouse type, with Nullable where the column may be null. */
  readonly clickhouse: string;
  readonly kind: FieldKind;
  /** Kind of an array's elements. */
  readonly element?: ElementKind;
}

/** `quoted` elements stand in single quotes, `bool` are spelled out, as ClickHouse reads them inside an array. */
export type ElementKind = 'plain' | 'quoted' | 'bool' | 'decimal' | 'timestamp' | 'date';

/** What ClickHouse's DateTime64(6) and Date32 hold. Values outside are stored as the nearest bound, and reported. */
export const timestampBounds = { low: '1900-01-01 00:00:00', high: '2299-12-31 23:59:59.999999' } as const;
export const dateBounds = { low: '1900-01-01', high: '2299-12-31' } as const;

interface ScalarType {
  readonly clickhouse: string;
  readonly kind: FieldKind;
  readonly element: ElementKind;
  /** Oid of the array of this type. */
  readonly arrayOid: number;
}

const numericOid = 1700;
const numericArrayOid = 1231;
const instant = "DateTime64(6, 'UTC')";

const scalars: Readonly<Record<number, ScalarType>> = {
  16: { clickhouse: 'Bool', kind: 'plain', element: 'bool', arrayOid: 1000 },
  20: { clickhouse: 'Int64', kind: 'plain', element: 'plain', arrayOid: 1016 },
  21: { clickhouse: 'Int16', kind: 'plain', element: 'plain', arrayOid: 1005 },
  23: { clickhouse: 'Int32', kind: 'plain', element: 'plain', arrayOid: 1007 },
  25: { clickhouse: 'String', kind: 'text', element: 'quoted', arrayOid: 1009 },
  700: { clickhouse: 'Float32', kind: 'plain', element: 'plain', arrayOid: 1021 },
  701: { clickhouse: 'Float64', kind: 'plain', element: 'plain', arrayOid: 1022 },
  1042: { clickhouse: 'String', kind: 'text', element: 'quoted', arrayOid: 1014 },
  1043: { clickhouse: 'String', kind: 'text', element: 'quoted', arrayOid: 1015 },
  1082: { clickhouse: 'Date32', kind: 'date', element: 'date', arrayOid: 1182 },
  1114: { clickhouse: instant, kind: 'timestamp', element: 'timestamp', arrayOid: 1115 },
  1184: { clickhouse: instant, kind: 'timestamp', element: 'timestamp', arrayOid: 1185 },
  2950: { clickhouse: 'UUID', kind: 'plain', element: 'quoted', arrayOid: 2951 },
};

const elementsOfArrays = new Map(Object.values(scalars).map((type) => [type.arrayOid, type]));

const string: Omit<ScalarType, 'arrayOid'> = { clickhouse: 'String', kind: 'text', element: 'quoted' };

/** Exact decimals where ClickHouse has them; otherwise (no typmod, negative scale, > 76 digits) the text. */
function numericType(typeModifier: number): Omit<ScalarType, 'arrayOid'> {
  if (typeModifier < 4) return string;
  const precision = ((typeModifier - 4) >> 16) & 0xffff;
  // The scale is a signed 11-bit number since Postgres 15.
  const scale = (((typeModifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (precision > 76 || scale < 0 || scale > precision) return string;
  return { clickhouse: `Decimal(${precision}, ${scale})`, kind: 'decimal', element: 'decimal' };
}

function elementType(column: ColumnSchema): Omit<ScalarType, 'arrayOid'> | null {
  if (column.typeOid === numericArrayOid) return numericType(column.typeModifier);
  return elementsOfArrays.get(column.typeOid) ?? null;
}

/** The ClickHouse type of a column and how its values are encoded. */
export function fieldType(column: ColumnSchema): FieldType {
  const element = elementType(column);
  // ClickHouse has no Nullable(Array): a column that may be null keeps Postgres' text, so that NULL and {} stay apart.
  if (element && column.notNull) {
    return { clickhouse: `Array(Nullable(${element.clickhouse}))`, kind: 'array', element: element.element };
  }
  const scalar = column.typeOid === numericOid ? numericType(column.typeModifier) : (scalars[column.typeOid] ?? string);
  return {
    clickhouse: column.notNull ? scalar.clickhouse : `Nullable(${scalar.clickhouse})`,
    kind: scalar.kind,
  };
}

/** True when values of this field may lie outside what ClickHouse holds. */
export function mayClamp(type: FieldType): boolean {
  const kind = type.kind === 'array' ? type.element : type.kind;
  return kind === 'timestamp' || kind === 'date' || kind === 'decimal';
}
