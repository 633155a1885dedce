// The vocabulary of KPI definitions. A KPI is a formula over components; a component is an additive figure of one source.
import type { ComponentId } from '../components.ts';

export const dimensions = [
  'product',
  'sku',
  'category',
  'channel',
  'country',
  'warehouse',
  'currency',
  'status',
  'cohort_month',
  'months_since_first',
  'brand',
  'ship_days',
  'delivery_days',
  'days_late',
  'age_days',
  // What rows behind a figure are: too many to be a slice on a page.
  'order_number',
  'customer_id',
] as const;
export type Dimension = (typeof dimensions)[number];

export const units = ['money', 'count', 'ratio', 'hours', 'days', 'seconds'] as const;
export type Unit = (typeof units)[number];

export const directions = ['up is good', 'down is good', 'neutral'] as const;
/** `additive`: any sum is exact. `ratio`: kept as numerator and denominator. `not additive`: computed anew for every slice. */
export const additivities = ['additive', 'ratio', 'not additive'] as const;

/** Components to be added, or subtracted when written with a minus: `['gross_sales', '-discounts']`. */
export type Sum = readonly (ComponentId | `-${ComponentId}`)[];

export type Formula =
  /** `needsCost`: null when lines were sold and none of them has a cost on record. */
  | { readonly kind: 'sum'; readonly of: Sum; readonly needsCost?: true }
  /** numerator × times / (denominator × perUnit); null when the denominator is 0. */
  | {
      readonly kind: 'ratio';
      readonly numerator: Sum;
      readonly times?: bigint;
      readonly denominator: Sum;
      readonly perUnit?: bigint;
      readonly needsCost?: true;
    }
  /** numerator / a constant; 0 when there is nothing. */
  | { readonly kind: 'per'; readonly numerator: Sum; readonly per: bigint }
  /** numerator / hours of the bucket that have passed. */
  | { readonly kind: 'per hour'; readonly numerator: Sum };

export interface Kpi {
  readonly id: string;
  readonly name: string;
  readonly unit: Unit;
  readonly direction: (typeof directions)[number];
  readonly additivity: (typeof additivities)[number];
  readonly dimensions: readonly Dimension[];
  /** In words and symbols, for people. */
  readonly formula: string;
  readonly exclusions: string;
  /** Raised whenever the same data would give another figure. */
  readonly definitionVersion: number;
  /** Whose definition it is. */
  readonly source: string;
  /** A state as of now: no grain, and a time range changes nothing. */
  readonly isState?: true;
  /** Only platform roles may ask. */
  readonly platformOnly?: true;
  readonly compute: Formula;
}

/** Sources of definitions, spelled out. */
export const definedBy = {
  S: "Shopify's terms",
  F: 'fivetran dbt_shopify',
  SF: "Shopify's terms; fivetran dbt_shopify",
  SC: 'SCOR RL.2.2 (APICS)',
  P: 'Unified Commerce OS',
} as const;

export const orderDimensions = [
  'channel',
  'country',
  'currency',
  'status',
  'sku',
  'product',
  'category',
  'customer_id',
  'brand',
] as const satisfies readonly Dimension[];
/** Returns have no order status. */
export const returnDimensions = orderDimensions.filter((dimension) => dimension !== 'status');
export const customerDimensions = [
  'channel',
  'country',
  'currency',
  'status',
  'brand',
] as const satisfies readonly Dimension[];
/** Channel and country are those of the customer's first order. */
export const cohortDimensions = [
  'cohort_month',
  'months_since_first',
  'channel',
  'country',
  'brand',
] as const satisfies readonly Dimension[];
export const fulfilmentDimensions = [
  'channel',
  'country',
  'currency',
  'status',
  'warehouse',
  'brand',
] as const satisfies readonly Dimension[];

/** What a dimension that is no plain attribute means, for people. */
export const dimensionMeanings: Readonly<Partial<Record<Dimension, string>>> = {
  ship_days: 'Whole days from placed to first shipment: 0 is less than 24 hours.',
  delivery_days: 'Whole days from placed to delivery of the last shipment: 0 is less than 24 hours.',
  days_late:
    'Days past the first promised time, begun ones counted: 0 is on time, 1 up to 24 hours late; null without a promise.',
  age_days: 'Whole days since the order was placed: 0 is less than 24 hours.',
  customer_id: 'Id of the customer; null for orders without one.',
  cohort_month: "First day of the month of the customer's first order ever, in the zone of the query.",
  months_since_first: 'A number: months of the zone from the first order to this one, 0 in the month of the first.',
};
