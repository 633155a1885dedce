/** A small history with every trap in it. Fixed: the same rows each time. */
import type { AdminClient } from '../../sql/postgres.ts';

const id = (n: number) => `0190a000-0000-7000-8000-${n.toString().padStart(12, '0')}`;

export const brand = id(1);
const other = id(2);
const [product, variant, west, east, customer] = [id(10), id(11), id(12), id(13), id(14)];
export const orders = {
  plain: id(100),
  second: id(101),
  large: id(102),
  test: id(103),
  split: id(104),
  foreign: id(105),
};
const line = (order: number, n: number) => id(1000 + order * 10 + n);

async function brands(client: AdminClient): Promise<void> {
  for (const [tenant, slug] of [
    [brand, 'one'],
    [other, 'two'],
  ]) {
    // 5:45 ahead of UTC: a late evening there is another day here.
    await client.query(
      `INSERT INTO commerce.tenants (id, slug, name, currency, timezone) VALUES ($1, $2::text, $2::text, 'GBP', 'Asia/Kathmandu')`,
      [tenant, slug],
    );
    await client.query(`INSERT INTO commerce.products (tenant_id, id, name, category) VALUES ($1, $2, 'P', 'C')`, [
      tenant,
      product,
    ]);
    await client.query(
      `INSERT INTO commerce.product_variants (tenant_id, id, product_id, sku, unit_cost, cost_currency)
       VALUES ($1, $2, $3, 'S', 1.5, 'GBP')`,
      [tenant, variant, product],
    );
    await client.query(
      `INSERT INTO commerce.warehouses (tenant_id, id, code, name) VALUES ($1, $2, 'WEST', 'w'), ($1, $3, 'EAST', 'e')`,
      [tenant, west, east],
    );
    await client.query(`INSERT INTO commerce.customers (tenant_id, id, customer_number) VALUES ($1, $2, 'C1')`, [
      tenant,
      customer,
    ]);
  }
  await client.query(`INSERT INTO commerce.fx_rates VALUES ('EUR', 'GBP', '2020-01-01', 0.8512345678, 'scenario')`);
}

async function order(
  client: AdminClient,
  key: string,
  values: { currency?: string; test?: boolean; note?: string; price?: string },
) {
  const n = Number(key.slice(-3)) - 100;
  await client.query(
    `INSERT INTO commerce.orders (tenant_id, id, order_number, customer_id, currency, is_test, placed_at, promised_at, note)
     VALUES ($1, $2::uuid, 'O-' || $2::uuid, $3, $4, $5, '2025-03-31 20:30:00.123456+00', '2025-04-09 00:00+00', $6)`,
    [brand, key, customer, values.currency ?? 'GBP', values.test ?? false, values.note ?? null],
  );
  for (const lineNo of [1, 2]) {
    await client.query(
      `INSERT INTO commerce.order_items (tenant_id, id, order_id, line_no, variant_id, sku, quantity, unit_price, unit_cost)
       VALUES ($1, $2, $3, $4, $5, 'S', 3, $6, 0.1)`,
      [brand, line(n, lineNo), key, lineNo, variant, values.price ?? '0.1001'],
    );
  }
}

/** What is there before the stream first looks: the snapshot. */
export async function beforeSnapshot(client: AdminClient): Promise<void> {
  await brands(client);
  await order(client, orders.plain, {});
  await order(client, orders.second, {});
  const incompressible = Array.from({ length: 3000 }, (_, i) => (i * 2654435761).toString(36)).join('');
  await order(client, orders.large, { note: incompressible, price: '123456789012345.6789' });
  for (let n = 0; n < 4; n++) {
    await client.query(
      `INSERT INTO commerce.adjustments (tenant_id, id, adjustment_number, currency, amount, adjusted_at)
       VALUES ($1, $2, $3, 'GBP', 7.0001, '2025-04-01 10:00+00')`,
      [brand, id(500 + n), `A${n}`],
    );
  }
  await client.query(
    `INSERT INTO commerce.payments (tenant_id, id, order_id, amount, currency, status)
     VALUES ($1, $2, $3, 1, 'GBP', 'received'), ($1, $4, $3, 2, 'GBP', 'failed')`,
    [brand, id(600), orders.plain, id(601)],
  );
}

/** Each is a transaction of its own, applied and recomputed before the next. */
export const steps: readonly ((client: AdminClient) => Promise<unknown>)[] = [
  // A row of the snapshot changes: the change must win.
  (client) => client.query(`UPDATE commerce.orders SET status = 'confirmed' WHERE id = $1`, [orders.plain]),
  // One row three times in one transaction, the last word in the middle of others.
  (client) =>
    client.query(
      `DO $$ BEGIN FOR n IN 4..6 LOOP UPDATE commerce.order_items SET quantity = n WHERE id = '${line(0, 1)}'; END LOOP; END $$`,
    ),
  // A line leaves its order: both orders' facts change.
  (client) =>
    client.query(`UPDATE commerce.order_items SET order_id = $1, line_no = 7 WHERE id = $2`, [
      orders.second,
      line(0, 2),
    ]),
  // A large value that the update does not touch.
  (client) => client.query(`UPDATE commerce.orders SET channel = 'web' WHERE id = $1`, [orders.large]),
  // Rows go: one by itself, one by moving to another brand.
  (client) => client.query('DELETE FROM commerce.payments WHERE id = $1', [id(601)]),
  (client) => client.query('DELETE FROM commerce.adjustments WHERE id = $1', [id(500)]),
  (client) => client.query('UPDATE commerce.adjustments SET tenant_id = $1 WHERE id = $2', [other, id(501)]),
  async (client) => {
    await order(client, orders.test, { test: true, price: '1000' });
    await order(client, orders.foreign, { currency: 'EUR', price: '19.99' });
  },
  // Sent in two parcels from two warehouses, arrived at different times.
  async (client) => {
    await order(client, orders.split, { price: '5' });
    for (const [n, warehouse] of [west, east].entries()) {
      await client.query(
        `INSERT INTO commerce.shipments (tenant_id, id, order_id, warehouse_id, status, shipped_at, delivered_at)
         VALUES ($1, $2, $3, $4, 'delivered', timestamptz '2025-04-02 08:00+00' + $5::int * interval '1 day',
           timestamptz '2025-04-08 12:00+00' + $5::int * interval '1 day')`,
        [brand, id(700 + n), orders.split, warehouse, n],
      );
      await client.query(
        'INSERT INTO commerce.shipment_items (tenant_id, id, shipment_id, order_item_id, quantity) VALUES ($1, $2, $3, $4, 1)',
        [brand, id(750 + n), id(700 + n), line(4, n + 1)],
      );
    }
  },
  (client) => client.query('TRUNCATE commerce.shipment_items'),
];

/** The change whose recompute fails at first: it must come again. */
export function interruptedStep(client: AdminClient): Promise<unknown> {
  return client.query(`UPDATE commerce.order_items SET quantity = 9 WHERE id = $1`, [line(5, 1)]);
}
