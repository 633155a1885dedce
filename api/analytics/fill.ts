import type { Bucket, Instant, TimeSpan } from './buckets.ts';
import type { Kpi } from './catalogue/kpi.ts';
import { passedMicros } from './compile.ts';
import { isZeroWhenEmpty } from './formula-sql.ts';
import type { Plan } from './plan.ts';

/** A row as ClickHouse gives it: `time` is a bucket's key, decimals and long integers are text. */
export type RawRow = Readonly<Record<string, string | number | null>>;
/** A row as the answer has it. */
export type Row = Record<string, string | number | null>;

/**
 * The rows of a series with a row for every bucket of every slice that occurs: 0 for what adds up, null where there is nothing
 * to divide. Ordered by slice of first bucket, i.e. by time, then dimensions.
 */
export function filled(rows: readonly RawRow[], plan: Plan, buckets: readonly Bucket[], now: Instant): Row[] {
  const slices = new Map<string, RawRow>();
  const found = new Map<string, RawRow>();
  for (const row of rows) {
    const slice = JSON.stringify(plan.dimensions.map((dimension) => row[dimension]));
    if (!slices.has(slice)) slices.set(slice, row);
    found.set(`${row.time} ${slice}`, row);
  }
  if (plan.dimensions.length === 0) slices.set('[]', {});
  const ordered = [...slices].sort(([, left], [, right]) => compareDimensions(left, right, plan));
  return buckets.flatMap((bucket) =>
    ordered.map(([slice, any]) => {
      const row = found.get(`${bucket.key} ${slice}`);
      const figures = plan.measures.map((kpi) => [
        kpi.id,
        row ? figure(kpi, row[kpi.id]) : emptyFigure(kpi, plan, bucket, now),
      ]);
      const keys = plan.dimensions.map((dimension) => [dimension, any[dimension] ?? null]);
      return Object.fromEntries([['time', bucket.time], ...keys, ...figures]) as Row;
    }),
  );
}

/** Rows of an answer without a grain. A total is there also where nothing was found (a brand among several has no row then). */
export function unfilled(rows: readonly RawRow[], plan: Plan, now: Instant): Row[] {
  if (rows.length === 0 && plan.dimensions.length === 0) {
    const span = plan.span ?? { from: now, to: now };
    return [Object.fromEntries(plan.measures.map((kpi) => [kpi.id, emptyFigure(kpi, plan, span, now)])) as Row];
  }
  return rows.map((row) => {
    const keys = plan.dimensions.map((dimension) => [dimension, row[dimension] ?? null]);
    return Object.fromEntries([...keys, ...plan.measures.map((kpi) => [kpi.id, figure(kpi, row[kpi.id])])]) as Row;
  });
}

/** Rows of all buckets of a series together, in the order asked for. */
export function totalled(rows: readonly RawRow[], plan: Plan, now: Instant): Row[] {
  const sorted = [...rows].sort((left, right) => compareDimensions(left, right, plan));
  return ordered(unfilled(sorted, plan, now), plan);
}

/** Sorts a filled series as asked (`time` first when nothing is asked) and cuts it. */
export function ordered(rows: Row[], plan: Plan): Row[] {
  const compare = plan.orderBy.map(({ by, direction }) => {
    const isMeasure = plan.measures.some(({ id }) => id === by);
    return (left: Row, right: Row) =>
      compareValues(left[by] ?? null, right[by] ?? null, isMeasure, direction === 'desc');
  });
  if (compare.length > 0) {
    rows.sort((left, right) => compare.map((one) => one(left, right)).find((sign) => sign !== 0) ?? 0);
  }
  return plan.limit === null ? rows : rows.slice(0, plan.limit);
}

function figure(kpi: Kpi, value: string | number | null | undefined): string | number | null {
  if (value === null || value === undefined) return null;
  return kpi.unit === 'count' ? Number(value) : String(value);
}

function emptyFigure(kpi: Kpi, plan: Plan, bucket: TimeSpan, now: Instant): string | number | null {
  if (kpi.compute.kind === 'per hour') {
    return plan.span !== null && passedMicros(bucket, plan.span, now) > 0n ? '0.000000' : null;
  }
  if (kpi.compute.kind === 'per') return '0.000000';
  if (!isZeroWhenEmpty(kpi)) return null;
  return kpi.unit === 'count' ? 0 : '0.0000';
}

function compareDimensions(left: RawRow, right: RawRow, plan: Plan): number {
  for (const dimension of plan.dimensions) {
    const sign = compareValues(left[dimension] ?? null, right[dimension] ?? null, false, false);
    if (sign !== 0) return sign;
  }
  return 0;
}

type Value = string | number | null;

/** Null comes last in either direction. */
function compareValues(left: Value, right: Value, isMeasure: boolean, isDescending: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const [a, b] = isMeasure ? [exact(left), exact(right)] : [left, right];
  const sign = a < b ? -1 : a > b ? 1 : 0;
  return isDescending ? -sign : sign;
}

/** A figure as a whole number of its last decimal: all figures of a measure have the same number of decimals. */
function exact(value: string | number): bigint {
  return BigInt(String(value).replace('.', ''));
}
