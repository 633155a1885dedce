import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { fieldPath, invalid, Problem, problemDocument } from '../problem.ts';
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
  // One bulk at a time per brand: two that create the same things in another order would wait for each other.
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('bulk ' || current_setting('app.current_tenant_id'), 0))`.execute(
    trx,
  );
  const outcomes: (string | Problem)[] = [];
  for (const item of items) {
    const parsed = schema.safeParse(item);
    outcomes.push(parsed.success ? await inSavepoint(trx, () => create(parsed.data)) : refusedBy(parsed.error));
  }
  const entities = await read(outcomes.filter((outcome) => typeof outcome === 'string'));
  return outcomes.map((outcome, index) =>
    typeof outcome === 'string'
      ? { index, status: 201, item: entities.get(outcome) }
      : {
          index,
          status: outcome.status,
          problem: problemDocument(outcome, requestId) as z.input<typeof problemSchema>,
        },
  );
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
  return invalid(...error.issues.slice(0, 20).map(({ path, message }) => ({ path: fieldPath(path), message })));
}
