import { z } from '@hono/zod-openapi';
import { type FieldError, fieldErrors, invalid } from '../../problem.ts';
import { rejectForeignCharacters } from '../../request-body.ts';
import { type KpiQuery, kpiQuerySchema } from '../request.ts';

export const MOST_QUERIES = 32;

/** The parameters of a stream; one that is unknown is refused, so that nobody takes a token in the URL for one that counts. */
export const streamParameters = z.strictObject({
  query: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.string().max(10_000)).max(MOST_QUERIES).default([]),
    )
    .openapi({
      param: { name: 'query', in: 'query', required: false, style: 'form', explode: true },
      type: 'array',
      items: {
        type: 'string',
        contentMediaType: 'application/json',
        contentSchema: { $ref: '#/components/schemas/KpiQuery' },
      } as { type: 'string' },
      maxItems: MOST_QUERIES,
      description:
        'A KpiQuery as JSON, as for POST /api/v1/kpis/query. Repeat it for several queries on one stream: events name theirs ' +
        'by its place, from 0. Without any the stream tells `moved` and `as-of` alone, which costs next to nothing.',
      example: ['{"measures":["net_sales","orders"],"timeRange":{"preset":"today"}}'],
    }),
});

/** The queries of a stream. Throws a problem that names every field that is wrong, such as `query[1].measures[0]`. */
export function parseQueries(texts: readonly string[]): KpiQuery[] {
  const errors: FieldError[] = [];
  const queries = texts.flatMap((text, index) => {
    const body = parsedJson(text);
    if (body === undefined) {
      errors.push({ path: `query[${index}]`, message: 'must be a KPI query as JSON' });
      return [];
    }
    rejectForeignCharacters(body, ['query', index]);
    const { success, data, error } = kpiQuerySchema.safeParse(body);
    if (success) {
      errors.push(...rowsAsked(data, index));
      return [data];
    }
    errors.push(...fieldErrors(error, ['query', index]));
    return [];
  });
  if (errors.length > 0) throw invalid(...errors.slice(0, 20));
  return queries;
}

/** Longest list of orders or customers that is live. */
const MOST_LIVE_ROWS = 100;

/** Rows behind a figure may be thousands, each of them new with every order: only a short list of them is live. */
function rowsAsked({ dimensions, grain, limit }: KpiQuery, index: number): FieldError[] {
  if (grain === undefined && limit !== undefined && limit <= MOST_LIVE_ROWS) return [];
  return dimensions.flatMap((dimension, i) =>
    dimension === 'order_number' || dimension === 'customer_id'
      ? [
          {
            path: `query[${index}].dimensions[${i}]`,
            message: `is live without a grain and with a limit of at most ${MOST_LIVE_ROWS}: else ask POST /api/v1/kpis/query or /rows`,
          },
        ]
      : [],
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
