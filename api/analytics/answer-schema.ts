import { z } from '@hono/zod-openapi';
import { additivities, dimensions, directions, units } from './catalogue/kpi.ts';

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));

const measureOut = z.object({
  id: z.string(),
  name: z.string(),
  unit: z.enum(units),
  definitionVersion: z.int(),
  notComputable: z.string().optional().openapi({ description: 'Why there is no figure.' }),
});

const reflects = {
  asOf: z.object({
    commitTime: z.string().nullable(),
    position: z
      .string()
      .nullable()
      .openapi({ description: 'Every commit up to here is in the figures.', example: '0/1A2B3C4' }),
    state: z.enum(['live', 'idle', 'lagging', 'stalled']),
  }),
  timezone: z.string(),
  currency: z.string().nullable(),
};

export const answerSchema = z
  .object({
    rows: rows.openapi({
      description:
        '`time` (a date, for hours an instant with offset), dimensions and measures. Money has 4 decimals, ratios and averages 6, ' +
        'both as text; counts are numbers. Null: see `notComputable`, or nothing to divide.',
      example: [{ time: '2011-01-01', country: 'France', net_sales: '1234.5000', orders: 7 }],
    }),
    comparison: rows.nullable().openapi({ description: 'The same for the span of `compareTo`.' }),
    totals: z
      .object({ rows, comparison: rows.nullable() })
      .optional()
      .openapi({ description: 'With `withTotals`: what `rows` and `comparison` were without a grain.' }),
    measures: z.array(measureOut),
    ...reflects,
  })
  .openapi('KpiAnswer');

const value = z.union([z.string(), z.number(), z.null()]);

export const rowsSchema = z
  .object({
    measure: measureOut,
    rowsAre: z.array(z.enum(dimensions)).openapi({ description: 'The dimensions that name a row.' }),
    addsUp: z.boolean().openapi({ description: 'False for percentiles: a place among the rows, not their sum.' }),
    parts: z
      .array(z.object({ id: z.string(), name: z.string(), unit: z.enum(['money', 'count', 'microseconds']) }))
      .openapi({ description: 'What adds up: `value`, or `numerator` and `denominator` of a ratio.' }),
    figure: value.openapi({ description: 'The figure, as a query answers it.' }),
    total: z.record(z.string(), z.string()).openapi({
      description:
        'Sums of the parts over all rows, also over those beyond the limit: rounded, or divided, they are the figure.',
    }),
    count: z.int().openapi({ description: 'Rows in all; those that add nothing are left out.' }),
    rows: z.array(z.record(z.string(), value)).openapi({
      description:
        '`time` of the latest entry (an instant, null where there is none), what `rowsAre` names, and the parts as exact text ' +
        '(converted money with all its decimals); of a ratio also `value`, that of the row.',
      example: [{ order_number: 'ORD-000123', time: '2026-01-31T09:00:00.000001Z', value: '12.5000' }],
    }),
    span: z.object({ from: z.string(), to: z.string() }).nullable().openapi({ description: 'Exact; `to` exclusive.' }),
    ...reflects,
  })
  .openapi('KpiRows');

export const explanationSchema = z.object({ dialect: z.literal('clickhouse'), sql: z.string() }).openapi('Explanation');

export const catalogueSchema = z
  .object({
    kpis: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        unit: z.enum(units),
        direction: z.enum(directions),
        additivity: z.enum(additivities),
        dimensions: z.array(z.enum(dimensions)),
        rows: z.array(z.enum(dimensions)).openapi({
          description:
            'What stands behind a figure (POST /api/v1/kpis/rows); may be asked for as dimensions, but not live.',
        }),
        formula: z.string(),
        exclusions: z.string(),
        definitionVersion: z.int(),
        source: z.string().openapi({ description: 'Whose definition it is.' }),
        isState: z.boolean().openapi({ description: 'As of now: no grain, no comparison.' }),
        platformOnly: z.boolean(),
      }),
    ),
  })
  .openapi('KpiCatalogue');
