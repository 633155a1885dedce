// Orders that come while an earlier one is being written are placed together; each must fare as if it were alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Called, type CommerceTest, startCommerceTest, tokenOf } from '../testing.ts';
import { addGoods, type Goods, stockOf, wrongStock } from './testing.ts';

const [ADA, BEN] = ['0198c0de-0000-7000-8000-00000000000a', '0198c0de-0000-7000-8000-00000000000b'];

let shop: CommerceTest;
let skus = 0;

beforeAll(async () => {
  shop = await startCommerceTest({ api: { requestTimeoutMs: 600_000 } });
});

afterAll(() => shop?.stop());

const fresh = (onHand: number) => addGoods(shop, `SKU-${skus++}`, { onHand });

function place({ sku }: Goods, quantity = 1, more: object = {}, { subject = ADA, headers = {} } = {}): Promise<Called> {
  const body = { currency: 'EUR', lines: [{ sku, quantity }], ...more };
  return shop.call('POST', '/orders', { body, as: { subject }, headers });
}

/** Sends an order that waits, because somebody has locked the stock of its goods, and what `send` sends meanwhile. */
async function whileOneWaits<T>(send: () => Promise<T>, patienceMs: number, signal?: AbortSignal): Promise<T> {
  const goods = await fresh(1);
  await shop.admin.query('BEGIN');
  try {
    await shop.admin.query('SELECT FROM commerce.inventory WHERE variant_id = $1 FOR UPDATE', [goods.id]);
    const first = shop.api.request('/api/v1/orders', {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf({ subject: ADA }, shop)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ currency: 'EUR', lines: [{ sku: goods.sku, quantity: 1 }] }),
      ...(signal && { signal }),
    });
    await sleep(patienceMs);
    const sent = send();
    await sleep(patienceMs);
    if (signal !== undefined) return await sent;
    await shop.admin.query('COMMIT');
    expect((await first).status).toBe(201);
    return await sent;
  } finally {
    await shop.admin.query('ROLLBACK');
  }
}

/** Orders of goods of which there are `onHand` units, placed in one transaction. However slow the machine is, patience gets there. */
async function together(onHand: number, send: (goods: Goods, attempt: number) => Promise<Called>[]) {
  for (let attempt = 1; ; attempt++) {
    const goods = await fresh(onHand);
    const answers = await whileOneWaits(() => Promise.all(send(goods, attempt)), 100 * attempt);
    const times = answers.flatMap(({ status, body }) => (status === 201 ? [body.createdAt] : []));
    if (new Set(times).size === 1) return { goods, answers };
  }
}

const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();

const entriesOf = async (orderId: string) =>
  (
    await shop.admin.query(
      `SELECT resource_type AS of, actor_id AS actor FROM commerce.audit_logs WHERE $1 IN (resource_id::text, new_values ->> 'order_id', new_values ->> 'reference_id') ORDER BY id`,
      [orderId],
    )
  ).rows;

test('each gets what the ones before it left, or is refused by itself', async () => {
  const { goods, answers } = await together(6, (of) => [
    ...Array.from({ length: 5 }, () => place(of, 2)),
    place(of, 1, { currency: 'USD' }),
    place({ ...of, sku: 'none' }),
  ]);
  expect(statuses(answers)).toEqual([201, 201, 201, 409, 409, 422, 422]);
  expect(answers[5]?.body.errors[0].path).toBe('lines[0]');
  expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 6, allocated: 6 });
  const { rows } = await shop.admin.query(
    `SELECT data ->> 'order_id' AS order, (data ->> 'old_qty')::int AS was, (data ->> 'new_qty')::int AS becomes
     FROM commerce.events WHERE entity_id = $1 AND event_type = 'stock.allocated' ORDER BY id`,
    [goods.id],
  );
  expect(rows.map(({ was, becomes }) => [was, becomes])).toEqual([
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
  const placed = answers.filter(({ status }) => status === 201).map(({ body }) => body.id);
  expect(rows.map(({ order }) => order).sort()).toEqual(placed.sort());
  const entries = await shop.admin.query(
    `SELECT (old_values ->> 'allocated')::int AS was, (new_values ->> 'available')::int AS left FROM commerce.audit_logs
     WHERE resource_type = 'inventory' AND action = 'UPDATE' AND new_values ? 'allocated'
       AND resource_id = (SELECT id FROM commerce.inventory WHERE variant_id = $1) ORDER BY id`,
    [goods.id],
  );
  expect(entries.rows).toEqual([
    { was: 0, left: 4 },
    { was: 2, left: 2 },
    { was: 4, left: 0 },
  ]);
  for (const { body } of answers.filter(({ status }) => status === 201)) {
    expect((await shop.must('GET', `/orders/${body.id}`)).body).toEqual(body);
  }
  expect(await wrongStock(shop.admin)).toEqual([]);
});

// Red when the failure of a group is the failure of all in it.
test('what the database refuses of one is none of the business of the others', async () => {
  const { goods, answers } = await together(10, (of, attempt) => [
    place(of, 1, { orderNumber: `A${attempt}` }),
    place(of, 1, { orderNumber: `B${attempt}` }),
    place(of),
  ]);
  expect(statuses(answers)).toEqual([201, 201, 201]);
  // The number of one is taken: whether they meet in one transaction or not, only that one is refused.
  const after = await whileOneWaits(
    () =>
      Promise.all([
        place(goods, 1, { orderNumber: 'fine' }),
        place(goods, 1, { orderNumber: answers[0]?.body.orderNumber }),
        place(goods),
        place(goods, 1, { customerNumber: 'new' }),
      ]),
    500,
  );
  expect(after.map(({ status }) => status)).toEqual([201, 409, 201, 201]);
  expect(after[1]?.body.errors).toEqual([{ path: 'orderNumber', message: 'is taken by another order' }]);
  expect(await stockOf(shop, goods)).toMatchObject({ allocated: 6 });
  expect(await wrongStock(shop.admin)).toEqual([]);
});

// Red when requests of several users are placed under the name of one.
test('entries and events name who placed the order', async () => {
  const goods = await fresh(20);
  const users = [ADA, BEN, ADA, BEN, ADA, BEN];
  const answers = await whileOneWaits(
    () => Promise.all(users.map((subject) => place(goods, 1, { customerNumber: `of ${subject}` }, { subject }))),
    300,
  );
  for (const [index, { status, body }] of answers.entries()) {
    expect(status).toBe(201);
    const entries = await entriesOf(body.id);
    expect(entries.map(({ of }) => of).sort()).toEqual(['inventory_movements', 'order_items', 'orders']);
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set([users[index]]));
    const events = await shop.admin.query('SELECT DISTINCT actor_id FROM commerce.events WHERE data ->> $2 = $1', [
      body.id,
      'order_id',
    ]);
    expect(events.rows).toEqual([{ actor_id: users[index] }]);
  }
});

test('an Idempotency-Key holds among them: same request, same answer; another is refused, as is a second try of a refusal', async () => {
  const { goods, answers } = await together(10, (of, attempt) => {
    const headers = { 'idempotency-key': `k${attempt}` };
    return [
      place(of, 1, {}, { headers }),
      place(of, 1, {}, { headers }),
      place(of, 2, {}, { headers: { 'idempotency-key': `l${attempt}` } }),
      place(of, 99, {}, { headers: { 'idempotency-key': `refused${attempt}` } }),
      place(of),
    ];
  });
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 409, 201]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(1);
  expect(await stockOf(shop, goods)).toMatchObject({ allocated: 4 });
  const { rows } = await shop.admin.query('SELECT key FROM commerce.idempotency_keys ORDER BY key');
  expect(rows.filter(({ key }) => key.startsWith('refused'))).toEqual([]);
  const [key] = rows.map((row) => row.key).filter((name) => name.startsWith('l'));
  const other = await place(goods, 3, {}, { headers: { 'idempotency-key': key } });
  expect([other.status, other.body.type]).toEqual([422, 'urn:uco:problem:idempotency-key-reused']);
});

test('one whose client goes away leaves nothing; when all have gone, what they wait for is given up', async () => {
  const goods = await fresh(5);
  const gone = new AbortController();
  const request = async (signal?: AbortSignal) =>
    shop.api.request('/api/v1/orders', {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf({ subject: ADA }, shop)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ currency: 'EUR', lines: [{ sku: goods.sku, quantity: 1 }] }),
      ...(signal && { signal }),
    });
  const answers = await whileOneWaits(async () => {
    const both = [request(gone.signal), request()];
    await sleep(100);
    gone.abort();
    return Promise.all(both);
  }, 100);
  expect(answers.map(({ status }) => status)).toEqual([499, 201]);
  expect(await stockOf(shop, goods)).toMatchObject({ allocated: 1 });
  // The stock that the first waits for stays locked: only because the first is given up, the next gets its turn.
  const first = new AbortController();
  const next = await whileOneWaits(
    async () => {
      const asked = request();
      await sleep(100);
      first.abort();
      return asked;
    },
    100,
    first.signal,
  );
  expect(next.status).toBe(201);
  expect(await wrongStock(shop.admin)).toEqual([]);
});
