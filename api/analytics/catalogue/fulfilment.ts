import { definedBy, fulfilmentDimensions, type Kpi } from './kpi.ts';
import { openOrderKpis } from './open-orders.ts';

const shared = {
  exclusions: 'Test orders and cancelled orders.',
  definitionVersion: 1,
} as const;
const shipped = { ...shared, dimensions: [...fulfilmentDimensions, 'ship_days'] } as const;
const delivered = { ...shared, dimensions: [...fulfilmentDimensions, 'delivery_days', 'days_late'] } as const;

const MICROS_PER_HOUR = 3_600_000_000n;
/** Percentiles are kept in tenths of a microsecond, in which p50 and p90 between two values are whole. */
const TENTHS_PER_HOUR = MICROS_PER_HOUR * 10n;

/** What the rates and percentiles are made of. */
const deliveryCounts: readonly Kpi[] = [
  {
    id: 'shipped_orders',
    name: 'Shipped orders',
    ...shipped,
    unit: 'count',
    direction: 'up is good',
    additivity: 'additive',
    formula: 'orders, by first shipment date',
    source: definedBy.P,
    compute: { kind: 'sum', of: ['shipped_orders'] },
  },
  {
    id: 'delivered_orders',
    name: 'Delivered orders',
    ...delivered,
    unit: 'count',
    direction: 'up is good',
    additivity: 'additive',
    formula: 'orders, by delivery date of the last shipment',
    source: definedBy.P,
    compute: { kind: 'sum', of: ['delivered_orders'] },
  },
  {
    id: 'delivered_with_promise',
    name: 'Delivered with a promise',
    ...delivered,
    unit: 'count',
    direction: 'neutral',
    additivity: 'additive',
    formula: 'delivered orders that had a promised time, by delivery date of the last shipment',
    source: definedBy.P,
    compute: { kind: 'sum', of: ['delivered_with_promise'] },
  },
  {
    id: 'delivered_on_time',
    name: 'Delivered on time',
    ...delivered,
    unit: 'count',
    direction: 'up is good',
    additivity: 'additive',
    formula: 'orders delivered by their first promised time, by delivery date of the last shipment',
    source: definedBy.P,
    compute: { kind: 'sum', of: ['delivered_on_time'] },
  },
  {
    id: 'late_deliveries',
    name: 'Late deliveries',
    ...delivered,
    unit: 'count',
    direction: 'down is good',
    additivity: 'additive',
    formula: 'orders delivered after their first promised time, by delivery date of the last shipment',
    source: definedBy.P,
    compute: { kind: 'sum', of: ['delivered_late'] },
  },
  {
    id: 'avg_lateness',
    name: 'Mean lateness',
    ...delivered,
    unit: 'hours',
    direction: 'down is good',
    additivity: 'ratio',
    formula: 'hours from first promised time to delivery of the last shipment / late deliveries, by delivery date',
    exclusions: `${shared.exclusions} Deliveries on time, and orders without a promise.`,
    source: definedBy.P,
    compute: { kind: 'ratio', numerator: ['late_time'], denominator: ['delivered_late'], perUnit: MICROS_PER_HOUR },
  },
];

/** Fulfilment; percentiles are continuous (linear between neighbours at p × (n − 1)), computed exactly. */
export const fulfilmentKpis: readonly Kpi[] = [
  {
    id: 'on_time_rate',
    name: 'On-time delivery',
    ...delivered,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    formula:
      'orders delivered by their first promised time / delivered orders with a promise, by delivery date of the last shipment',
    source: definedBy.SC,
    compute: { kind: 'ratio', numerator: ['delivered_on_time'], denominator: ['delivered_with_promise'] },
  },
  ...(['p50', 'p90'] as const).map(
    (percentile): Kpi => ({
      id: `ship_time_${percentile}`,
      name: `Time to ship, ${percentile}`,
      ...shipped,
      unit: 'hours',
      direction: 'down is good',
      additivity: 'not additive',
      formula: `${percentile} of hours from placed to first shipment, by first shipment date`,
      source: definedBy.P,
      compute: {
        kind: 'ratio',
        numerator: [`ship_time_${percentile}`],
        denominator: ['has_shipped'],
        perUnit: TENTHS_PER_HOUR,
      },
    }),
  ),
  {
    id: 'avg_ship_time',
    name: 'Average time to ship',
    ...shipped,
    unit: 'days',
    direction: 'down is good',
    additivity: 'ratio',
    formula: 'mean days from placed to first shipment, by first shipment date',
    source: definedBy.F,
    compute: {
      kind: 'ratio',
      numerator: ['ship_time'],
      denominator: ['shipped_orders'],
      perUnit: MICROS_PER_HOUR * 24n,
    },
  },
  ...(['p50', 'p90'] as const).map(
    (percentile): Kpi => ({
      id: `delivery_time_${percentile}`,
      name: `Time to deliver, ${percentile}`,
      ...delivered,
      unit: 'hours',
      direction: 'down is good',
      additivity: 'not additive',
      formula: `${percentile} of hours from placed to delivery of the last shipment, by delivery date`,
      source: definedBy.P,
      compute: {
        kind: 'ratio',
        numerator: [`delivery_time_${percentile}`],
        denominator: ['has_delivered'],
        perUnit: TENTHS_PER_HOUR,
      },
    }),
  ),
  ...deliveryCounts,
  ...openOrderKpis,
  {
    id: 'payment_success_rate',
    name: 'Payment success',
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    dimensions: ['currency', 'brand'],
    formula: 'payments received / payments attempted, by the time of the attempt',
    exclusions: 'None: pending attempts count as attempted.',
    definitionVersion: 1,
    source: definedBy.P,
    compute: { kind: 'ratio', numerator: ['payments_received'], denominator: ['payments_attempted'] },
  },
];
