import { advanceOrders } from './advance-orders.ts';
import type { CanonicalColumn } from './canonical-columns.ts';
import { CONFLICTS, findConflicts } from './conflicts.ts';
import type { StoredBrand } from './import-brands.ts';
import type { WrittenCounts } from './import-report.ts';
import type { ImportSession } from './import-session.ts';
import { refreshStatistics } from './planner-statistics.ts';
import type { ProblemList } from './problem.ts';
import { writeAdjustments } from './write-adjustments.ts';
import { collectOrders, writeOrders } from './write-orders.ts';
import { writeReference } from './write-reference.ts';
import { collectReturns, writeReturns } from './write-returns.ts';
import { writeStock } from './write-stock.ts';

export interface WriteContext {
  /** Id of this import. */
  readonly batch: string;
  readonly file: string;
  readonly headerOf: (column: CanonicalColumn) => string;
  readonly conflicts: ProblemList;
  readonly written: WrittenCounts;
  /** Called when lines are committed. */
  readonly onLines: (lines: number) => void;
  readonly signal?: AbortSignal;
}

type Chunk = { chunk: number; lines: number } & Record<string, unknown>;

/** The import's own entry in the audit trail, in place of one per row: one per transaction that wrote something. */
const AUDIT = `
  INSERT INTO commerce.audit_logs (tenant_id, actor_id, resource_type, resource_id, action, new_values)
  VALUES ($1, nullif(current_setting('app.current_user_id', true), '')::uuid, 'import',
    current_setting('app.import_batch')::uuid, 'IMPORT', $2)`;

/**
 * Writes the good lines of one brand: what they refer to first, then whole orders chunk by chunk, then what may refer to
 * orders. Every transaction leaves a consistent store, and writes only what is missing: an import that was cut off
 * goes on when it is started again.
 */
export async function writeBrand(session: ImportSession, brand: StoredBrand, context: WriteContext): Promise<void> {
  const write = (step: string, work: () => Promise<Partial<WrittenCounts>>) =>
    inBatch(session, brand, context, step, work);
  await write('reference', async () => {
    const counts = await writeReference(session, brand);
    await collectOrders(session, brand);
    await collectReturns(session, brand);
    return counts;
  });
  const chunks = await session.transaction(brand, context.batch, () =>
    session.query<Chunk>(
      `SELECT chunk, count(*)::integer AS lines FROM import_lines WHERE brand = $1 AND reason IS NULL GROUP BY chunk ORDER BY chunk`,
      [brand.slug],
    ),
  );
  const conflicts = (statements: readonly string[], chunk: number) =>
    findConflicts(session, statements, brand, chunk, context.headerOf, context.conflicts);
  await refreshStatistics(session);
  for (const [index, { chunk, lines }] of chunks.entries()) {
    await write('orders', () => writeChunk(session, brand, chunk, conflicts));
    context.onLines(lines);
    // The first, second, fourth, eighth …: whenever there are twice as many.
    if (Number.isInteger(Math.log2(index + 1))) await session.analyze(['commerce.orders']);
  }
  for (const { chunk } of chunks) {
    await write('returns', async () => {
      const { recognised, ...counts } = await writeReturns(session, brand, chunk);
      if (recognised > 0) await conflicts(CONFLICTS.returns, chunk);
      return counts;
    });
  }
  await write('stock', async () => ({ ...(await writeStock(session, brand)) }));
}

async function writeChunk(
  session: ImportSession,
  brand: StoredBrand,
  chunk: number,
  conflicts: (statements: readonly string[], chunk: number) => Promise<void>,
): Promise<Partial<WrittenCounts>> {
  const { recognised, ...counts } = await writeOrders(session, brand, chunk, () =>
    advanceOrders(session, brand, chunk),
  );
  if (recognised > 0) await conflicts(CONFLICTS.orders, chunk);
  const adjustments = await writeAdjustments(session, brand, chunk);
  await conflicts(CONFLICTS.adjustments, chunk);
  return { ...counts, adjustments };
}

async function inBatch(
  session: ImportSession,
  brand: StoredBrand,
  { batch, file, written, signal }: WriteContext,
  step: string,
  work: () => Promise<Partial<WrittenCounts>>,
): Promise<void> {
  signal?.throwIfAborted();
  const counts = await session.transaction(brand, batch, async () => {
    const done = Object.fromEntries(Object.entries(await work()).filter(([, count]) => count > 0));
    if (Object.keys(done).length > 0) await session.query(AUDIT, [brand.id, { file, step, ...done }]);
    return done;
  });
  for (const [name, count] of Object.entries(counts)) written[name as keyof WrittenCounts] += count;
}
