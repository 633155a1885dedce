import { definedBy, fulfilmentDimensions, type Kpi } from './kpi.ts';

const shared = {
  dimensions: fulfilmentDimensions,
  exclusions: 'Test orders and cancelled orders.',
  definitionVersion: 1,
} as const;

const MICROS_PER_HOUR = 3_600_000_000n;
/** Percentiles are kept in tenths of a microsecond, in which p50 and p90 between two values are whole. */
const TENTHS_PER_HOUR = MICROS_PER_HOUR * 10n;

/** Fulfilment; percentiles are continuous (linear between neighbours at p × (n − 1)), computed exactly. */
export const fulfilmentKpis: readonly Kpi[] = [
  {
    id: 'on_time_rate',
    name: 'On-time delivery',
    ...shared,
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
      ...shared,
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
    ...shared,
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
      ...shared,
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
  {
    id: 'backlog',
    name: 'Backlog',
    unit: 'count',
    direction: 'down is good',
    additivity: 'additive',
    dimensions: ['channel', 'country', 'currency', 'status', 'brand'],
    formula:
      'orders of which something is still to be shipped (placed, confirmed, picked, packed, partially shipped), now',
    exclusions: 'Test orders.',
    definitionVersion: 2,
    source: definedBy.P,
    isState: true,
    compute: { kind: 'sum', of: ['backlog'] },
  },
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
