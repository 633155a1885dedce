import { sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import { lockOrder } from './lock-order.ts';
import { type OrderStatus, requireLegal } from './state-machine.ts';

const REACHES = { confirm: 'confirmed', pick: 'picked', pack: 'packed' } as const satisfies Record<string, OrderStatus>;

export type PlainStep = keyof typeof REACHES;

/** Takes a step that changes nothing but the status. */
export async function advanceOrder(trx: CommerceTransaction, id: string, step: PlainStep): Promise<void> {
  const { status } = await lockOrder(trx, id);
  requireLegal(status, step);
  await trx.updateTable('orders').set({ status: REACHES[step] }).where('id', '=', id).execute();
}

/** Cancels an order of which nothing has left, and releases its stock. */
export async function cancelOrder(trx: CommerceTransaction, tenantId: string, id: string): Promise<void> {
  const { status } = await lockOrder(trx, id);
  requireLegal(status, 'cancel');
  await sql`
    WITH held AS (
      DELETE FROM commerce.order_allocations a USING commerce.order_items i
      WHERE i.order_id = ${id} AND a.tenant_id = i.tenant_id AND a.order_item_id = i.id
      RETURNING i.variant_id, a.warehouse_id, a.quantity - a.shipped_quantity AS quantity
    )
    INSERT INTO commerce.inventory_movements
      (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id)
    SELECT ${tenantId}::uuid, variant_id, warehouse_id, 'allocated', -sum(quantity), 'release', 'order', ${id}::uuid
    FROM held GROUP BY variant_id, warehouse_id HAVING sum(quantity) > 0`.execute(trx);
  await trx.updateTable('orders').set({ status: 'cancelled', cancelled_at: new Date() }).where('id', '=', id).execute();
}
