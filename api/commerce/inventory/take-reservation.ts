import { sql } from 'kysely';
import { Problem, unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';

export interface Reservation {
  readonly id: string;
  readonly variant_id: string;
  readonly warehouse_id: string;
  readonly quantity: number;
  readonly status: string;
  readonly due: boolean;
}

/** Locks a reservation for an order that is to consume it. Throws where there is none, or it is not active any more. */
export async function lockReservation(trx: CommerceTransaction, id: string): Promise<Reservation> {
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
  return reservation;
}

/** Frees the units of a locked reservation for an order whose stock is locked as well. */
export async function freeReservation(
  trx: CommerceTransaction,
  tenantId: string,
  reservation: Reservation,
  orderId: string,
): Promise<void> {
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
}

export async function consumeReservation(trx: CommerceTransaction, id: string, orderId: string): Promise<void> {
  await trx.updateTable('reservations').set({ status: 'consumed', order_id: orderId }).where('id', '=', id).execute();
}
