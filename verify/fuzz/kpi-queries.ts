import fc from 'fast-check';

const date = fc.constantFrom('2024-01-01', '2025-01-01', '2025-06-15', '2026-01-01');

/** KPI queries that are mostly answered: random ones from the schema hardly ever fit together. Few, so that some are asked twice. */
export const sensibleKpiQueries: fc.Arbitrary<unknown> = fc.record(
  {
    measures: fc.uniqueArray(fc.constantFrom('net_sales', 'gross_sales', 'orders'), { minLength: 1, maxLength: 2 }),
    timeRange: fc.oneof(
      fc.constantFrom('today', 'last_30_days').map((preset) => ({ preset })),
      fc.tuple(date, date).map(([from, to]) => (from < to ? { from, to } : { from: '2000-01-01', to: '2100-01-01' })),
    ),
    dimensions: fc.oneof(
      fc.constant([]),
      fc.constantFrom('sku', 'country', 'category', 'warehouse').map((one) => [one]),
    ),
    // A marked brand has no zone of its own that exists.
    timezone: fc.constant('Europe/London'),
  },
  { requiredKeys: ['measures', 'timeRange', 'timezone'] },
);

/** The same for the rows behind a figure. */
export const sensibleRowsQueries: fc.Arbitrary<unknown> = fc.record({
  measure: fc.constantFrom('net_sales', 'orders', 'customers', 'low_stock_skus', 'payment_success_rate'),
  timeRange: fc.constant({ from: '2000-01-01', to: '2100-01-01' }),
  limit: fc.constantFrom(1, 50),
  timezone: fc.constant('Europe/London'),
});
