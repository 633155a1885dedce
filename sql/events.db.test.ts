import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';
import { createSampleBrand, type SampleBrand } from './sample-brand.ts';

const USER = '0198c0de-0000-7000-8000-000000000001';

let engines: TestEngines;
let client: AdminClient;
let brand: SampleBrand;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  client = await connectAdmin(engines.postgresUrl);
  brand = await createSampleBrand(client, 'eventful');
});

afterAll(async () => {
  await client?.end();
  await engines?.stop();
});

interface Event {
  event_type: string;
  entity_type: string;
  entity_id: string;
  actor_id: string | null;
  version: number;
  data: Record<string, unknown>;
}

/** The events that `work` leaves once committed, in the order of their ids. */
async function eventsOf(work: () => Promise<unknown>): Promise<Event[]> {
  const known = await client.query<{ ids: string[] | null }>('SELECT array_agg(id) AS ids FROM commerce.events');
  await client.query('BEGIN');
  await client.query(
    `SELECT set_config('role', 'uco_app', true), set_config('app.current_tenant_id', $1, true),
       set_config('app.current_user_id', $2, true)`,
    [brand.tenantId, USER],
  );
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  const { rows } = await client.query<Event>(
    `SELECT event_type, entity_type, entity_id, actor_id, version, data FROM commerce.events
     WHERE id <> ALL ($1) ORDER BY id`,
    [known.rows[0]?.ids ?? []],
  );
  return rows;
}

async function types(work: () => Promise<unknown>): Promise<string[]> {
  return (await eventsOf(work)).map(({ event_type }) => event_type);
}

function insertOrder(number: string, status = 'placed') {
  return client
    .query<{ id: string }>(
      `INSERT INTO commerce.orders (tenant_id, order_number, status, currency, customer_id)
       VALUES ($1, $2, $3, 'GBP', $4) RETURNING id`,
      [brand.tenantId, number, status, brand.customerId],
    )
    .then(({ rows }) => rows[0]?.id as string);
}

function insertLine(order: string, line: number, quantity: number, price: string) {
  return client.query(
    `INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price, discount, tax)
     VALUES ($1, $2, $3, $4, 'TEA-1', $5, $6, 0.5, 0.25)`,
    [brand.tenantId, order, line, brand.variantId, quantity, price],
  );
}

describe('orders', () => {
  // Red when order.created is written by an immediate trigger: its lines come later in the transaction.
  test('order.created carries the lines that follow it in the transaction, and comes first', async () => {
    let id = '';
    const events = await eventsOf(async () => {
      id = await insertOrder('E1');
      await insertLine(id, 1, 3, '7.5500');
      await insertLine(id, 2, 1, '0.0001');
      await client.query("UPDATE commerce.orders SET status = 'confirmed' WHERE id = $1", [id]);
    });
    expect(events.map(({ event_type }) => event_type)).toEqual(['order.created', 'order.confirmed']);
    expect(events[0]).toMatchObject({ entity_type: 'order', entity_id: id, actor_id: USER, version: 1 });
    expect(events[0]?.data).toMatchObject({
      order_id: id,
      order_number: 'E1',
      customer_id: brand.customerId,
      currency: 'GBP',
      total_amount: '22.1501',
      items: [
        { sku: 'TEA-1', quantity: 3, unit_price: '7.5500', discount: '0.5000', tax: '0.2500', shipping: '0.0000' },
        { sku: 'TEA-1', quantity: 1, unit_price: '0.0001' },
      ],
    });
  });

  // Red when events are written outside the transaction.
  test('a rollback takes the events along', async () => {
    const failing = eventsOf(async () => {
      await insertOrder('E2');
      await client.query("UPDATE commerce.orders SET status = 'confirmed' WHERE order_number = 'E2'");
      throw new Error('changed our mind');
    });
    await expect(failing).rejects.toThrow('changed our mind');
    const { rowCount } = await client.query("SELECT FROM commerce.events WHERE data ->> 'order_number' = 'E2'");
    expect(rowCount).toBe(0);
  });

  test('an order deleted in the transaction that created it leaves no order.created', async () => {
    const gone = async () => client.query('DELETE FROM commerce.orders WHERE id = $1', [await insertOrder('E3')]);
    expect(await types(gone)).toEqual([]);
  });

  test('every status on the way has its event, once', async () => {
    const id = brand.orderId;
    const set = (change: string) => () => client.query(`UPDATE commerce.orders SET ${change} WHERE id = '${id}'`);
    expect(await types(set("status = 'shipped'"))).toEqual(['order.confirmed', 'order.shipped']);
    expect(await types(set("status = 'delivered'"))).toEqual(['order.delivered']);
    expect(await types(set("status = 'delivered'"))).toEqual([]);
    expect(await types(set("status = 'cancelled', cancelled_at = now()"))).toEqual(['order.cancelled']);
    expect(await types(() => insertOrder('E4', 'shipped'))).toEqual([
      'order.created',
      'order.confirmed',
      'order.shipped',
    ]);
  });

  // Red when a status that an order need not pass through counts as passed, or one that it must does not.
  test('picking, packing and partial shipments have an event only when they happen', async () => {
    const id = await client.query<{ id: string }>(
      "INSERT INTO commerce.orders (tenant_id, order_number, currency) VALUES ($1, 'E5', 'GBP') RETURNING id",
      [brand.tenantId],
    );
    const set = (status: string) => () =>
      client.query('UPDATE commerce.orders SET status = $2 WHERE id = $1', [id.rows[0]?.id, status]);
    expect(await types(set('picked'))).toEqual(['order.confirmed', 'order.picked']);
    expect(await types(set('partially_shipped'))).toEqual(['order.partially_shipped']);
    expect(await types(set('packed'))).toEqual(['order.updated']);
    expect(await types(set('delivered'))).toEqual(['order.shipped', 'order.delivered']);
  });

  test('other changes are order.updated with the names of the columns; a note may name a person', async () => {
    const [event, ...others] = await eventsOf(() =>
      client.query("UPDATE commerce.orders SET note = 'for Ada Lovelace', country = 'FR' WHERE id = $1", [
        brand.orderId,
      ]),
    );
    expect(others).toEqual([]);
    expect(event).toMatchObject({ event_type: 'order.updated', data: { changed: ['country', 'note'] } });
    expect(JSON.stringify(event)).not.toContain('Ada');
  });
});

test('shipments', async () => {
  const set = (status: string) => () =>
    client.query('UPDATE commerce.shipments SET status = $2 WHERE id = $1', [brand.shipmentId, status]);
  expect(await types(set('shipped'))).toEqual(['shipment.shipped']);
  expect(await types(set('delivered'))).toEqual(['shipment.delivered']);
  const insert = "INSERT INTO commerce.shipments (tenant_id, order_id, status) VALUES ($1, $2, 'created')";
  expect(await types(() => client.query(insert, [brand.tenantId, brand.orderId]))).toEqual(['shipment.created']);
});

test('payments', async () => {
  const insert = (status: string) => () =>
    client.query(
      `INSERT INTO commerce.payments (tenant_id, order_id, amount, currency, method, status)
       VALUES ($1, $2, 9.99, 'GBP', 'card', $3)`,
      [brand.tenantId, brand.orderId, status],
    );
  expect(await types(insert('failed'))).toEqual(['payment.failed']);
  expect(await types(insert('pending'))).toEqual([]);
  const events = await eventsOf(() =>
    client.query("UPDATE commerce.payments SET status = 'received' WHERE status = 'pending'"),
  );
  expect(events).toMatchObject([{ event_type: 'payment.received', data: { amount: '9.9900', method: 'card' } }]);
});

test('returns', async () => {
  const set = (change: string) => () =>
    client.query(`UPDATE commerce.returns SET ${change} WHERE id = $1`, [brand.returnId]);
  expect(await types(set("status = 'received'"))).toEqual(['return.received']);
  expect(await types(set("status = 'refunded', refunded_at = now()"))).toEqual(['return.refunded']);
});
