import { z } from '@hono/zod-openapi';
import { additivities, dimensions, directions, units } from './catalogue/kpi.ts';

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));

export const answerSchema = z
  .object({
    rows: rows.openapi({
      description:
        '`time` (a date, for hours an instant with offset), dimensions and measures. Money has 4 decimals, ratios and averages 6, ' +
        'both as text; counts are numbers. Null: see `notComputable`, or nothing to divide.',
      example: [{ time: '2011-01-01', country: 'France', net_sales: '1234.5000', orders: 7 }],
    }),
    comparison: rows.nullable().openapi({ description: 'The same for the span of `compareTo`.' }),
    measures: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        unit: z.enum(units),
        definitionVersion: z.int(),
        notComputable: z.string().optional().openapi({ description: 'Why there is no figure.' }),
      }),
    ),
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
  })
  .openapi('KpiAnswer');

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
