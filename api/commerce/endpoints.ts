// What the routes of commerce have in common.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiEnv } from '../context.ts';
import { etagOf } from '../etag.ts';
import type { Created } from '../idempotency.ts';
import { Problem } from '../problem.ts';
import { problemResponses } from '../problem-schema.ts';
import type { CommerceTransaction } from './database.ts';

export const security: Record<string, string[]>[] = [{ bearer: [] }, { cookie: [] }];

export const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });

/** A JSON body that must be there. */
export const bodyOf = <T extends z.ZodType>(schema: T) => ({ required: true as const, content: json(schema) });

const tenantHeader = z.string().optional().openapi({
  description: "Id or slug of the brand: required for platform roles; a brand's token admits its own only.",
});

/** Headers of every endpoint of a brand. */
export const brandHeaders = z.object({ 'x-tenant-id': tenantHeader });

/** Headers of a creating POST. */
export const createHeaders = z.object({
  'x-tenant-id': tenantHeader,
  'idempotency-key': z.string().optional().openapi({
    description:
      'Sent again with the same body within 24 hours, the request does nothing twice and gets the same answer.',
  }),
});

/** Headers of an update. */
export const updateHeaders = z.object({
  'x-tenant-id': tenantHeader,
  'if-match': z.string().optional().openapi({
    description: 'Required: the ETag of what you read. 428 without it, 412 when it has changed since.',
  }),
});

const etag = z.string().openapi({ description: 'Tag of this version, for If-Match.' });
const location = z.string().openapi({ description: 'Path of what was created.' });

/** A 200 answer of one entity, and its problems. */
export function answers<T extends z.ZodType>(schema: T, description: string, ...problems: number[]) {
  return {
    200: { description, content: json(schema), headers: z.object({ etag }) },
    ...problemResponses(400, 401, 403, 404, 429, 503, ...problems),
  };
}

/** A 200 answer that is no entity with a version (lists, reports), and its problems. */
export function reports<T extends z.ZodType>(schema: T, description: string, ...problems: number[]) {
  return {
    200: { description, content: json(schema) },
    ...problemResponses(400, 401, 403, 404, 429, 503, ...problems),
  };
}

/** The 201 answer of a creating POST, and its problems. */
export function creates<T extends z.ZodType>(schema: T, description: string, ...problems: number[]) {
  return {
    201: { description, content: json(schema), headers: z.object({ location, etag: etag.optional() }) },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 429, 503, ...problems),
  };
}

/** Answers 200 with an entity and its ETag. */
export function entity<T>(c: Context<ApiEnv>, body: T): T {
  c.header('etag', etagOf(body));
  c.header('cache-control', 'no-store');
  return body;
}

/** The answer of a creating POST: where it is, its tag, itself. */
export function created<T extends { readonly id: string }>(path: string, body: T): Created<T> {
  return { status: 201, body, headers: { location: `${path}/${body.id}`, etag: etagOf(body) } };
}

type Lockable = 'products' | 'product_variants' | 'categories' | 'prices' | 'customers';

/** Locks a row for an update until the end of the transaction. A 404 when there is none: foreign ids are as unknown ones. */
export async function lock(trx: CommerceTransaction, table: Lockable, id: string, what: string): Promise<void> {
  const found = await trx.selectFrom(table).select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  if (found === undefined) throw unknown(what);
}

/** The 404 problem of an id that is not there, or of another brand. */
export function unknown(what: string): Problem {
  return new Problem('not-found', `There is no such ${what}.`);
}
