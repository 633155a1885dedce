import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addGoods, type Goods, stockOf, wrongStock } from '../orders/testing.ts';
import { type CommerceTest, startCommerceTest } from '../testing.ts';
import { sweepReservations } from './expire-reservations.ts';

let shop: CommerceTest;
let goods: Goods;
let made = 0;

beforeAll(async () => {
  shop = await startCommerceTest({ api: { requestTimeoutMs: 600_000 } });
  await shop.must('POST', '/warehouses', { body: { code: 'alt', name: 'Alternative', country: 'DE' } });
});

afterAll(() => shop?.stop());

beforeEach(async () => {
  goods = await addGoods(shop, `ITEM-${made++}`, { onHand: 10 });
});

afterEach(async () => {
  expect(await wrongStock(shop.admin)).toEqual([]);
});

const post = (path: string, body: object, call: object = {}) =>
  shop.call('POST', `/inventory/${path}`, { body: { sku: goods.sku, ...body }, ...call });
const order = (quantity: number, more: object = {}) =>
  shop.call('POST', '/orders', { body: { currency: 'EUR', lines: [{ sku: goods.sku, quantity }], ...more } });

describe('adjustments', () => {
  test('receipts, corrections and damage move their figure; the movement says why', async () => {
    const receipt = await post('adjustments', { warehouse: 'main', delta: 5, reason: 'receipt', note: 'PO 7' });
    expect(receipt).toMatchObject({
      status: 201,
      body: { state: 'on_hand', quantity: 5, reason: 'receipt', note: 'PO 7', warehouse: 'main' },
    });
    await post('adjustments', { warehouse: 'main', delta: -2, reason: 'adjustment' });
    await post('adjustments', { warehouse: 'main', delta: 3, reason: 'damage' });
    const level = async () => (await shop.must('GET', `/inventory?sku=${goods.sku}`)).body.items[0];
    expect(await level()).toMatchObject({ onHand: 13, damaged: 3, available: 10 });
    await post('adjustments', { warehouse: 'main', delta: -1, reason: 'damage' });
    expect(await level()).toMatchObject({ onHand: 13, damaged: 2, available: 11 });
    const { items } = (await shop.must('GET', `/inventory/movements?variantId=${goods.id}`)).body;
    expect(items.map((item: { reason: string; quantity: number }) => [item.reason, item.quantity])).toEqual([
      ['damage', -1],
      ['damage', 3],
      ['adjustment', -2],
      ['receipt', 5],
      ['receipt', 10],
    ]);
  });

  // Red when a filter is forgotten, or the time of the row is taken from its id.
  test('movements are found by time, state and reason, with who and the order behind them', async () => {
    const since = new Date().toISOString();
    const { rows } = await shop.admin.query(
      `INSERT INTO commerce.users (tenant_id, email, name, role) VALUES ($1, 'stock@atlas.example', 'Sam Stock', 'operator') RETURNING id`,
      [shop.atlas.id],
    );
    const { body: placed } = await order(2);
    const as = { role: 'brand_admin', subject: rows[0].id };
    await post('adjustments', { warehouse: 'main', delta: 4, reason: 'receipt' }, { as });
    const list = async (filters: string) =>
      (await shop.must('GET', `/inventory/movements?sku=${goods.sku}&${filters}`)).body.items;
    expect(await list(`from=${since}&state=allocated`)).toMatchObject([
      {
        reason: 'allocation',
        quantity: 2,
        orderId: placed.id,
        orderNumber: placed.orderNumber,
        referenceType: 'order',
      },
    ]);
    const [receipt] = await list(`from=${since}&reason=receipt`);
    expect(receipt).toMatchObject({ quantity: 4, orderId: null, actorId: rows[0].id, actorName: 'Sam Stock' });
    expect(await list(`to=${since}`)).toHaveLength(1);
  });

  test.each([
    [{ delta: -11, reason: 'adjustment' }, 409],
    [{ delta: 11, reason: 'damage' }, 409],
    [{ delta: -1, reason: 'damage' }, 409],
    [{ delta: 0, reason: 'adjustment' }, 400],
    [{ delta: 1e12, reason: 'adjustment' }, 400],
    [{ delta: 1.5, reason: 'adjustment' }, 400],
    [{ delta: -1, reason: 'receipt' }, 400],
    [{ delta: 1, reason: 'shipment' }, 400],
    [{ delta: 1, reason: 'receipt', warehouse: 'nowhere' }, 422],
    [{ delta: 1, reason: 'receipt', sku: 'NONE' }, 422],
    [{ delta: 1, reason: 'receipt', variantId: '0198c0de-0000-7000-8000-000000000001' }, 400],
  ])('%j is refused', async (body, status) => {
    expect((await post('adjustments', { warehouse: 'main', ...body })).status).toBe(status);
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 10, available: 10 });
  });

  test('a figure that outgrows what is kept is refused', async () => {
    await shop.admin.query('UPDATE commerce.inventory SET on_hand = 2147483647 WHERE variant_id = $1', [goods.id]);
    expect((await post('adjustments', { warehouse: 'main', delta: 1, reason: 'receipt' })).status).toBe(409);
  });
});

describe('transfers', () => {
  // Red when the two movements are two transactions, or availability is read before the lock.
  test('at once: what is not there is not moved, and nothing is lost on the way', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post('transfers', { from: 'main', to: 'alt', quantity: 3 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409]);
    const { items } = (await shop.must('GET', `/inventory?variantId=${goods.id}`)).body;
    expect(items.map((item: { warehouse: string; onHand: number }) => [item.warehouse, item.onHand])).toEqual([
      ['alt', 9],
      ['main', 1],
    ]);
    expect(answers.find(({ status }) => status === 201)?.body.movements).toMatchObject([
      { warehouse: 'main', quantity: -3, reason: 'transfer' },
      { warehouse: 'alt', quantity: 3, reason: 'transfer' },
    ]);
    expect((await post('transfers', { from: 'alt', to: 'alt', quantity: 1 })).status).toBe(400);
  });

  test('both ways at once', async () => {
    await post('transfers', { from: 'main', to: 'alt', quantity: 5 });
    const ways = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? { from: 'main', to: 'alt' } : { from: 'alt', to: 'main' },
    );
    const answers = await Promise.all(ways.map((way) => post('transfers', { ...way, quantity: 1 })));
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 10 });
  });
});

describe('reservations', () => {
  test('hold units until they are released, or an order consumes them', async () => {
    const { body: first } = await post('reservations', { quantity: 6, warehouse: 'main' });
    expect(first).toMatchObject({ status: 'active', quantity: 6, orderId: null });
    expect((await order(5)).status).toBe(409);
    expect((await post('reservations', { quantity: 5 })).body.errors).toEqual([
      { path: 'quantity', message: '4 units are available in one warehouse' },
    ]);
    const release = () => shop.call('POST', `/inventory/reservations/${first.id}/release`);
    expect(await release()).toMatchObject({ status: 200, body: { status: 'released' } });
    expect((await release()).status).toBe(409);
    const { body: second } = await post('reservations', { quantity: 8 });
    const answer = await order(9, { reservationId: second.id });
    expect(answer.status).toBe(201);
    expect((await shop.must('GET', `/inventory/reservations/${second.id}`)).body).toMatchObject({
      status: 'consumed',
      orderId: answer.body.id,
    });
    expect(await stockOf(shop, goods)).toMatchObject({ allocated: 9, reserved: 0 });
    expect((await order(1, { reservationId: second.id })).status).toBe(409);
    const states = (await shop.must('GET', `/inventory/reservations?sku=${goods.sku}`)).body.items;
    expect(states.map(({ status }: { status: string }) => status)).toEqual(['consumed', 'released']);
  });

  // Red when an order frees a reservation without looking whether another one did.
  test('one reservation serves one order', async () => {
    const { body } = await post('reservations', { quantity: 10 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => order(3, { reservationId: body.id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await stockOf(shop, goods)).toMatchObject({ allocated: 3, reserved: 0 });
  });

  const makeDue = (id: string) =>
    shop.admin.query("UPDATE commerce.reservations SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);

  test('past their time they are taken back: by an order that needs the units, and by the sweeper', async () => {
    const { body: first } = await post('reservations', { quantity: 10 });
    await makeDue(first.id);
    expect((await order(4)).status).toBe(201);
    expect((await shop.must('GET', `/inventory/reservations/${first.id}`)).body.status).toBe('expired');
    const { body: second } = await post('reservations', { quantity: 6 });
    await makeDue(second.id);
    expect((await order(1, { reservationId: second.id })).body).toMatchObject({
      status: 409,
      detail: 'The reservation is expired.',
    });
    expect(await sweepReservations(shop.database)).toBe(1);
    expect(await sweepReservations(shop.database)).toBe(0);
    expect(await stockOf(shop, goods)).toMatchObject({ reserved: 0, available: 6 });
  });

  test.each([
    [{ quantity: 0 }, 400],
    [{ quantity: 1, expiresAt: '2020-01-01T00:00:00Z' }, 400],
    [{ quantity: 1, expiresAt: '2190-01-01T00:00:00Z' }, 400],
    [{ quantity: 11 }, 409],
    [{ quantity: 1, warehouse: 'nowhere' }, 422],
  ])('%j is refused', async (body, status) => {
    expect((await post('reservations', body)).status).toBe(status);
  });

  test('an order may not consume that of another variant', async () => {
    const { body } = await post('reservations', { quantity: 1 });
    const other = await addGoods(shop, `OTHER-${made++}`, { onHand: 1 });
    const answer = await order(1, { lines: [{ sku: other.sku, quantity: 1 }], reservationId: body.id });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'reservationId']);
  });
});

test('low stock: no more available than the reorder point', async () => {
  await shop.admin.query('UPDATE commerce.product_variants SET reorder_point = 8 WHERE id = $1', [goods.id]);
  const low = async (value: boolean) =>
    (await shop.must('GET', `/inventory?lowStock=${value}&sku=${goods.sku}`)).body.items.length;
  expect([await low(true), await low(false)]).toEqual([0, 1]);
  await order(2);
  expect([await low(true), await low(false)]).toEqual([1, 0]);
});

test('warehouses: a code once per brand; another brand sees and uses neither them nor their stock', async () => {
  expect((await shop.call('POST', '/warehouses', { body: { code: 'alt', name: 'Again' } })).body.errors[0].path).toBe(
    'code',
  );
  const as = { brand: 'borea' } as const;
  expect((await shop.must('GET', '/warehouses', { as })).body.items.map(({ code }: { code: string }) => code)).toEqual([
    'main',
  ]);
  expect((await shop.must('GET', '/inventory', { as })).body.items).toEqual([]);
  expect(
    (
      await post(
        'adjustments',
        { sku: undefined, variantId: goods.id, warehouse: 'main', delta: 1, reason: 'receipt' },
        { as },
      )
    ).status,
  ).toBe(422);
  const pages = await shop.must('GET', '/warehouses?limit=1');
  expect((await shop.must('GET', `/warehouses?limit=1&cursor=${pages.body.nextCursor}`)).body).toMatchObject({
    items: [{ code: 'main' }],
    nextCursor: null,
  });
});
