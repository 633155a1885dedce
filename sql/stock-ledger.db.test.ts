import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';
import { createSampleBrand, type SampleBrand } from './sample-brand.ts';

let engines: TestEngines;
let client: AdminClient;
let brand: SampleBrand;
let brands = 0;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  client = await connectAdmin(engines.postgresUrl);
});

afterAll(async () => {
  await client?.end();
  await engines?.stop();
});

// Ten units on hand, received.
beforeEach(async () => {
  brands += 1;
  brand = await createSampleBrand(client, `brand-${brands}`);
});

function move(state: string, quantity: number, reason: string, order: string | null = null, by: AdminClient = client) {
  return by.query('SELECT commerce.move_stock($1, $2, $3, $4, $5, $6, $7, $8)', [
    brand.tenantId,
    brand.variantId,
    brand.warehouseId,
    state,
    quantity,
    reason,
    order === null ? null : 'order',
    order,
  ]);
}

async function stock() {
  const { rows } = await client.query(
    'SELECT on_hand, allocated, reserved, incoming, damaged, available FROM commerce.inventory WHERE tenant_id = $1',
    [brand.tenantId],
  );
  return rows;
}

/** What the movements say the stock must be, minus what it is: no rows when they agree. */
async function disagreements() {
  const { rows } = await client.query(
    `SELECT state, sum(quantity) FROM (
       SELECT tenant_id, variant_id, warehouse_id, state, quantity FROM commerce.inventory_movements
       UNION ALL
       SELECT i.tenant_id, i.variant_id, i.warehouse_id, s.state, -s.units FROM commerce.inventory i,
         LATERAL (VALUES ('on_hand', i.on_hand), ('allocated', i.allocated), ('reserved', i.reserved),
           ('incoming', i.incoming), ('damaged', i.damaged)) AS s (state, units)
     ) l GROUP BY tenant_id, variant_id, warehouse_id, state HAVING sum(quantity) <> 0`,
  );
  return rows;
}

async function lastEvents(count: number) {
  const { rows } = await client.query<{ event_type: string; data: Record<string, unknown> }>(
    'SELECT event_type, data FROM commerce.events WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2',
    [brand.tenantId, count],
  );
  return rows.reverse();
}

test('move_stock moves the stock, writes the movement and tells', async () => {
  await move('allocated', 4, 'allocation', brand.orderId);
  await move('allocated', -1, 'release', brand.orderId);
  await move('reserved', 2, 'reservation');
  await move('damaged', 1, 'damage');
  await move('on_hand', 5, 'receipt');
  const figures = { on_hand: 15, allocated: 3, reserved: 2, incoming: 0, damaged: 1, available: 9 };
  expect(await stock()).toEqual([figures]);
  expect(await disagreements()).toEqual([]);
  const common = {
    product_id: brand.productId,
    variant_id: brand.variantId,
    sku: 'TEA-1',
    warehouse_id: brand.warehouseId,
  };
  expect(await lastEvents(5)).toMatchObject([
    { event_type: 'stock.allocated', data: { ...common, quantity: 4, order_id: brand.orderId } },
    { event_type: 'stock.released', data: { ...common, quantity: 1, order_id: brand.orderId, reason: 'release' } },
    { event_type: 'stock.reserved', data: { ...common, quantity: 2 } },
    {
      event_type: 'inventory.adjusted',
      data: { ...common, state: 'damaged', old_qty: 0, new_qty: 1, reason: 'damage' },
    },
    { event_type: 'stock.received', data: { ...common, quantity: 5, old_qty: 10, new_qty: 15 } },
  ]);
});

// Red when the trigger `movements` is missing or records new instead of changed figures.
test('a figure changed directly is recorded as a movement', async () => {
  await client.query('UPDATE commerce.inventory SET on_hand = 7, incoming = 20 WHERE tenant_id = $1', [brand.tenantId]);
  const { rows } = await client.query(
    `SELECT state, quantity, reason FROM commerce.inventory_movements
     WHERE tenant_id = $1 AND reason = 'adjustment' ORDER BY state`,
    [brand.tenantId],
  );
  expect(rows).toEqual([
    { state: 'incoming', quantity: 20, reason: 'adjustment' },
    { state: 'on_hand', quantity: -3, reason: 'adjustment' },
  ]);
  const adjusted = (await lastEvents(2)).find(({ data }) => data.state === 'on_hand');
  expect(adjusted).toMatchObject({ event_type: 'inventory.adjusted', data: { old_qty: 10, new_qty: 7 } });
  expect(await disagreements()).toEqual([]);
});

test('stock rows that are created, moved to another warehouse or deleted keep the ledger right', async () => {
  const { rows } = await client.query<{ id: string }>(
    "INSERT INTO commerce.warehouses (tenant_id, code, name) VALUES ($1, 'w2', 'Second') RETURNING id",
    [brand.tenantId],
  );
  const second = rows[0]?.id;
  await client.query('UPDATE commerce.inventory SET warehouse_id = $2, on_hand = 8 WHERE tenant_id = $1', [
    brand.tenantId,
    second,
  ]);
  expect(await disagreements()).toEqual([]);
  await client.query(
    'INSERT INTO commerce.inventory (tenant_id, variant_id, warehouse_id, on_hand) VALUES ($1, $2, $3, 6)',
    [brand.tenantId, brand.variantId, brand.warehouseId],
  );
  expect(await disagreements()).toEqual([]);
  await client.query('DELETE FROM commerce.inventory WHERE tenant_id = $1', [brand.tenantId]);
  expect(await disagreements()).toEqual([]);
});

// Red when inventory loses CHECK (on_hand >= 0 OR allow_negative).
test('stock on hand never goes below zero, unless the brand allows it', async () => {
  const tooMuch = () => move('on_hand', -11, 'shipment');
  await expect(tooMuch()).rejects.toMatchObject({ code: '23514' });
  expect(await disagreements()).toEqual([]);
  const allow = (value: boolean) =>
    client.query('UPDATE commerce.tenants SET allow_negative_stock = $2 WHERE id = $1', [brand.tenantId, value]);
  await allow(true);
  await tooMuch();
  expect(await stock()).toMatchObject([{ on_hand: -1 }]);
  await expect(allow(false)).rejects.toMatchObject({ code: '23514' });
  // A new stock row follows the setting by itself.
  await client.query('DELETE FROM commerce.inventory WHERE tenant_id = $1', [brand.tenantId]);
  await move('on_hand', -2, 'shipment');
  expect(await stock()).toMatchObject([{ on_hand: -2 }]);
  expect(await disagreements()).toEqual([]);
});

// Red when add_to_stock reads first and writes what it computed.
test('concurrent movements of one variant all count', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => connectAdmin(engines.postgresUrl)));
  await client.query('DELETE FROM commerce.inventory WHERE tenant_id = $1', [brand.tenantId]);
  await Promise.all(
    clients.map(async (other) => {
      for (let i = 0; i < 25; i++) await move('on_hand', 1, 'receipt', null, other);
    }),
  );
  await Promise.all(clients.map((other) => other.end()));
  expect(await stock()).toMatchObject([{ on_hand: 100 }]);
  expect(await disagreements()).toEqual([]);
});
