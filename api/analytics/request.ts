import { z } from '@hono/zod-openapi';
import { grains, isZoneName } from './buckets.ts';
import { dimensionMeanings, dimensions } from './catalogue/kpi.ts';
import { kpiIds } from './catalogue.ts';
import { comparisons, presets } from './time-range.ts';

/** Most rows an answer has, given or not given a limit. */
export const MOST_ROWS = 50_000;
/** Most buckets of a series. */
export const MOST_BUCKETS = 5_000;

const currencies = new Set(Intl.supportedValuesOf('currency'));

const currency = z
  .string()
  .refine((code) => currencies.has(code), 'must be an ISO 4217 currency such as GBP')
  .openapi({ example: 'GBP' });

/** As `timezone`: the zone of the brand whose figures are read, whoever asks. */
export const BRAND_ZONE = 'brand';

const timezone = z
  .string()
  .max(64)
  .refine(
    (name) => name === BRAND_ZONE || isZoneName(name),
    'must be an IANA time zone such as Europe/London, or brand',
  )
  .openapi({
    description: "An IANA zone, or `brand` for the brand's own. Default: the brand's own; UTC for platform roles.",
    example: 'Europe/London',
  });

const measure = z.enum(kpiIds, { error: 'is not a measure: GET /api/v1/kpis lists all' });
const dimension = z.enum(dimensions, { error: `must be one of ${dimensions.join(', ')}` });

const timeRange = z
  .union(
    [
      z.strictObject({
        from: z.string().max(40).openapi({ description: 'Inclusive.', example: '2011-01-01' }),
        to: z.string().max(40).openapi({ description: 'Exclusive.', example: '2012-01-01' }),
      }),
      z.strictObject({ preset: z.enum(presets) }),
    ],
    { error: `must be {"from", "to"} or {"preset"} with one of ${presets.join(', ')}` },
  )
  .openapi({
    description:
      'Plain dates are days of the zone, instants (with offset) are exact. Presets are whole days and include the running one. ' +
      'Optional only when all measures are states.',
  });

const filter = z.strictObject({
  dimension,
  op: z.enum(['in', 'not_in']),
  values: z
    .array(z.string().max(1_000).nullable())
    .min(1)
    .max(1_000)
    .openapi({ description: 'Exact values; null is "not known".' }),
});

const order = z.strictObject({
  by: z.string().max(64).openapi({ description: 'A measure or dimension of the query, or `time`.' }),
  direction: z.enum(['asc', 'desc']).default('asc'),
});

const distinct = (what: string) =>
  [(values: readonly string[]) => new Set(values).size === values.length, `each ${what} may be named once`] as const;

/** The body of a KPI query. Unknown keys are refused: a misspelt one must not be ignored. */
export const kpiQuerySchema = z
  .strictObject({
    measures: z
      .array(measure)
      .min(1)
      .max(50)
      .refine(...distinct('measure'))
      .openapi({ example: ['net_sales', 'orders'] }),
    timeRange: timeRange.optional(),
    grain: z.enum(grains).optional().openapi({ description: 'Absent: one bucket. Weeks start on Monday.' }),
    dimensions: z
      .array(dimension)
      .max(dimensions.length)
      .refine(...distinct('dimension'))
      .default([])
      .openapi({
        description: Object.entries(dimensionMeanings)
          .map(([name, meaning]) => `\`${name}\`: ${meaning}`)
          .join(' '),
      }),
    filters: z.array(filter).max(50).default([]),
    orderBy: z.array(order).max(20).default([]),
    limit: z.int().min(1).max(MOST_ROWS).optional(),
    withTotals: z.boolean().optional().openapi({
      description:
        'With a grain: also the figures of the whole time range, in `totals`. The same as without a grain, for little more than the series costs.',
    }),
    compareTo: z.enum(comparisons).optional(),
    timezone: timezone.optional(),
    reportingCurrency: currency.optional().openapi({
      description:
        "Money is converted into it at each entry's UTC date. Default: the brand's own. With the dimension `currency` and " +
        'without this, money is not converted.',
    }),
  })
  .openapi('KpiQuery');

export type KpiQuery = z.output<typeof kpiQuerySchema>;

/** The body of a question for the rows behind a figure. */
export const kpiRowsSchema = z
  .strictObject({
    measure,
    timeRange: timeRange.optional(),
    grain: z.enum(grains).optional().openapi({ description: 'With `time`: of the series the figure is a bucket of.' }),
    time: z
      .string()
      .max(40)
      .optional()
      .openapi({ description: '`time` of that bucket, as the series names it.', example: '2011-01-01' }),
    filters: z
      .array(filter)
      .max(50)
      .default([])
      .openapi({ description: "Those of the figure's query, and a value of each dimension of its row." }),
    orderBy: z
      .strictObject({ by: z.enum(['time', 'value']), direction: z.enum(['asc', 'desc']).default('desc') })
      .default({ by: 'time', direction: 'desc' })
      .openapi({ description: 'Rows without a time are ordered by value.' }),
    limit: z.int().min(1).max(MOST_ROWS).default(100),
    timezone: timezone.optional(),
    reportingCurrency: currency.optional(),
  })
  .openapi('KpiRowsQuery');

export type KpiRowsQuery = z.output<typeof kpiRowsSchema>;

export function isCurrency(code: string): boolean {
  return currencies.has(code);
}
