import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CommerceTest, startCommerceTest, tokenOf } from '../testing.ts';
import { MOST_SORTED } from './list-orders.ts';
import { addGoods, type Goods, moveStock, stockOf, wrongStock } from './testing.ts';

let shop: CommerceTest;
let [tea, cup] = [] as unknown as [Goods, Goods];
let skus = 0;

beforeAll(async () => {
  // However slow the machine is: what these tests look at is who wins, not how soon.
  shop = await startCommerceTest({ api: { requestTimeoutMs: 600_000 } });
  [tea, cup] = [
    await addGoods(shop, 'TEA-1', { onHand: 1_000 }),
    await addGoods(shop, 'CUP-1', { price: '3.3333', onHand: 1_000 }),
  ];
});

afterAll(() => shop?.stop());

afterEach(async () => {
  expect(await wrongStock(shop.admin)).toEqual([]);
});

const place = (order: object, call: object = {}) =>
  shop.call('POST', '/orders', { body: { currency: 'EUR', ...order }, ...call });
const placed = async (order: object) => {
  const { status, body } = await place(order);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
};
const step = (id: string, name: string, body?: object) =>
  shop.call('POST', `/orders/${id}/${name}`, body ? { body } : {});
const fresh = (onHand: number, options: object = {}) => addGoods(shop, `SKU-${skus++}`, { onHand, ...options });

/** An order of which everything has left. */
async function shipped(lines: object[], more: object = {}) {
  const { id } = await placed({ lines, ...more });
  for (const name of ['confirm', 'pick', 'pack', 'ship']) await shop.must('POST', `/orders/${id}/${name}`);
  return (await shop.must('GET', `/orders/${id}`)).body;
}

describe('placing an order', () => {
  test('prices, taxes and allocates it; a read gives the same, with the same tag', async () => {
    const before = await stockOf(shop, tea);
    const answer = await place({
      customerNumber: 'C-1',
      channel: 'web',
      country: 'DE',
      lines: [
        { sku: 'TEA-1', quantity: 2 },
        { variantId: cup.id, quantity: 3, discount: '1' },
      ],
      discount: '5',
      shipping: '4.90',
      addresses: { shipping: { name: 'Ada Lovelace', city: 'London' } },
    });
    expect(answer.status).toBe(201);
    // gross 20 + 9.9999; shares of 5 and 4.90 in proportion to 20 : 8.9999.
    expect(answer.body).toMatchObject({
      orderNumber: 'ORD-000001',
      status: 'placed',
      gross: '29.9999',
      discount: '6.0000',
      shipping: '4.9000',
      tax: '4.5600',
      total: '33.4599',
      paid: '0.0000',
      lines: [
        {
          lineNo: 1,
          sku: 'TEA-1',
          quantity: 2,
          unitPrice: '10.0000',
          gross: '20.0000',
          discount: '3.4483',
          tax: '3.1448',
          shipping: '3.3793',
        },
        {
          lineNo: 2,
          sku: 'CUP-1',
          quantity: 3,
          gross: '9.9999',
          discount: '2.5517',
          tax: '1.4152',
          shipping: '1.5207',
        },
      ],
      allocations: [
        { warehouse: 'main', quantity: 2, shipped: 0 },
        { warehouse: 'main', quantity: 3, shipped: 0 },
      ],
      addresses: { shipping: { name: 'Ada Lovelace', city: 'London', line1: null }, billing: null },
    });
    expect(await stockOf(shop, tea)).toMatchObject({
      on_hand: before?.on_hand,
      allocated: (before?.allocated ?? 0) + 2,
    });
    const read = await shop.must('GET', `/orders/${answer.body.id}`);
    expect(answer.headers.get('location')).toBe(`/api/v1/orders/${answer.body.id}`);
    expect([read.body, read.etag]).toEqual([answer.body, answer.etag]);
  });

  test('takes the list price of the quantity, the promotion as a discount, and the price of an external channel as given', async () => {
    const goods = await fresh(1_000);
    for (const price of [
      { currency: 'EUR', minQuantity: 10, amount: '8' },
      { currency: 'EUR', kind: 'promotion', amount: '7.5', validUntil: '2020-01-01T00:00:00Z' },
      { currency: 'EUR', kind: 'promotion', amount: '9' },
    ])
      await shop.must('POST', `/variants/${goods.id}/prices`, { body: price });
    const { lines } = await placed({
      lines: [
        { sku: goods.sku, quantity: 9 },
        { sku: goods.sku, quantity: 10 },
        { sku: goods.sku, quantity: 1, unitPrice: 6.25 },
      ],
    });
    expect(lines).toMatchObject([
      { unitPrice: '10.0000', discount: '9.0000' },
      { unitPrice: '8.0000', discount: '0.0000' },
      { unitPrice: '6.2500', discount: '0.0000' },
    ]);
  });

  test('events and audit entries are written with it', async () => {
    const { id } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }], status: 'confirmed', note: 'for Ada' });
    const { body } = await shop.must('GET', `/orders/${id}/events?limit=1`);
    const rest = await shop.must('GET', `/orders/${id}/events?limit=9&cursor=${body.nextCursor}`);
    expect([...body.items, ...rest.body.items].map(({ type }) => type)).toEqual(['order.created', 'order.confirmed']);
    const { rows } = await shop.admin.query(
      `SELECT resource_type AS type, count(*)::int AS entries FROM commerce.audit_logs
       WHERE resource_id = $1 OR new_values ->> 'order_id' = $1::text OR new_values ->> 'reference_id' = $1::text
         OR new_values ->> 'order_item_id' IN (SELECT id::text FROM commerce.order_items WHERE order_id = $1) GROUP BY 1 ORDER BY 1`,
      [id],
    );
    expect(rows).toEqual([
      { type: 'inventory_movements', entries: 1 },
      { type: 'order_allocations', entries: 1 },
      { type: 'order_items', entries: 1 },
      { type: 'orders', entries: 1 },
    ]);
  });

  // Red when the one statement that writes an order leaves less, or other, than the triggers leave for anybody else.
  test('leaves the same events and audit entries as the same rows written by hand', async () => {
    const [mine, theirs] = [await fresh(9), await fresh(9)];
    const since = async () => (await shop.admin.query<{ id: string }>('SELECT uuidv7() AS id')).rows[0]?.id;
    const left = async (mark: string | undefined, sku: string) => {
      const { rows } = await shop.admin.query<{ entry: string }>(
        `SELECT to_jsonb(x) - ARRAY['id', 'tenant_id', 'created_at'] || jsonb_build_object('what', 'entry') AS entry
           FROM commerce.audit_logs x WHERE id > $1
         UNION ALL SELECT to_jsonb(e) - ARRAY['id', 'tenant_id', 'occurred_at'] FROM commerce.events e WHERE id > $1`,
        [mark],
      );
      return rows
        .map(({ entry }) =>
          JSON.stringify(entry)
            .replaceAll(sku, 'SKU')
            .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
            .replaceAll(/\d{4}-\d\d-\d\d[T ][0-9:.+]+/g, 'TIME'),
        )
        .sort();
    };
    const before = await since();
    const subject = '0198c0de-0000-7000-8000-000000000001';
    const { status } = await place(
      {
        orderNumber: 'H1',
        status: 'confirmed',
        customerNumber: 'C-1',
        note: 'for Ada',
        lines: [2, 3].map((quantity) => ({ sku: mine.sku, quantity })),
        shipping: '1',
        addresses: { shipping: { name: 'Ada', city: 'London' } },
      },
      { as: { subject } },
    );
    expect(status).toBe(201);
    const byApi = await left(before, mine.sku);
    const after = await since();
    await shop.database.withTenantClient({ tenantId: shop.atlas.id, userId: subject }, async (client) => {
      const copy = (table: string, changes: string, where: string) =>
        client.query(
          `INSERT INTO commerce.${table} SELECT (jsonb_populate_record(x, to_jsonb(x) || ${changes})).* FROM commerce.${table} x WHERE ${where}`,
        );
      const columns = (table: string, names: string, values: string, rest: string) =>
        client.query(
          `INSERT INTO commerce.${table} (tenant_id, ${names}) SELECT tenant_id, ${values} FROM commerce.${rest}`,
        );
      const order = "(SELECT id FROM commerce.orders WHERE order_number = 'H1')";
      const other = "(SELECT id FROM commerce.orders WHERE order_number = 'H2')";
      await copy('orders', `jsonb_build_object('id', uuidv7(), 'order_number', 'H2')`, `id = ${order}`);
      await columns(
        'order_items',
        'order_id, line_no, variant_id, sku, quantity, unit_price, discount, tax, shipping, unit_cost',
        `${other}, line_no, '${theirs.id}', '${theirs.sku}', quantity, unit_price, discount, tax, shipping, unit_cost`,
        `order_items WHERE order_id = ${order} ORDER BY line_no`,
      );
      await columns(
        'order_addresses',
        'order_id, kind, name, city',
        `${other}, kind, name, city`,
        `order_addresses WHERE order_id = ${order}`,
      );
      await columns(
        'order_allocations',
        'order_item_id, warehouse_id, quantity',
        `id, (SELECT id FROM commerce.warehouses WHERE code = 'main'), quantity`,
        `order_items WHERE order_id = ${other}`,
      );
      await columns(
        'inventory_movements',
        'variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id',
        `'${theirs.id}', warehouse_id, state, quantity, reason, reference_type, ${other}`,
        `inventory_movements WHERE reference_id = ${order}`,
      );
    });
    const byHand = (await left(after, theirs.sku)).map((entry) => entry.replaceAll('H2', 'H1'));
    expect(byApi).toEqual(byHand);
    expect(byApi).toHaveLength(8 + 3);
    expect(await stockOf(shop, theirs)).toEqual(await stockOf(shop, mine));
  });

  const refusals: [string, object, number, string][] = [
    ['a quantity of 0', { lines: [{ sku: 'TEA-1', quantity: 0 }] }, 400, 'lines[0].quantity'],
    ['a quantity of -1', { lines: [{ sku: 'TEA-1', quantity: -1 }] }, 400, 'lines[0].quantity'],
    ['a quantity of 10^12', { lines: [{ sku: 'TEA-1', quantity: 1e12 }] }, 400, 'lines[0].quantity'],
    [
      'a price of 5 decimals',
      { lines: [{ sku: 'TEA-1', quantity: 1, unitPrice: '1.00001' }] },
      400,
      'lines[0].unitPrice',
    ],
    ['an unknown currency', { currency: 'XQX', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 400, 'currency'],
    ['no price in the currency', { currency: 'USD', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 422, 'lines[0]'],
    ['the year 20111', { placedAt: '20111-01-01T00:00:00Z', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 400, 'placedAt'],
    ['the future', { placedAt: '2199-01-01T00:00:00Z', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 400, 'placedAt'],
    ['long ago', { placedAt: '1999-01-01T00:00:00Z', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 400, 'placedAt'],
    ['10,000 lines', { lines: Array.from({ length: 10_000 }, () => ({ sku: 'TEA-1', quantity: 1 })) }, 400, 'lines'],
    ['no lines', { lines: [] }, 400, 'lines'],
    ['neither sku nor id', { lines: [{ quantity: 1 }] }, 400, 'lines[0].sku'],
    [
      'an unknown sku',
      {
        lines: [
          { sku: 'TEA-1', quantity: 1 },
          { sku: 'NONE', quantity: 1 },
        ],
      },
      422,
      'lines[1].sku',
    ],
    [
      'an unknown customer',
      { customerId: '0198c0de-0000-7000-8000-000000000001', lines: [{ sku: 'TEA-1', quantity: 1 }] },
      422,
      'customerId',
    ],
    ['an unknown warehouse', { warehouse: 'nowhere', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 422, 'warehouse'],
    ['a discount above the price', { discount: '10.0001', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 422, 'discount'],
    ['more than there is', { lines: [{ sku: 'TEA-1', quantity: 999_999 }] }, 409, 'lines[0].quantity'],
    ['an unknown field', { total: '1', lines: [{ sku: 'TEA-1', quantity: 1 }] }, 400, 'total'],
  ];
  test.each(refusals)('%s is refused', async (_what, order, status, path) => {
    const answer = await place(order);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([status, path]);
  });

  test('a taken number is refused; a drawn one makes way for those that others chose', async () => {
    const lines = [{ sku: 'TEA-1', quantity: 1 }];
    const next = Number((await placed({ lines })).orderNumber.slice(4)) + 1;
    const number = (n: number) => `ORD-${String(n).padStart(6, '0')}`;
    await placed({ orderNumber: number(next), lines });
    await placed({ orderNumber: number(next + 1), lines });
    expect(await place({ orderNumber: number(next), lines })).toMatchObject({
      status: 409,
      body: { errors: [{ path: 'orderNumber' }] },
    });
    expect(Number((await placed({ lines })).orderNumber.slice(4))).toBeGreaterThan(next + 1);
  });

  test('the same Idempotency-Key places one order', async () => {
    const before = await stockOf(shop, tea);
    const call = { headers: { 'idempotency-key': 'order-1' } };
    const order = { lines: [{ sku: 'TEA-1', quantity: 1 }] };
    const answers = await Promise.all([place(order, call), place(order, call)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    expect((await stockOf(shop, tea))?.allocated).toBe((before?.allocated ?? 0) + 1);
  });

  test('another brand sees neither goods nor orders; personal data only those who may', async () => {
    const { id } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }], addresses: { billing: { name: 'Ada' } } });
    const as = { brand: 'borea' } as const;
    expect((await shop.call('GET', `/orders/${id}`, { as })).status).toBe(404);
    expect((await shop.call('POST', `/orders/${id}/cancel`, { as })).status).toBe(404);
    expect((await place({ lines: [{ variantId: tea.id, quantity: 1, unitPrice: '1' }] }, { as })).status).toBe(422);
    const analyst = await shop.must('GET', `/orders/${id}`, { as: { role: 'analyst' } });
    expect(JSON.stringify(analyst.body)).not.toContain('Ada');
    expect((await place({ lines: [{ sku: 'TEA-1', quantity: 1 }] }, { as: { role: 'analyst' } })).status).toBe(403);
  });

  test('takes from several warehouses in the order of their codes, or from the one that is named', async () => {
    await shop.admin.query(
      "INSERT INTO commerce.warehouses (tenant_id, code, name) VALUES ($1, 'alt', 'Alternative')",
      [shop.atlas.id],
    );
    const goods = await fresh(5);
    await moveStock(shop, goods, 3, 'alt');
    const lines = [
      { sku: goods.sku, quantity: 2 },
      { sku: goods.sku, quantity: 3 },
    ];
    expect((await place({ lines: [{ sku: goods.sku, quantity: 6 }], warehouse: 'main' })).status).toBe(409);
    const {
      allocations,
      lines: [first, second],
    } = await placed({ lines });
    expect(allocations).toMatchObject([
      { orderItemId: first.id, warehouse: 'alt', quantity: 2 },
      { orderItemId: second.id, warehouse: 'alt', quantity: 1 },
      { orderItemId: second.id, warehouse: 'main', quantity: 2 },
    ]);
    expect((await place({ lines: [{ sku: goods.sku, quantity: 4 }] })).body.errors).toEqual([
      { path: 'lines[0].quantity', message: `${goods.sku}: 4 wanted, 3 available` },
    ]);
  });

  test('a brand that allows negative stock sells what it does not have', async () => {
    const goods = await fresh(1);
    const allow = (value: boolean) =>
      shop.admin.query('UPDATE commerce.tenants SET allow_negative_stock = $2 WHERE id = $1', [shop.atlas.id, value]);
    await allow(true);
    const { id } = await placed({ lines: [{ sku: goods.sku, quantity: 3 }] });
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 1, available: -2 });
    await shop.must('POST', `/orders/${id}/cancel`);
    // Until nothing more can be kept: that was a 500.
    const allocate = (units: number, reason: string) =>
      shop.admin.query(
        `SELECT commerce.move_stock(w.tenant_id, $1, w.id, 'allocated', $2, $3) FROM commerce.warehouses w
         WHERE w.tenant_id = $4 AND w.code = 'main'`,
        [goods.id, units, reason, shop.atlas.id],
      );
    await allocate(2_147_000_000, 'allocation');
    const { status, body } = await place({ warehouse: 'main', lines: [{ sku: goods.sku, quantity: 1_000_000 }] });
    expect([status, body.detail]).toEqual([409, 'The stock would exceed what can be kept.']);
    await allocate(-2_147_000_000, 'release');
    await allow(false);
  });

  test('bulk: each order by itself', async () => {
    const goods = await fresh(3);
    const order = (quantity: number) => ({ currency: 'EUR', lines: [{ sku: goods.sku, quantity }] });
    const { body } = await shop.must('POST', '/orders/bulk', {
      body: { items: [order(2), order(2), order(0), order(1)] },
    });
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([201, 409, 400, 201]);
    expect(body.results[0].item.lines[0].quantity).toBe(2);
    expect(await stockOf(shop, goods)).toMatchObject({ available: 0 });
  });

  test('lists by filter, newest first, in pages', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await placed({ channel: 'list', lines: [{ sku: 'TEA-1', quantity: 1 }], orderNumber: `L${n}` })).id);
    const first = await shop.must('GET', '/orders?channel=list&limit=2');
    await placed({ channel: 'list', lines: [{ sku: 'TEA-1', quantity: 1 }], orderNumber: 'L9' });
    const second = await shop.must('GET', `/orders?channel=list&limit=2&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids.reverse().slice(0, 4));
    expect(second.body.items[0]).toMatchObject({ total: '11.9000' });
    const filters = `q=L3&status=placed&placedFrom=2020-01-01T00:00:00Z&placedTo=2199-01-01T00:00:00Z`;
    expect((await shop.must('GET', `/orders?${filters}`)).body.items).toHaveLength(1);
    expect((await shop.must('GET', '/orders?q=L&country=FR')).body.items).toEqual([]);
    expect((await shop.must('GET', '/orders?orderNumber=L3')).body.items).toMatchObject([{ orderNumber: 'L3' }]);
    expect((await shop.must('GET', '/orders?orderNumber=L')).body.items).toEqual([]);
    expect((await shop.must('GET', '/orders?channel=list&sku=TEA-1')).body.items).toHaveLength(6);
    expect((await shop.must('GET', '/orders?channel=list&sku=TEA')).body.items).toEqual([]);
    expect((await shop.call('GET', '/orders?placedFrom=20111-01-01T00:00:00Z')).status).toBe(400);
  });
});

// Red when: a page begins behind an id alone; equal keys have no order of their own; amounts are compared as text.
describe.each(['placedAt', 'status', 'total'] as const)('a list by %s', (key) => {
  type Listed = { id: string; placedAt: string; status: string; total: string };
  const keys: Record<typeof key, (order: Listed) => string | number> = {
    placedAt: ({ placedAt }) => placedAt,
    status: ({ status }) => ['placed', 'confirmed'].indexOf(status),
    total: ({ total }) => Number(total),
  };

  test.each([1, -1])('runs in pages that stay where they are when orders come (%i)', async (direction) => {
    const sort = `${direction < 0 ? '-' : ''}${key}`;
    const channel = `by ${sort}`;
    const trade = (day: string, quantity: number, status = 'placed'): Promise<Listed> =>
      placed({ channel, status, placedAt: `${day}T10:00:00Z`, lines: [{ sku: 'TEA-1', quantity }] });
    const orders = [
      await trade('2026-01-03', 1),
      await trade('2026-01-01', 10, 'confirmed'),
      await trade('2026-01-02', 2),
      await trade('2026-01-02', 2, 'confirmed'),
      await trade('2026-01-04', 3),
    ];
    const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
    const wanted = orders.toSorted((a, b) => direction * (compare(keys[key](a), keys[key](b)) || compare(a.id, b.id)));
    const seen: Listed[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await shop.must('GET', `/orders?limit=2&sort=${sort}&channel=${channel}${cursor}`);
      seen.push(...body.items);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
      expect((await shop.call('GET', `/orders?limit=2&sort=-updated&channel=${channel}`)).status).toBe(400);
      const others = sort === '-status' ? 'status' : '-status';
      expect((await shop.call('GET', `/orders?limit=2&sort=${others}&channel=${channel}${cursor}`)).status).toBe(400);
      // Stands before all others.
      await (direction < 0 ? trade('2026-01-09', 20, 'confirmed') : trade('2025-12-31', 1));
    }
    expect(seen.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
  });
});

test('a list by total keeps currencies apart', async () => {
  const lines = (unitPrice: string) => [{ sku: 'TEA-1', quantity: 1, unitPrice }];
  for (const [currency, unitPrice] of [
    ['USD', '5'],
    ['EUR', '9'],
    ['JPY', '700'],
    ['EUR', '10'],
  ] as const) {
    await placed({ currency, channel: 'external', lines: lines(unitPrice) });
  }
  const { body } = await shop.must('GET', '/orders?sort=-total&channel=external');
  expect(body.items.map(({ currency }: { currency: string }) => currency)).toEqual(['USD', 'JPY', 'EUR', 'EUR']);
  expect(Number(body.items[2].total)).toBeGreaterThan(Number(body.items[3].total));
});

// Red when: a list that no index sorts is sorted whatever its length.
test('too many orders are not sorted by status or total: the problem says how to narrow them', async () => {
  const { atlas, admin } = shop;
  await admin.query("SET session_replication_role = 'replica'");
  await admin.query(
    `INSERT INTO commerce.orders (tenant_id, order_number, currency, channel, placed_at)
     SELECT $1, 'many-' || n, 'EUR', 'many', '2026-01-01'::timestamptz + n * interval '1 s'
     FROM generate_series(1, $2::int) AS n`,
    [atlas.id, MOST_SORTED + 1],
  );
  await admin.query("SET session_replication_role = 'origin'");
  const refused = await shop.call('GET', '/orders?sort=total&channel=many');
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'sort' }] } });
  const narrowed = 'sort=-status&limit=1&channel=many&placedFrom=2026-01-01T00:00:02Z';
  expect((await shop.must('GET', `/orders?${narrowed}`)).body.items).toMatchObject([
    { orderNumber: `many-${MOST_SORTED + 1}` },
  ]);
  const oldest = await shop.must('GET', '/orders?sort=placedAt&limit=1&channel=many');
  expect(oldest.body.items).toMatchObject([{ orderNumber: 'many-1' }]);
});

describe('the way of an order', () => {
  test('step by step; a step out of turn is refused and says which are legal', async () => {
    const { id } = await placed({ lines: [{ sku: 'TEA-1', quantity: 2 }] });
    expect(await step(id, 'ship')).toMatchObject({
      status: 409,
      body: { current: 'placed', legal: ['confirm', 'cancel'] },
    });
    for (const [name, status] of [
      ['confirm', 'confirmed'],
      ['pick', 'picked'],
      ['pack', 'packed'],
      ['ship', 'shipped'],
      ['deliver', 'delivered'],
    ] as const) {
      expect(await step(id, name)).toMatchObject({ status: 200, body: { status } });
    }
    expect(await step(id, 'cancel')).toMatchObject({ status: 409, body: { current: 'delivered', legal: [] } });
    const { body } = await shop.must('GET', `/orders/${id}`);
    expect(body).toMatchObject({
      lines: [{ shipped: 2 }],
      shipments: [{ status: 'delivered', lines: [{ quantity: 2 }] }],
    });
    const { items } = (await shop.must('GET', `/orders/${id}/events`)).body;
    expect(items.map(({ type }: { type: string }) => type)).toEqual([
      'order.created',
      'order.confirmed',
      'order.picked',
      'order.packed',
      'shipment.created',
      'shipment.shipped',
      'order.shipped',
      'shipment.delivered',
      'order.delivered',
    ]);
  });

  test('in parts: stock goes with each, the order is shipped with the last and delivered when all has arrived', async () => {
    const goods = await fresh(5);
    const {
      id,
      lines: [line],
    } = await placed({ lines: [{ sku: goods.sku, quantity: 5 }], status: 'confirmed' });
    for (const name of ['pick', 'pack']) await shop.must('POST', `/orders/${id}/${name}`);
    const some = (quantity: number) => ({ lines: [{ orderItemId: line.id, quantity }], carrier: 'DHL' });
    expect(await step(id, 'ship', some(6))).toMatchObject({
      status: 409,
      body: { errors: [{ path: 'lines[0].quantity' }] },
    });
    const part = await step(id, 'ship', some(2));
    expect(part.body).toMatchObject({
      status: 'partially_shipped',
      allocations: [{ quantity: 5, shipped: 2 }],
      shipments: [{ carrier: 'DHL' }],
    });
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 3, allocated: 3 });
    expect(await step(id, 'cancel')).toMatchObject({ status: 409, body: { legal: ['ship', 'deliver'] } });
    expect(await step(id, 'deliver')).toMatchObject({
      status: 200,
      body: { status: 'partially_shipped', shipments: [{ status: 'delivered' }] },
    });
    expect((await step(id, 'deliver')).status).toBe(409);
    expect((await step(id, 'ship')).body).toMatchObject({ status: 'shipped' });
    expect((await step(id, 'deliver')).body).toMatchObject({ status: 'delivered' });
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 0, allocated: 0 });
  });

  test('cancelling gives its stock back', async () => {
    const goods = await fresh(4);
    const { id } = await placed({ lines: [{ sku: goods.sku, quantity: 4 }] });
    expect((await place({ lines: [{ sku: goods.sku, quantity: 1 }] })).status).toBe(409);
    expect((await step(id, 'cancel')).body).toMatchObject({
      status: 'cancelled',
      cancelledAt: expect.any(String),
      allocations: [],
    });
    await placed({ lines: [{ sku: goods.sku, quantity: 4 }] });
  });

  test('the note changes, the first promise stays', async () => {
    const { id } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }] });
    const { etag } = await shop.must('GET', `/orders/${id}`);
    const change = (body: object, tag?: string) =>
      shop.call('PATCH', `/orders/${id}`, { body, headers: tag === undefined ? {} : { 'if-match': tag } });
    expect((await change({ note: 'x' })).status).toBe(428);
    const changed = await change({ note: 'call first', promisedAt: '2100-01-01T00:00:00Z' }, etag);
    expect(changed).toMatchObject({
      status: 200,
      body: { note: 'call first', promisedAt: '2100-01-01T00:00:00.000000Z' },
    });
    expect((await change({ note: 'y' }, etag)).status).toBe(412);
    expect((await change({ promisedAt: '2101-01-01T00:00:00Z' }, changed.etag)).status).toBe(409);
    expect((await change({ placedAt: '2001-01-01T00:00:00Z' }, changed.etag)).status).toBe(400);
  });
});

describe('payments', () => {
  // Red when the sum is read without locking the order.
  test('two at once never exceed the total', async () => {
    const { id, total } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }] });
    expect(total).toBe('11.9000');
    const pay = (amount: string, status = 'received') =>
      shop.call('POST', `/orders/${id}/payments`, { body: { amount, status, method: 'card', reference: 'r-1' } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay('4')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409, 409, 409, 409]);
    expect((await pay('3.9001')).body.errors).toEqual([{ path: 'amount', message: '3.9000 EUR are still to be paid' }]);
    expect((await pay('100', 'failed')).status).toBe(201);
    expect(await pay('3.9000')).toMatchObject({
      status: 201,
      body: { amount: '3.9000', status: 'received', reference: 'r-1' },
    });
    for (const amount of ['0', '-1', '1.00001', '1e3']) expect((await pay(amount)).status).toBe(400);
    const { body } = await shop.must('GET', `/orders/${id}`);
    expect(body).toMatchObject({ paid: '11.9000' });
    expect((await shop.must('GET', `/orders/${id}/payments`)).body.items).toEqual(body.payments);
  });

  test('an order that is cancelled takes none', async () => {
    const { id } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }] });
    await shop.must('POST', `/orders/${id}/cancel`);
    expect(
      (await shop.call('POST', `/orders/${id}/payments`, { body: { amount: '1', status: 'received' } })).status,
    ).toBe(409);
  });
});

describe('returns', () => {
  test('of some units: worth their share, the last takes the remainder; restocked or written off', async () => {
    const goods = await fresh(3, { price: '3.3333' });
    const {
      id,
      lines: [line],
    } = await shipped([{ sku: goods.sku, quantity: 3, discount: '0.0001' }]);
    const back = (quantity: number, restock: boolean, more: object = {}) =>
      shop.call('POST', `/orders/${id}/returns`, {
        body: { lines: [{ orderItemId: line.id, quantity, restock }], refund: true, ...more },
      });
    expect((await back(4, true)).status).toBe(409);
    // 9.9998 over three units.
    expect(await back(1, true)).toMatchObject({
      status: 201,
      body: { returnNumber: expect.stringMatching(/^RET-\d{6}$/), amount: '3.3333', status: 'refunded' },
    });
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 1, available: 1 });
    const later = await back(1, false, { refund: false });
    expect(later.body).toMatchObject({ amount: '3.3332', status: 'received', refundedAt: null });
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 1 });
    expect((await back(1, true)).body.amount).toBe('3.3333');
    expect((await back(1, true)).status).toBe(409);
    const refund = () => shop.call('POST', `/orders/${id}/returns/${later.body.id}/refund`);
    expect(await refund()).toMatchObject({ status: 200, body: { status: 'refunded', refundedAt: expect.any(String) } });
    expect((await refund()).status).toBe(409);
    expect((await shop.must('GET', `/orders/${id}`)).body).toMatchObject({ lines: [{ returned: 3 }] });
    expect((await shop.must('GET', `/orders/${id}/returns`)).body.items).toHaveLength(3);
  });

  test('of what has not left is refused; so is a line twice', async () => {
    const {
      id,
      lines: [line],
    } = await placed({ lines: [{ sku: 'TEA-1', quantity: 1 }] });
    const one = { orderItemId: line.id, quantity: 1, restock: true };
    const back = (lines: object[]) => shop.call('POST', `/orders/${id}/returns`, { body: { lines, refund: false } });
    expect((await back([one])).status).toBe(409);
    expect((await back([one, one])).status).toBe(400);
    expect((await back([{ ...one, orderItemId: id }])).status).toBe(422);
  });

  // Red when what has come back is read without locking the order.
  test('at once: no unit comes back twice', async () => {
    const {
      id,
      lines: [line],
    } = await shipped([{ sku: 'TEA-1', quantity: 3 }]);
    const body = { lines: [{ orderItemId: line.id, quantity: 2, restock: true }], refund: true };
    const answers = await Promise.all([1, 2, 3].map(() => shop.call('POST', `/orders/${id}/returns`, { body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe('at once', () => {
  // Red when the stock is read before it is locked.
  test('200 buyers of 100 units: exactly 100 are sold', async () => {
    const goods = await fresh(100);
    const server = createAdaptorServer({ fetch: shop.api.fetch });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/orders`;
    const headers = { authorization: `Bearer ${await tokenOf({}, shop)}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ currency: 'EUR', lines: [{ sku: goods.sku, quantity: 1 }] });
    const buy = async () => {
      const response = await fetch(url, { method: 'POST', headers, body });
      return { status: response.status, body: (await response.json()) as { orderNumber?: string; requestId?: string } };
    };
    const answers = await Promise.all(Array.from({ length: 200 }, buy));
    server.close();
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(201), count(409)]).toEqual([100, 100]);
    expect(new Set(answers.map((answer) => answer.body.orderNumber ?? answer.body.requestId)).size).toBe(200);
    expect(await stockOf(shop, goods)).toMatchObject({ on_hand: 100, allocated: 100, available: 0 });
  });

  // Red when the stock rows are not locked in one order.
  test('orders of the same goods in any order do not wait in a circle', async () => {
    const goods = await Promise.all([1, 2, 3, 4].map(() => fresh(60)));
    const lines = goods.map(({ sku }) => ({ sku, quantity: 1 }));
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => place({ lines: n % 2 === 0 ? lines : [...lines].reverse() })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });

  // Red when a step reads the status without locking the order.
  test('cancel while shipping: one of them wins, the other is told', async () => {
    const goods = await fresh(20);
    for (let round = 0; round < 10; round++) {
      const { id } = await placed({ lines: [{ sku: goods.sku, quantity: 2 }] });
      for (const name of ['confirm', 'pick', 'pack']) await shop.must('POST', `/orders/${id}/${name}`);
      const answers = await Promise.all([step(id, 'cancel'), step(id, 'ship'), step(id, 'cancel'), step(id, 'ship')]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
      const { body } = await shop.must('GET', `/orders/${id}`);
      expect(body.shipments).toHaveLength(body.status === 'shipped' ? 1 : 0);
    }
  });
});
