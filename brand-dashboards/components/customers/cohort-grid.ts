import type { Row } from '../../../ui/kpi.ts';

/** One cohort: a row of the heat map. */
export interface Cohort {
  /** First day of the month of the first orders. */
  readonly month: string;
  readonly size: number;
  /** By months since the first order; absent where the month has not begun. */
  readonly cells: readonly (Row | undefined)[];
}

/** Rows of `cohort_month` × `months_since_first` as a grid, the oldest cohort first. */
export function cohortGrid(rows: readonly Row[]): { readonly cohorts: readonly Cohort[]; readonly months: number } {
  const byMonth = new Map<string, (Row | undefined)[]>();
  for (const row of rows) {
    const cells = byMonth.get(String(row.cohort_month)) ?? [];
    cells[Number(row.months_since_first)] = row;
    byMonth.set(String(row.cohort_month), cells);
  }
  const cohorts = [...byMonth]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([month, cells]) => ({ month, size: Number(cells[0]?.cohort_size ?? 0), cells: [...cells] }));
  return { cohorts, months: Math.max(0, ...cohorts.map(({ cells }) => cells.length)) };
}

/** The cells that have the measure, in the order they are drawn. */
export function drawnCells(cohorts: readonly Cohort[], measure: string): readonly Row[] {
  return cohorts.flatMap(({ cells }) => cells.filter((row) => row !== undefined && row[measure] !== null) as Row[]);
}
