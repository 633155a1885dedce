import { conflict } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import type { Order, OrderChanges } from './order-schema.ts';

/** Changes what may change of an order, apart from its steps. The first promise is never rewritten. */
export async function changeOrder(trx: CommerceTransaction, order: Order, changes: OrderChanges): Promise<void> {
  const { note, promisedAt } = changes;
  if (promisedAt !== undefined && order.promisedAt !== null && promisedAt !== order.promisedAt) {
    throw conflict('promisedAt', 'a promise was made: the first one is never rewritten');
  }
  if (promisedAt !== undefined && promisedAt < order.placedAt)
    throw conflict('promisedAt', 'is before the order was placed');
  if (note === undefined && promisedAt === undefined) return;
  await trx
    .updateTable('orders')
    .set({ ...(note === undefined ? {} : { note }), ...(promisedAt === undefined ? {} : { promised_at: promisedAt }) })
    .where('id', '=', order.id)
    .execute();
}
