import { sql } from 'kysely';
import { Problem, unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { lockStock } from './lock-stock.ts';

interface Reservation {
  readonly id: string;
  readonly variant_id: string;
  readonly warehouse_id: string;
  readonly quantity: number;
  readonly status: string;
  readonly due: boolean;
}

/**
 * Frees the units of an active reservation for an order that is about to be written in the same transaction; then
 * consumeReservation. Throws where it is not active any more, or of a variant that the order does not have.
 */
export async function takeReservation(
  trx: CommerceTransaction,
  tenantId: string,
  id: string,
  orderId: string,
  lines: readonly { readonly variantId: string }[],
): Promise<{ readonly id: string; readonly warehouseId: string }> {
  const { rows } = await sql<Reservation>`
    SELECT id, variant_id, warehouse_id, quantity, status, expires_at <= now() AS due FROM commerce.reservations
    WHERE id = ${id} FOR UPDATE`.execute(trx);
  const path = 'reservationId';
  const [reservation] = rows;
  if (reservation === undefined) throw unprocessable({ path, message: 'there is no such reservation' });
  if (reservation.status !== 'active' || reservation.due) {
    const state = reservation.status === 'active' ? 'expired' : reservation.status;
    throw new Problem('conflict', `The reservation is ${state}.`, { errors: [{ path, message: `is ${state}` }] });
  }
  const variantIds = lines.map(({ variantId }) => variantId);
  if (!variantIds.includes(reservation.variant_id)) {
    throw unprocessable({ path, message: 'is of a variant that this order does not have' });
  }
  await lockStock(trx, variantIds);
  await trx
    .insertInto('inventory_movements')
    .values({
      tenant_id: tenantId,
      variant_id: reservation.variant_id,
      warehouse_id: reservation.warehouse_id,
      state: 'reserved',
      quantity: -reservation.quantity,
      reason: 'release',
      reference_type: 'order',
      reference_id: orderId,
    })
    .execute();
  return { id: reservation.id, warehouseId: reservation.warehouse_id };
}

export async function consumeReservation(trx: CommerceTransaction, id: string, orderId: string): Promise<void> {
  await trx.updateTable('reservations').set({ status: 'consumed', order_id: orderId }).where('id', '=', id).execute();
}
