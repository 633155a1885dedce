import { definedBy, fulfilmentDimensions, type Kpi } from './kpi.ts';

const shared = { unit: 'count', direction: 'down is good', source: definedBy.P, isState: true } as const;
const backlog = {
  ...shared,
  dimensions: ['channel', 'country', 'currency', 'status', 'brand', 'age_days'],
  exclusions: 'Test orders.',
} as const;
const overdue = {
  ...shared,
  dimensions: [...fulfilmentDimensions, 'days_late'],
  exclusions: 'Test orders, cancelled orders, orders without a promise.',
  definitionVersion: 1,
} as const;

const MICROS_PER_HOUR = 3_600_000_000n;

/** Orders on their way, as they stand now. */
export const openOrderKpis: readonly Kpi[] = [
  {
    id: 'backlog',
    name: 'Backlog',
    ...backlog,
    additivity: 'additive',
    formula:
      'orders of which something is still to be shipped (placed, confirmed, picked, packed, partially shipped), now',
    definitionVersion: 2,
    compute: { kind: 'sum', of: ['backlog'] },
  },
  ...(['p50', 'p90'] as const).map(
    (percentile): Kpi => ({
      id: `backlog_age_${percentile}`,
      name: `Age of backlog, ${percentile}`,
      ...backlog,
      unit: 'hours',
      additivity: 'not additive',
      formula: `${percentile} of hours since orders of the backlog were placed, now`,
      definitionVersion: 1,
      compute: {
        kind: 'ratio',
        numerator: [`backlog_age_${percentile}`],
        denominator: ['has_backlog'],
        // Percentiles are kept in tenths of a microsecond.
        perUnit: MICROS_PER_HOUR * 10n,
      },
    }),
  ),
  {
    id: 'overdue_orders',
    name: 'Overdue orders',
    ...overdue,
    additivity: 'additive',
    formula: 'orders that are not delivered and whose first promised time has passed, now',
    compute: { kind: 'sum', of: ['overdue_orders'] },
  },
  {
    id: 'avg_overdue',
    name: 'Mean time overdue',
    ...overdue,
    unit: 'hours',
    additivity: 'ratio',
    formula: 'hours since the first promised time / overdue orders, now',
    compute: {
      kind: 'ratio',
      numerator: ['overdue_time'],
      denominator: ['overdue_orders'],
      perUnit: MICROS_PER_HOUR,
    },
  },
];
