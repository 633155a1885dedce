// What all parts of one statement know: the question, whose rows, and the values that are handed along.
import type { Instant, TimeSpan } from './buckets.ts';
import type { ComponentId } from './components.ts';
import type { Parameters } from './parameters.ts';
import type { MoneyMode, Plan } from './plan.ts';
import { BRAND_ID } from './tenant-clickhouse.ts';

export interface BlockContext {
  readonly plan: Plan;
  readonly parameters: Parameters;
  readonly mode: MoneyMode;
  /** The brand whose rows are read; null reads those of all. */
  readonly tenantId: string | null;
  /** Instead: the brands whose rows are read, told apart by the column `brand_id`. */
  readonly eachOf?: readonly string[] | undefined;
  /** Read along: a span that ends before the plan's begins, its rows told apart by the column `is_comparison`. */
  readonly compared?: TimeSpan | undefined;
  /** Beside each bucket's figures those of all buckets together, told apart by the column `is_total`. For plans with a grain. */
  readonly withTotals?: boolean | undefined;
  readonly now: Instant;
  /** All components of the statement, in the order of its columns. */
  readonly columns: readonly ComponentId[];
  /** Tells the currencies seen, or the rates missing, beside the figures. */
  readonly tellCurrencies: boolean;
  /** Tells when the latest entry of a row happened: microseconds since 1970, or null. */
  readonly tellTimes?: boolean;
}

/** 1 for rows of the span that is compared with, 0 for those of the plan's own. */
export const IS_COMPARISON = 'is_comparison';

/** 1 for rows of all buckets together, 0 for those of one. */
export const IS_TOTAL = 'is_total';

/** The columns that tell apart answers which are read at once: each has the rows it would have alone. */
export function apartBy({ eachOf, compared, withTotals }: BlockContext): string[] {
  return [
    ...(eachOf === undefined ? [] : [BRAND_ID]),
    ...(compared === undefined ? [] : [IS_COMPARISON]),
    ...(withTotals === true ? [IS_TOTAL] : []),
  ];
}
