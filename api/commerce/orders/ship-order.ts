import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { invalid, Problem } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { instantNow } from '../fields.ts';
import { findWarehouse } from '../inventory/find-stock.ts';
import { stockRefusals } from '../inventory/stock-constraints.ts';
import { type LockedOrder, lockOrder } from './lock-order.ts';
import { type OpenLine, type Parcel, planShipment, type Wanted } from './shipment-plan.ts';
import { requireLegal } from './state-machine.ts';

export interface ShipRequest {
  readonly lines?: readonly Wanted[] | undefined;
  /** Code. */
  readonly warehouse?: string | undefined;
  readonly carrier?: string | undefined;
  readonly trackingNumber?: string | undefined;
  readonly shippedAt?: string | undefined;
}

/** Ships an order, or a part of it: one shipment per warehouse. Stock on hand and the order's hold on it go down. */
export async function shipOrder(
  trx: CommerceTransaction,
  tenantId: string,
  id: string,
  request: ShipRequest,
): Promise<void> {
  const order = await lockOrder(trx, id);
  requireLegal(order.status, 'ship');
  const shippedAt = timeOf('shippedAt', request.shippedAt, order);
  const warehouseId = request.warehouse === undefined ? null : await findWarehouse(trx, 'warehouse', request.warehouse);
  const open = await openLines(trx, id);
  const parcels = planShipment(open, request.lines, warehouseId);
  if (parcels.length === 0) throw new Problem('conflict', 'There is nothing to ship from there.');
  await stockRefusals(() => writeParcels(trx, tenantId, id, parcels, { ...request, shippedAt }));
  const shipped = parcels.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
  const left = open.reduce((sum, line) => sum + line.open, 0) - shipped;
  const status = left > 0 ? 'partially_shipped' : 'shipped';
  if (status !== order.status) await trx.updateTable('orders').set({ status }).where('id', '=', id).execute();
}

/** When something happened to an order: not in the future, not before it was placed. Now when not given. */
export function timeOf(path: string, given: string | undefined, { placed_at }: LockedOrder): string {
  const now = instantNow();
  if (given === undefined) return now;
  if (given > now) throw invalid({ path, message: 'must not be in the future' });
  if (given < placed_at) throw invalid({ path, message: 'must not be before the order was placed' });
  return given;
}

async function openLines(trx: CommerceTransaction, orderId: string): Promise<OpenLine[]> {
  const { rows } = await sql<OpenLine>`
    SELECT i.id, i.variant_id AS "variantId", i.sku,
      greatest(0, i.quantity - coalesce((SELECT sum(s.quantity) FROM commerce.shipment_items s
        WHERE s.tenant_id = i.tenant_id AND s.order_item_id = i.id), 0))::integer AS open,
      coalesce((SELECT json_agg(json_build_object('allocationId', a.id, 'warehouseId', a.warehouse_id,
          'open', a.quantity - a.shipped_quantity) ORDER BY w.code)
        FROM commerce.order_allocations a JOIN commerce.warehouses w ON w.tenant_id = a.tenant_id AND w.id = a.warehouse_id
        WHERE a.tenant_id = i.tenant_id AND a.order_item_id = i.id), '[]') AS holdings
    FROM commerce.order_items i WHERE i.order_id = ${orderId} ORDER BY i.line_no`.execute(trx);
  return rows;
}

async function writeParcels(
  trx: CommerceTransaction,
  tenantId: string,
  orderId: string,
  parcels: readonly Parcel[],
  { carrier, trackingNumber, shippedAt }: ShipRequest & { readonly shippedAt: string },
): Promise<void> {
  const shipments = parcels.map(({ warehouseId, lines }) => ({ id: uuidv7(), warehouseId, lines }));
  await trx
    .insertInto('shipments')
    .values(
      shipments.map(({ id, warehouseId }) => ({
        tenant_id: tenantId,
        id,
        order_id: orderId,
        warehouse_id: warehouseId,
        carrier: carrier ?? null,
        tracking_number: trackingNumber ?? null,
        status: 'shipped' as const,
        shipped_at: shippedAt,
      })),
    )
    .execute();
  const lines = shipments.flatMap(({ id, warehouseId, lines: sent }) =>
    sent.map(({ line, allocationId, quantity }) => ({
      shipment: id,
      warehouse: warehouseId,
      item: line.id,
      variant: line.variantId,
      allocation: allocationId,
      quantity,
    })),
  );
  await sql`
    WITH sent AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb)
        AS s (shipment uuid, warehouse uuid, item uuid, variant uuid, allocation uuid, quantity integer)
    ),
    items AS (
      INSERT INTO commerce.shipment_items (tenant_id, shipment_id, order_item_id, quantity)
      SELECT ${tenantId}::uuid, shipment, item, quantity FROM sent
    ),
    used AS (
      UPDATE commerce.order_allocations a SET shipped_quantity = a.shipped_quantity + s.quantity
      FROM sent s WHERE a.id = s.allocation
    )
    INSERT INTO commerce.inventory_movements
      (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id)
    SELECT ${tenantId}::uuid, s.variant, s.warehouse, state, -sum(s.quantity), 'shipment', 'order', ${orderId}::uuid
    FROM sent s, unnest(ARRAY['on_hand', 'allocated']) AS state
    WHERE s.allocation IS NOT NULL
    GROUP BY s.variant, s.warehouse, state`.execute(trx);
}
