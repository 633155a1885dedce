import { sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import type { OrderStatus } from './state-machine.ts';

export interface LockedOrder {
  readonly id: string;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly customer_id: string | null;
  readonly channel: string | null;
  readonly country: string | null;
  readonly is_test: boolean;
  /** UTC text with microseconds. */
  readonly placed_at: string;
}

/**
 * Locks an order until the end of the transaction: whatever changes one begins here, and before any stock, so that of two changes
 * at once the second sees what the first did. A 404 problem when there is none.
 */
export async function lockOrder(trx: CommerceTransaction, id: string): Promise<LockedOrder> {
  const { rows } = await sql<LockedOrder>`
    SELECT id, status, currency, customer_id, channel, country, is_test,
      to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS placed_at
    FROM commerce.orders WHERE id = ${id} FOR NO KEY UPDATE`.execute(trx);
  if (rows[0] === undefined) throw unknown('order');
  return rows[0];
}
