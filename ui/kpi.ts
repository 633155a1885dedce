// KPI queries and answers, as the API documents them (/docs).

export interface Kpi {
  readonly id: string;
  readonly name: string;
  readonly unit: Unit;
  readonly direction: 'up is good' | 'down is good' | 'neutral';
  readonly additivity: string;
  readonly dimensions: readonly string[];
  /** What stands behind a figure: `order_number`, `customer_id`, or `sku` and `warehouse`; empty where nothing does. */
  readonly rows: readonly string[];
  readonly formula: string;
  readonly exclusions: string;
  readonly definitionVersion: number;
  readonly source: string;
  readonly isState: boolean;
  readonly platformOnly: boolean;
}

export type Unit = 'money' | 'count' | 'ratio' | 'hours' | 'days' | 'seconds';

export interface KpiFilter {
  readonly dimension: string;
  readonly op: 'in' | 'not_in';
  readonly values: readonly (string | null)[];
}

export interface KpiQuery {
  readonly measures: readonly string[];
  readonly timeRange?: { readonly preset: string } | { readonly from: string; readonly to: string };
  readonly grain?: Grain;
  readonly dimensions?: readonly string[];
  readonly filters?: readonly KpiFilter[];
  readonly orderBy?: readonly { readonly by: string; readonly direction?: 'asc' | 'desc' }[];
  readonly limit?: number;
  readonly compareTo?: 'previous_period' | 'previous_year';
  readonly withTotals?: boolean;
  readonly timezone?: string;
  readonly reportingCurrency?: string;
}

export type Grain = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** Money and ratios are decimal text, exact; counts are numbers. */
export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

export interface AsOf {
  readonly commitTime: string | null;
  readonly position: string | null;
  readonly state: 'live' | 'idle' | 'lagging' | 'stalled';
}

export interface KpiAnswer {
  readonly rows: readonly Row[];
  readonly comparison: readonly Row[] | null;
  readonly totals?: { readonly rows: readonly Row[]; readonly comparison: readonly Row[] | null };
  readonly measures: readonly {
    readonly id: string;
    readonly name: string;
    readonly unit: Unit;
    readonly notComputable?: string;
  }[];
  readonly asOf: AsOf;
  readonly timezone: string;
  readonly currency: string | null;
}

/** The headline figures of an answer, and those they are compared with: of a series its totals. */
export function headlineOf(answer: KpiAnswer | undefined): {
  readonly row?: Row | undefined;
  readonly before?: Row | undefined;
} {
  const { rows, comparison } = answer?.totals ?? answer ?? {};
  return { row: rows?.[0], before: comparison?.[0] };
}

/** The query of the same figures over its whole time range. */
export function wholeOf({ grain: _grain, withTotals: _withTotals, ...query }: KpiQuery): KpiQuery {
  return query;
}

/** Ratios that are not shares of a whole, and so are no percentages. */
const PLAIN_RATIOS = new Set(['units_per_order', 'purchase_frequency', 'orders_per_hour', 'daily_units_shipped']);

export function isPercentage(id: string, unit: Unit): boolean {
  return unit === 'ratio' && !PLAIN_RATIOS.has(id);
}

/** The largest figure of a KPI in some rows; undefined where there is none. */
export function largestOf(id: string, ...answers: readonly (readonly Row[] | null | undefined)[]): number | undefined {
  const figures = answers.flatMap((rows) => (rows ?? []).flatMap((row) => (row[id] == null ? [] : [Number(row[id])])));
  return figures.length === 0 ? undefined : Math.max(...figures);
}
