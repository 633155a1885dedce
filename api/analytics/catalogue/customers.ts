import { cohortDimensions, customerDimensions, definedBy, type Kpi } from './kpi.ts';

const shared = {
  dimensions: customerDimensions,
  exclusions: 'Test orders, and orders without a customer. Cancelled orders are included.',
  definitionVersion: 1,
} as const;

const cohort = {
  dimensions: cohortDimensions,
  exclusions: `${shared.exclusions} Months that have not begun.`,
  definitionVersion: 1,
  source: definedBy.F,
} as const;

/** Customers, counted anew for every bucket and slice; without a grain the bucket is the whole time range. */
export const customerKpis: readonly Kpi[] = [
  {
    id: 'customers',
    name: 'Customers',
    ...shared,
    unit: 'count',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'distinct customers with an order placed in the bucket',
    source: definedBy.F,
    compute: { kind: 'sum', of: ['customers'] },
  },
  {
    id: 'new_customers',
    name: 'New customers',
    ...shared,
    unit: 'count',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'customers whose first order ever was placed in the bucket; in a slice: whose first order belongs to it',
    source: definedBy.F,
    compute: { kind: 'sum', of: ['new_customers'] },
  },
  {
    id: 'returning_customers',
    name: 'Returning customers',
    ...shared,
    unit: 'count',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'customers of the bucket with any order before the bucket',
    source: definedBy.F,
    compute: { kind: 'sum', of: ['returning_customers'] },
  },
  {
    id: 'returning_customer_share',
    name: 'Returning customers, share',
    ...shared,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'customers of the bucket with any order before the bucket / customers of the bucket',
    source: definedBy.S,
    compute: { kind: 'ratio', numerator: ['returning_customers'], denominator: ['customers'] },
  },
  {
    id: 'repeat_purchase_rate',
    name: 'Repeat purchase rate',
    ...shared,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'customers with two or more orders in the bucket / customers of the bucket',
    source: definedBy.P,
    compute: { kind: 'ratio', numerator: ['repeat_customers'], denominator: ['customers'] },
  },
  {
    id: 'purchase_frequency',
    name: 'Purchase frequency',
    ...shared,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'not additive',
    formula: 'orders of customers / customers of the bucket',
    source: definedBy.P,
    compute: { kind: 'ratio', numerator: ['orders_of_customers'], denominator: ['customers'] },
  },
];

/**
 * Cohorts: customers by the month of their first order ever, followed through the months since, in the zone of the query. The time
 * range chooses them by that first order, whenever they ordered again; `months_since_first` 0 is the month of the first order.
 */
export const cohortKpis: readonly Kpi[] = [
  {
    id: 'cohort_size',
    name: 'Cohort size',
    ...cohort,
    unit: 'count',
    direction: 'up is good',
    additivity: 'not additive',
    formula:
      'customers whose first order falls in the range; by months_since_first: those for whom that month has begun',
    compute: { kind: 'sum', of: ['cohort_customers'] },
  },
  {
    id: 'cohort_active',
    name: 'Active customers of the cohort',
    ...cohort,
    unit: 'count',
    direction: 'up is good',
    additivity: 'additive',
    formula:
      'customers of the cohort with an order in the month; over several months: customers × months with an order',
    compute: { kind: 'sum', of: ['cohort_active_months'] },
  },
  {
    id: 'cohort_retention',
    name: 'Cohort retention',
    ...cohort,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    formula:
      'customers of the cohort with an order in month k since their first / cohort size, with the dimension months_since_first; ' +
      'over several months: customers × months with an order / customers × months begun, month 0 included',
    compute: { kind: 'ratio', numerator: ['cohort_active_months'], denominator: ['cohort_months'] },
  },
  {
    id: 'ltv',
    name: 'Lifetime value',
    ...cohort,
    unit: 'money',
    direction: 'up is good',
    additivity: 'not additive',
    formula:
      'gross_sales − discounts of all orders up to and including month k since the first / cohort size, with the dimension ' +
      'months_since_first; without it: of all orders so far',
    compute: { kind: 'ratio', numerator: ['cohort_value'], denominator: ['cohort_customers'] },
  },
];
