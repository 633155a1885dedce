import type { LineType } from './canonical-columns.ts';
import type { Problem } from './problem.ts';

/** Rows written to Postgres; rows that were there already do not count. */
export interface WrittenCounts {
  customers: number;
  products: number;
  orders: number;
  orderItems: number;
  shipments: number;
  /** Orders that were there and moved on (status, times), as the file says. */
  ordersAdvanced: number;
  returns: number;
  returnItems: number;
  adjustments: number;
  movements: number;
  /** Opening balances without which stock would have gone below zero. */
  openingBalances: number;
}

export const nothingWritten = (): WrittenCounts => ({
  customers: 0,
  products: 0,
  orders: 0,
  orderItems: 0,
  shipments: 0,
  ordersAdvanced: 0,
  returns: 0,
  returnItems: 0,
  adjustments: 0,
  movements: 0,
  openingBalances: 0,
});

export interface ImportReport {
  readonly file: string;
  /** False when lines are bad or contradict what is stored. */
  readonly ok: boolean;
  readonly dryRun: boolean;
  /** Whether anything was (or, in a dry run, would be) imported: false when lines are bad and not skipped. */
  readonly imported: boolean;
  /** Records of the file without its header. */
  readonly lines: number;
  /** Good lines by type. */
  readonly byType: Readonly<Record<LineType, number>>;
  readonly brands: readonly string[];
  readonly brandsCreated: readonly string[];
  readonly problemCount: number;
  readonly problemsByCode: Readonly<Record<string, number>>;
  /** The first 100. */
  readonly problems: readonly Problem[];
  readonly skipped: { readonly lines: number; readonly file: string } | null;
  /** Lines whose order is stored with other values. What is stored was left as it is. */
  readonly conflictCount: number;
  /** The first 100. */
  readonly conflicts: readonly Problem[];
  /** Things that are no fault but that one should know. */
  readonly notes: readonly string[];
  readonly written: Readonly<WrittenCounts>;
  readonly seconds: { readonly read: number; readonly write: number; readonly total: number };
}
