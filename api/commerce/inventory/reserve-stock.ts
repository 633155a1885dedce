import { sql } from 'kysely';
import { invalid, Problem } from '../../problem.ts';
import { conflict } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { instantNow } from '../fields.ts';
import { expireReservations } from './expire-reservations.ts';
import { findVariant, findWarehouse } from './find-stock.ts';
import type { NewReservation, Reservation } from './inventory-schema.ts';
import { lockStock } from './lock-stock.ts';
import { reservationById } from './read-stock.ts';

const DEFAULT_MINUTES = 15;
const MOST_DAYS = 30;
const MINUTE = 60_000;

/** Sets units of one warehouse aside until `expiresAt`. Throws `insufficient-stock` where no warehouse has as many. */
export async function reserveStock(
  trx: CommerceTransaction,
  tenantId: string,
  request: NewReservation,
): Promise<Reservation> {
  const expires_at = expiryOf(request.expiresAt);
  const variant_id = await findVariant(trx, request);
  const only = request.warehouse === undefined ? null : await findWarehouse(trx, 'warehouse', request.warehouse);
  const find = async () => {
    await lockStock(trx, [variant_id]);
    const { rows } = await sql<{ warehouse_id: string; available: number }>`
      SELECT i.warehouse_id, i.available FROM commerce.inventory i
      JOIN commerce.warehouses w ON w.tenant_id = i.tenant_id AND w.id = i.warehouse_id
      WHERE i.variant_id = ${variant_id} AND (${only}::uuid IS NULL OR i.warehouse_id = ${only}::uuid)
      ORDER BY w.code`.execute(trx);
    return {
      best: Math.max(0, ...rows.map(({ available }) => available)),
      from: rows.find(({ available }) => available >= request.quantity),
    };
  };
  let found = await find();
  if (found.from === undefined && (await expireReservations(trx, tenantId, [variant_id])) > 0) found = await find();
  if (found.from === undefined) {
    const message = `${found.best} units are available in one warehouse`;
    throw new Problem('insufficient-stock', `quantity: ${message}.`, { errors: [{ path: 'quantity', message }] });
  }
  const { warehouse_id } = found.from;
  const { id } = await trx
    .insertInto('reservations')
    .values({ tenant_id: tenantId, variant_id, warehouse_id, quantity: request.quantity, expires_at })
    .returning('id')
    .executeTakeFirstOrThrow();
  await moveReserved(trx, tenantId, { id, variant_id, warehouse_id }, request.quantity, 'reservation');
  return (await reservationById(trx, id)) as Reservation;
}

/** Gives the units of an active reservation back before their time. */
export async function releaseReservation(trx: CommerceTransaction, tenantId: string, id: string): Promise<Reservation> {
  const found = await trx
    .selectFrom('reservations')
    .select(['id', 'variant_id', 'warehouse_id', 'quantity', 'status'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) throw unknown('reservation');
  if (found.status !== 'active') throw conflict('status', `is ${found.status}`);
  await trx.updateTable('reservations').set({ status: 'released' }).where('id', '=', id).execute();
  await moveReserved(trx, tenantId, found, -found.quantity, 'release');
  return (await reservationById(trx, id)) as Reservation;
}

function expiryOf(given: string | undefined): string {
  const now = Date.now();
  if (given === undefined) return new Date(now + DEFAULT_MINUTES * MINUTE).toISOString();
  const latest = new Date(now + MOST_DAYS * 24 * 60 * MINUTE).toISOString();
  if (given <= instantNow()) throw invalid({ path: 'expiresAt', message: 'must be in the future' });
  if (given > latest) throw invalid({ path: 'expiresAt', message: `must be within ${MOST_DAYS} days` });
  return given;
}

async function moveReserved(
  trx: CommerceTransaction,
  tenantId: string,
  { id, variant_id, warehouse_id }: { id: string; variant_id: string; warehouse_id: string },
  quantity: number,
  reason: 'reservation' | 'release',
): Promise<void> {
  const reference = { reference_type: 'reservation', reference_id: id };
  await trx
    .insertInto('inventory_movements')
    .values({ tenant_id: tenantId, variant_id, warehouse_id, state: 'reserved', quantity, reason, ...reference })
    .execute();
}
