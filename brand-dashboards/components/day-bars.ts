import type { Row } from '../../ui/kpi.ts';

/** Days from here on are one bar. */
const MOST_BARS = 21;

export interface DayBar {
  /** `0`, `1`, … and `20+`. */
  readonly label: string;
  /** The values of the dimension that are in it. */
  readonly values: readonly string[];
  readonly count: number;
  /** Of the period before; null when there is none. */
  readonly before: number | null;
}

/** A bar for each whole number of days from 0 to the longest, empty ones included; what is longer than 20 days, together. */
export function barsOf(
  rows: readonly Row[],
  comparison: readonly Row[] | null,
  dimension: string,
  measure: string,
): DayBar[] {
  const place = (row: Row) => Math.min(Math.max(Number(row[dimension]), 0), MOST_BARS - 1);
  const counts = (of: readonly Row[]) => {
    const sums = new Array<number>(MOST_BARS).fill(0);
    for (const row of of) sums[place(row)] = (sums[place(row)] ?? 0) + Number(row[measure]);
    return sums;
  };
  const [now, before] = [counts(rows), comparison === null ? null : counts(comparison)];
  const last = Math.max(0, ...[...rows, ...(comparison ?? [])].map(place));
  return now.slice(0, last + 1).map((count, days) => ({
    values: [...new Set(rows.filter((row) => place(row) === days).map((row) => String(row[dimension])))],
    label: days === MOST_BARS - 1 ? `${days}+` : String(days),
    count,
    before: before?.[days] ?? null,
  }));
}
