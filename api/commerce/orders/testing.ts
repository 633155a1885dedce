// What tests of orders and stock are written in.
import type { AdminClient } from '../../../sql/postgres.ts';
import type { CommerceTest } from '../testing.ts';

export interface Goods {
  readonly id: string;
  readonly sku: string;
}

/** A variant of atlas at a list price in EUR, with stock in the main warehouse. */
export async function addGoods(
  test: CommerceTest,
  sku: string,
  { price = '10', onHand = 0, taxRate = '0.19' }: { price?: string; onHand?: number; taxRate?: string } = {},
): Promise<Goods> {
  const { body } = await test.must('POST', '/products', {
    body: {
      name: sku,
      taxRate,
      variants: [{ sku, unitCost: '4', costCurrency: 'EUR', prices: [{ currency: 'EUR', amount: price }] }],
    },
  });
  const goods = { id: body.variants[0].id, sku };
  if (onHand > 0) await moveStock(test, goods, onHand);
  return goods;
}

export async function moveStock(test: CommerceTest, { id }: Goods, units: number, warehouse = 'main'): Promise<void> {
  await test.admin.query(
    `SELECT commerce.move_stock(w.tenant_id, $1, w.id, 'on_hand', $2, 'receipt') FROM commerce.warehouses w
     WHERE w.tenant_id = $3 AND w.code = $4`,
    [id, units, test.atlas.id, warehouse],
  );
}

/** Figures of a variant over all warehouses. */
export async function stockOf({ admin }: CommerceTest, { id }: Goods) {
  const { rows } = await admin.query<{ on_hand: number; allocated: number; reserved: number; available: number }>(
    `SELECT sum(on_hand)::int AS on_hand, sum(allocated)::int AS allocated, sum(reserved)::int AS reserved,
       sum(available)::int AS available FROM commerce.inventory WHERE variant_id = $1`,
    [id],
  );
  return rows[0];
}

/**
 * What must always hold of the stock: a figure is the sum of its movements, allocated that of what open orders hold, reserved
 * that of active reservations, and nothing is below zero. Empty when it does.
 */
export async function wrongStock(admin: AdminClient): Promise<unknown[]> {
  const { rows } = await admin.query(`
    SELECT i.tenant_id, i.variant_id, i.warehouse_id, i.on_hand, i.allocated, i.reserved, m.*, a.held, r.kept
    FROM commerce.inventory i,
    LATERAL (
      SELECT coalesce(sum(quantity) FILTER (WHERE state = 'on_hand'), 0) AS moved_on_hand,
        coalesce(sum(quantity) FILTER (WHERE state = 'allocated'), 0) AS moved_allocated,
        coalesce(sum(quantity) FILTER (WHERE state = 'reserved'), 0) AS moved_reserved
      FROM commerce.inventory_movements x
      WHERE (x.tenant_id, x.variant_id, x.warehouse_id) = (i.tenant_id, i.variant_id, i.warehouse_id)
    ) m,
    LATERAL (
      SELECT coalesce(sum(x.quantity - x.shipped_quantity), 0) AS held
      FROM commerce.order_allocations x
      JOIN commerce.order_items l ON l.tenant_id = x.tenant_id AND l.id = x.order_item_id
      WHERE (l.tenant_id, l.variant_id, x.warehouse_id) = (i.tenant_id, i.variant_id, i.warehouse_id)
    ) a,
    LATERAL (
      SELECT coalesce(sum(x.quantity), 0) AS kept FROM commerce.reservations x
      WHERE (x.tenant_id, x.variant_id, x.warehouse_id) = (i.tenant_id, i.variant_id, i.warehouse_id) AND x.status = 'active'
    ) r
    WHERE i.on_hand <> m.moved_on_hand OR i.allocated <> m.moved_allocated OR i.reserved <> m.moved_reserved
      OR i.allocated <> a.held OR i.reserved <> r.kept OR (i.available < 0 AND NOT i.allow_negative)`);
  return rows;
}
