import { sql } from 'kysely';
import type { CommerceDatabase, CommerceTransaction } from '../database.ts';

const AT_ONCE = 500;

/**
 * Takes back reservations of the brand that are past their time, of these variants only if given; returns how many. Those that
 * somebody else is at work on are left to them.
 */
export async function expireReservations(
  trx: CommerceTransaction,
  tenantId: string,
  variantIds?: readonly string[],
): Promise<number> {
  const ofVariants = variantIds === undefined ? sql`true` : sql`variant_id = ANY (${[...variantIds]}::uuid[])`;
  const { rows } = await sql<{ id: string }>`
    WITH due AS MATERIALIZED (
      SELECT id FROM commerce.reservations
      WHERE status = 'active' AND expires_at <= now() AND ${ofVariants}
      ORDER BY id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
    ),
    expired AS (
      UPDATE commerce.reservations r SET status = 'expired' FROM due WHERE r.id = due.id RETURNING r.*
    ),
    released AS (
      INSERT INTO commerce.inventory_movements
        (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id)
      SELECT ${tenantId}::uuid, variant_id, warehouse_id, 'reserved', -quantity, 'release', 'reservation', id FROM expired
    )
    SELECT id FROM expired`.execute(trx);
  return rows.length;
}

/** Takes back what is past its time, of all brands; returns how many. */
export async function sweepReservations(database: CommerceDatabase): Promise<number> {
  const brands = await database.asPlatform({}, (trx) =>
    trx
      .selectFrom('reservations')
      .select('tenant_id')
      .distinct()
      .where('status', '=', 'active')
      .where('expires_at', '<=', new Date())
      .execute(),
  );
  let expired = 0;
  for (const { tenant_id: tenantId } of brands) {
    expired += await database.withTenant({ tenantId }, (trx) => expireReservations(trx, tenantId));
  }
  return expired;
}
