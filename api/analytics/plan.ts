import type { Grain, TimeSpan } from './buckets.ts';
import type { Dimension, Kpi } from './catalogue/kpi.ts';

export interface Filter {
  readonly dimension: Dimension;
  readonly op: 'in' | 'not_in';
  readonly values: readonly (string | null)[];
}

export interface Order {
  /** A measure, a dimension or `time` of the same query. */
  readonly by: string;
  readonly direction: 'asc' | 'desc';
}

/** What is asked, checked and resolved: measures against the catalogue, times into instants. */
export interface Plan {
  readonly measures: readonly Kpi[];
  readonly dimensions: readonly Dimension[];
  readonly filters: readonly Filter[];
  readonly grain: Grain | null;
  /** Null when only states are asked for. */
  readonly span: TimeSpan | null;
  readonly zone: string;
  readonly orderBy: readonly Order[];
  readonly limit: number | null;
}

/** How money is added up: as it stands (the currencies seen are told), or converted at each entry's UTC date. */
export type MoneyMode = { readonly kind: 'as it stands' } | { readonly kind: 'convert'; readonly to: string };
