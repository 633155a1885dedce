import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import { conflict } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import { lockOrder } from './lock-order.ts';
import type { Order } from './order-schema.ts';
import { paymentJson } from './read-orders.ts';

type Payment = Order['payments'][number];

export interface PaymentRequest {
  readonly amount: string;
  readonly method?: string | undefined;
  readonly status: 'received' | 'failed';
  readonly reference?: string | undefined;
}

/** Records a payment. What was received may not exceed the order's total: the order is locked, so two at once are added up. */
export async function takePayment(
  trx: CommerceTransaction,
  tenantId: string,
  id: string,
  payment: PaymentRequest,
): Promise<Payment> {
  const order = await lockOrder(trx, id);
  if (order.status === 'cancelled') throw conflict('status', 'the order is cancelled');
  if (payment.status === 'received') {
    const { rows } = await sql<{ due: string }>`
      SELECT (SELECT coalesce(sum(unit_price * quantity - discount + tax + shipping), 0) FROM commerce.order_items WHERE order_id = ${id})
        - (SELECT coalesce(sum(amount), 0) FROM commerce.payments WHERE order_id = ${id} AND status = 'received') AS due`.execute(
      trx,
    );
    const due = Decimal.max(0, rows[0]?.due ?? 0);
    if (due.lt(payment.amount)) throw conflict('amount', `${due.toFixed(4)} ${order.currency} are still to be paid`);
  }
  const { id: paymentId } = await trx
    .insertInto('payments')
    .values({
      tenant_id: tenantId,
      order_id: id,
      amount: payment.amount,
      currency: order.currency,
      method: payment.method ?? null,
      status: payment.status,
      reference: payment.reference ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ body: Payment }>`
    SELECT ${sql.raw(paymentJson)} AS body FROM commerce.payments p WHERE p.id = ${paymentId}`.execute(trx);
  return rows[0]?.body as Payment;
}
