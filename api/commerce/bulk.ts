import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { fieldErrors, invalid, Problem, problemDocument } from '../problem.ts';
import { problemSchema } from '../problem-schema.ts';
import type { CommerceTransaction } from './database.ts';

const MOST = 500;

/** Body of a bulk create. Items are checked one by one, so that a bad one refuses itself only. */
export function bulkOf<T extends z.ZodType>(name: string, _item: T) {
  const unchecked = z
    .custom<z.input<T>>((value) => typeof value === 'object' && value !== null)
    .openapi({ type: 'object', allOf: [{ $ref: `#/components/schemas/${name}` }] });
  return z.strictObject({ items: z.array(unchecked).min(1).max(MOST) });
}

/** Answer of a bulk create: a result per item, in their order. */
export function bulkResultsOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    results: z.array(
      z.strictObject({
        index: z.int().openapi({ description: 'Place of the item in the request, from 0.' }),
        status: z.int().openapi({ description: '201, or the status of `problem`.' }),
        item: item.optional(),
        problem: problemSchema.optional(),
      }),
    ),
  });
}

export interface BulkResult<T> {
  readonly index: number;
  readonly status: number;
  readonly item?: T | undefined;
  readonly problem?: z.input<typeof problemSchema>;
}

/**
 * Creates each item in a savepoint of its own, all within this one transaction: refused items leave nothing, the others are
 * committed together. Bulks of one brand run one after another. Anything but a Problem refuses the whole request. `create` gives the id, `read` the entities by id.
 */
export async function createEach<T extends z.ZodType, Entity>(
  trx: CommerceTransaction,
  items: readonly unknown[],
  schema: T,
  requestId: string,
  create: (item: z.output<T>) => Promise<string>,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Entity>>,
): Promise<BulkResult<Entity>[]> {
  return createAll(trx, items, schema, requestId, async (good) => {
    const outcomes: (string | Problem)[] = [];
    for (const item of good) outcomes.push(await inSavepoint(trx, () => create(item)));
    const entities = await read(outcomes.filter((outcome) => typeof outcome === 'string'));
    return outcomes.map((outcome) => (typeof outcome === 'string' ? (entities.get(outcome) as Entity) : outcome));
  });
}

/**
 * As createEach, for what can be created together: `create` gives an entity or a problem for each. Where it throws a Problem, as for
 * what the database refuses, each item is created by itself.
 */
export async function createTogether<T extends z.ZodType, Entity>(
  trx: CommerceTransaction,
  items: readonly unknown[],
  schema: T,
  requestId: string,
  create: (items: readonly z.output<T>[]) => Promise<(Entity | Problem)[]>,
): Promise<BulkResult<Entity>[]> {
  return createAll(trx, items, schema, requestId, async (good) => {
    const together = await inSavepoint(trx, () => create(good));
    if (!(together instanceof Problem)) return together;
    const outcomes: (Entity | Problem)[] = [];
    for (const item of good) {
      const alone = await inSavepoint(trx, () => create([item]));
      outcomes.push(...(alone instanceof Problem ? [alone] : alone));
    }
    return outcomes;
  });
}

/** Checks the items; `create` gives an outcome for each good one. */
async function createAll<T extends z.ZodType, Entity>(
  trx: CommerceTransaction,
  items: readonly unknown[],
  schema: T,
  requestId: string,
  create: (good: z.output<T>[]) => Promise<(Entity | Problem)[]>,
): Promise<BulkResult<Entity>[]> {
  // One bulk at a time per brand: two that create the same things in another order would wait for each other.
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('bulk ' || current_setting('app.current_tenant_id'), 0))`.execute(
    trx,
  );
  const checked = items.map((item) => schema.safeParse(item));
  const good = checked.flatMap((result) => (result.success ? [result.data] : []));
  const created = (good.length === 0 ? [] : await create(good)).values();
  return checked.map((result, index) => {
    const outcome = result.success ? (created.next().value as Entity | Problem) : refusedBy(result.error);
    if (!(outcome instanceof Problem)) return { index, status: 201, item: outcome };
    const problem = problemDocument(outcome, requestId) as z.input<typeof problemSchema>;
    return { index, status: outcome.status, problem };
  });
}

/** What `work` gives, or the Problem it threw, after what it did is undone. */
async function inSavepoint<T>(trx: CommerceTransaction, work: () => Promise<T>): Promise<T | Problem> {
  await sql`SAVEPOINT item`.execute(trx);
  try {
    const result = await work();
    await sql`RELEASE SAVEPOINT item`.execute(trx);
    return result;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await sql`ROLLBACK TO SAVEPOINT item`.execute(trx);
    return error;
  }
}

function refusedBy(error: z.ZodError): Problem {
  return invalid(...fieldErrors(error));
}
