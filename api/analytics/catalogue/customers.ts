import { customerDimensions, definedBy, type Kpi } from './kpi.ts';

const shared = {
  dimensions: customerDimensions,
  exclusions: 'Test orders, and orders without a customer. Cancelled orders are included.',
  definitionVersion: 1,
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
];
