import { sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';

/** Locks the stock rows of variants in the one order in which everybody locks them, so that nobody waits in a circle. */
export async function lockStock(trx: CommerceTransaction, variantIds: readonly string[]): Promise<void> {
  await sql`SELECT FROM commerce.inventory i WHERE i.variant_id = ANY (${[...variantIds]}::uuid[])
    ORDER BY i.variant_id, i.warehouse_id FOR NO KEY UPDATE`.execute(trx);
}
