import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { unprocessable } from '../../problem.ts';
import { conflict } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { findWarehouse } from '../inventory/find-stock.ts';
import { stockRefusals } from '../inventory/stock-constraints.ts';
import { lockOrder } from './lock-order.ts';
import { orderRefusals } from './order-constraints.ts';
import type { Order } from './order-schema.ts';
import { returnJson } from './read-orders.ts';
import { returnAmount } from './totals.ts';

type Return = Order['returns'][number];

export interface ReturnRequest {
  readonly returnNumber?: string | undefined;
  readonly lines: readonly { readonly orderItemId: string; readonly quantity: number; readonly restock: boolean }[];
  readonly refund: boolean;
  /** Code of the warehouse that takes restocked units; without it the one they came from. */
  readonly warehouse?: string | undefined;
}

interface SoldLine {
  readonly id: string;
  readonly variant_id: string;
  readonly sku: string;
  readonly quantity: number;
  readonly net: string;
  readonly unit_cost: string | null;
  readonly shipped: number;
  readonly returned: number;
  readonly paid_back: string;
  readonly warehouse_id: string | null;
}

/** Takes goods back: at most what left and has not come back. Restocked units are on hand again, the others are written off. */
export async function takeBack(
  trx: CommerceTransaction,
  tenantId: string,
  orderId: string,
  request: ReturnRequest,
  returnNumber: string,
): Promise<Return> {
  const order = await lockOrder(trx, orderId);
  const to = request.warehouse === undefined ? null : await findWarehouse(trx, 'warehouse', request.warehouse);
  const sold = new Map((await soldLines(trx, orderId)).map((line) => [line.id, line]));
  const lines = request.lines.map(({ orderItemId, quantity, restock }, index) => {
    const line = sold.get(orderItemId.toLowerCase());
    if (line === undefined) {
      throw unprocessable({ path: `lines[${index}].orderItemId`, message: 'there is no such line in this order' });
    }
    const left = Math.max(0, line.shipped - line.returned);
    if (quantity > left) throw conflict(`lines[${index}].quantity`, `${left} of ${line.sku} can come back`);
    const amount = returnAmount(line, { before: line.returned, paidBack: line.paid_back, quantity });
    const warehouse = to ?? line.warehouse_id;
    if (restock && warehouse === null) {
      throw unprocessable({
        path: 'warehouse',
        message: 'name the warehouse: it is not known where the goods came from',
      });
    }
    return { line, quantity, restock, amount, warehouse };
  });
  const id = uuidv7();
  await orderRefusals(request.returnNumber === undefined, () =>
    trx
      .insertInto('returns')
      .values({
        tenant_id: tenantId,
        id,
        return_number: returnNumber,
        order_id: orderId,
        customer_id: order.customer_id,
        status: request.refund ? 'refunded' : 'received',
        channel: order.channel,
        country: order.country,
        currency: order.currency,
        is_test: order.is_test,
        refunded_at: request.refund ? new Date() : null,
      })
      .execute(),
  );
  await trx
    .insertInto('return_items')
    .values(
      lines.map(({ line, quantity, restock, amount }, index) => ({
        tenant_id: tenantId,
        return_id: id,
        line_no: index + 1,
        order_item_id: line.id,
        variant_id: line.variant_id,
        sku: line.sku,
        quantity,
        amount,
        unit_cost: line.unit_cost,
        restocked: restock,
      })),
    )
    .execute();
  const movements = lines.flatMap(({ line, quantity, restock, warehouse }) =>
    restock && warehouse !== null
      ? {
          tenant_id: tenantId,
          variant_id: line.variant_id,
          warehouse_id: warehouse,
          state: 'on_hand' as const,
          quantity,
          reason: 'return' as const,
          reference_type: 'return',
          reference_id: id,
        }
      : [],
  );
  if (movements.length > 0)
    await stockRefusals(() => trx.insertInto('inventory_movements').values(movements).execute());
  return readReturn(trx, id);
}

/** Pays back a return that was received; one that is refunded already is a conflict. */
export async function refundReturn(trx: CommerceTransaction, orderId: string, id: string): Promise<Return> {
  await lockOrder(trx, orderId);
  const found = await trx
    .selectFrom('returns')
    .select('status')
    .where('id', '=', id)
    .where('order_id', '=', orderId)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) throw unknown('return');
  if (found.status === 'refunded') throw conflict('status', 'is refunded already');
  await trx.updateTable('returns').set({ status: 'refunded', refunded_at: new Date() }).where('id', '=', id).execute();
  return readReturn(trx, id);
}

async function readReturn(trx: CommerceTransaction, id: string): Promise<Return> {
  const { rows } = await sql<{ body: Return }>`
    SELECT ${sql.raw(returnJson)} AS body FROM commerce.returns r WHERE r.id = ${id}`.execute(trx);
  return rows[0]?.body as Return;
}

/** An order that left without a record of its lines (an imported one) counts as shipped whole. */
async function soldLines(trx: CommerceTransaction, orderId: string): Promise<SoldLine[]> {
  const { rows } = await sql<SoldLine>`
    SELECT i.id, i.variant_id, i.sku, i.quantity, (i.unit_price * i.quantity - i.discount)::text AS net, i.unit_cost,
      CASE WHEN o.status IN ('shipped', 'delivered') AND NOT EXISTS (SELECT FROM commerce.shipment_items x
          JOIN commerce.order_items y ON y.tenant_id = x.tenant_id AND y.id = x.order_item_id
          WHERE y.tenant_id = o.tenant_id AND y.order_id = o.id)
        THEN i.quantity
        ELSE coalesce((SELECT sum(s.quantity) FROM commerce.shipment_items s
          WHERE s.tenant_id = i.tenant_id AND s.order_item_id = i.id), 0)::integer END AS shipped,
      back.returned, back.paid_back,
      (SELECT s.warehouse_id FROM commerce.shipments s
        LEFT JOIN commerce.shipment_items si ON si.tenant_id = s.tenant_id AND si.shipment_id = s.id AND si.order_item_id = i.id
        WHERE s.tenant_id = i.tenant_id AND s.order_id = i.order_id AND s.warehouse_id IS NOT NULL
        ORDER BY si.id IS NULL, s.id LIMIT 1) AS warehouse_id
    FROM commerce.orders o
    JOIN commerce.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id,
    LATERAL (
      SELECT coalesce(sum(r.quantity), 0)::integer AS returned, coalesce(sum(r.amount), 0)::text AS paid_back
      FROM commerce.return_items r WHERE r.tenant_id = i.tenant_id AND r.order_item_id = i.id
    ) back
    WHERE o.id = ${orderId}`.execute(trx);
  return rows;
}
