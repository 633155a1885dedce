import { ClickHouseError } from './clickhouse.ts';
import { verdict } from './clickhouse-errors.ts';

export interface RefusedRow {
  readonly row: Buffer;
  readonly reason: string;
}

/**
 * Stores the rows, and finds those that are refused by halving until each stands alone: all others are stored. Rows that were
 * stored twice on the way replace themselves. Any error that is not about a row is thrown: nothing is known to be stored then.
 */
export async function isolateRefused(
  rows: readonly Buffer[],
  insert: (rows: readonly Buffer[]) => Promise<void>,
): Promise<RefusedRow[]> {
  if (rows.length === 0) return [];
  try {
    await insert(rows);
    return [];
  } catch (error) {
    if (verdict(error) !== 'row') throw error;
    if (rows.length === 1) return [{ row: rows[0] as Buffer, reason: reasonOf(error) }];
  }
  const middle = rows.length >> 1;
  const first = await isolateRefused(rows.slice(0, middle), insert);
  const second = await isolateRefused(rows.slice(middle), insert);
  return [...first, ...second];
}

function reasonOf(error: unknown): string {
  const message = error instanceof ClickHouseError ? `${error.type ?? error.code}: ${error.message}` : String(error);
  return message.slice(0, 2_000);
}
