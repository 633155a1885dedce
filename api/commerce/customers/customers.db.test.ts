import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestInstance, type TestInstance } from '../../../runtime/testing.ts';
import { type AnalyticsReader, createAnalyticsReader } from '../../analytics/tenant-clickhouse.ts';
import { type CommerceTest, startCommerceTest } from '../testing.ts';
import { withoutPersonalData } from './erase-customer.ts';

const ada = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '+44 20 1234' };
const analyst = { role: 'analyst' } as const;

let instance: TestInstance;
let reader: AnalyticsReader;
let t: CommerceTest;

beforeAll(async () => {
  instance = await startTestInstance();
  reader = createAnalyticsReader({ tenant: instance.tenantReader.url, platform: instance.platformReader.url });
  t = await startCommerceTest({ engines: instance, api: { reader: () => reader } });
});
afterAll(async () => {
  await t?.stop();
  await reader?.close();
  await instance?.stop();
});

let numbers = 0;
const newCustomer = (more = {}) => ({ customerNumber: `C-${++numbers}`, country: 'GB', ...more });

test('contacts are shown to those who may see them, and kept nowhere else', async () => {
  const headers = { 'idempotency-key': 'contacts' };
  const { body } = await t.must('POST', '/customers', { body: newCustomer({ contacts: [ada] }), headers });
  expect(body).not.toHaveProperty('contacts');
  const mine = await t.must('GET', `/customers/${body.id}`);
  expect(mine.body.contacts).toMatchObject([ada]);
  for (const as of [analyst, { role: 'platform_admin' } as const]) {
    const seen = await t.must('GET', `/customers/${body.id}`, { as, headers: { 'x-tenant-id': t.atlas.id } });
    expect(seen.body).not.toHaveProperty('contacts');
  }
  expect(JSON.stringify((await t.must('GET', '/customers')).body)).not.toContain('Ada');
  const { rows } = await t.admin.query<{ text: string }>(
    `SELECT coalesce((SELECT string_agg(to_jsonb(a)::text, '') FROM commerce.audit_logs a), '')
       || coalesce((SELECT string_agg(to_jsonb(e)::text, '') FROM commerce.events e), '')
       || coalesce((SELECT string_agg(to_jsonb(k)::text, '') FROM commerce.idempotency_keys k), '') AS text`,
  );
  for (const value of Object.values(ada)) expect(rows[0]?.text).not.toContain(value);
});

test('a change replaces the contacts, and its tag covers them', async () => {
  const { id } = (await t.must('POST', '/customers', { body: newCustomer({ contacts: [ada] }) })).body;
  const { etag } = await t.must('GET', `/customers/${id}`);
  const patch = (body: object, tag: string, as = {}) =>
    t.call('PATCH', `/customers/${id}`, { body, as, headers: { 'if-match': tag } });
  const grace = { name: 'Grace Hopper', email: null, phone: null };
  const changed = await patch({ contacts: [grace], country: 'US' }, etag);
  expect([changed.status, changed.body]).toMatchObject([200, { country: 'US', contacts: [grace] }]);
  expect((await patch({ country: 'FR' }, etag)).status).toBe(412);
  const asSeen = await t.must('GET', `/customers/${id}`, { as: analyst });
  expect((await patch({ country: 'FR' }, asSeen.etag)).status).toBe(412);
  expect((await patch({ country: 'FR' }, changed.etag, analyst)).status).toBe(403);
});

test('numbers are unique within a brand, and lists filter by them and by country', async () => {
  const customer = newCustomer({ customerNumber: 'Twice-1', country: 'Norway' });
  const { id } = (await t.must('POST', '/customers', { body: customer })).body;
  const again = await t.call('POST', '/customers', { body: customer });
  expect([again.status, again.body.errors[0].path]).toEqual([409, 'customerNumber']);
  expect((await t.call('POST', '/customers', { body: customer, as: { brand: 'borea' } })).status).toBe(201);
  const found = (await t.must('GET', '/customers?q=twice&country=Norway')).body.items;
  expect(found.map((item: { id: string }) => item.id)).toEqual([id]);
});

test('bulk: a result for each', async () => {
  const items = [
    newCustomer({ contacts: [ada] }),
    newCustomer({ contacts: [{}] }),
    newCustomer({ customerNumber: 'Twice-1' }),
  ];
  const { results } = (await t.must('POST', '/customers/bulk', { body: { items } })).body;
  const told = results.map((result: { status: number; problem?: { errors: { path: string }[] } }) => [
    result.status,
    result.problem?.errors[0]?.path,
  ]);
  expect(told).toEqual([
    [201, undefined],
    [400, 'contacts[0]'],
    [409, 'customerNumber'],
  ]);
});

test.each([
  [{ customerNumber: '' }, 'customerNumber'],
  [{ customerNumber: 'x', contacts: [{ email: 'nobody' }] }, 'contacts[0].email'],
  [{ customerNumber: 'x', age: 7 }, 'age'],
])('%j is refused', async (body, path) => {
  const answer = await t.call('POST', '/customers', { body });
  expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
});

test('ids of another brand are answered like unknown ones', async () => {
  const { id } = (await t.must('POST', '/customers', { body: newCustomer({ contacts: [ada] }) })).body;
  for (const [method, suffix, body] of [
    ['GET', ''],
    ['PATCH', '', { country: 'FR' }],
    ['POST', '/erase'],
  ] as [string, string, object?][]) {
    const call = { as: { brand: 'borea' as const }, body, headers: { 'if-match': '*', 'x-request-id': 'the-same-id' } };
    const theirs = await t.call(method, `/customers/${id}${suffix}`, call);
    const nobodys = await t.call(method, `/customers/${randomUUID()}${suffix}`, call);
    expect([theirs.status, theirs.body]).toEqual([404, nobodys.body]);
  }
  expect((await t.must('GET', `/customers/${id}`)).body.contacts).toMatchObject([ada]);
});

/** An order with addresses and a note, as any channel may have written it. */
async function orderOf(customerId: string): Promise<string> {
  const tenant = t.atlas.id;
  const { rows } = await t.admin.query<{ id: string }>(
    `WITH product AS (INSERT INTO commerce.products (tenant_id, name) VALUES ($1, 'Teapot') RETURNING id),
       variant AS (INSERT INTO commerce.product_variants (tenant_id, product_id, sku) SELECT $1, id, 'ERASE-1' FROM product
         RETURNING id),
       placed AS (INSERT INTO commerce.orders (tenant_id, order_number, customer_id, currency, country, note)
         VALUES ($1, 'ERASE-1', $2, 'EUR', 'GB', 'leave it with Ada') RETURNING id),
       line AS (INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
         SELECT $1, placed.id, 1, variant.id, 'ERASE-1', 3, 12.5 FROM placed, variant)
     INSERT INTO commerce.order_addresses (tenant_id, order_id, kind, name, line1, city, postal_code, country)
     SELECT $1, id, 'shipping', 'Ada Lovelace', '12 St James Square', 'London', 'SW1Y 4JH', 'GB' FROM placed
     RETURNING order_id AS id`,
    [tenant, customerId],
  );
  return rows[0]?.id ?? '';
}

/** Figures once the marts reflect everything committed until now. */
async function figures() {
  await instance.stream.drained();
  const body = {
    measures: ['gross_sales', 'net_sales', 'orders', 'new_customers', 'units_sold'],
    dimensions: ['country'],
    timeRange: { preset: 'last_7_days' },
  };
  return (await t.must('POST', '/kpis/query', { body })).body.rows;
}

// Red when erasing deletes or unlinks orders, or leaves personal data anywhere.
test('erasing takes the personal data everywhere, is audited, and changes no figure', async () => {
  const { id } = (
    await t.must('POST', '/customers', { body: newCustomer({ contacts: [ada, { ...ada, phone: '1' }] }) })
  ).body;
  const orderId = await orderOf(id);
  const keep = "INSERT INTO commerce.idempotency_keys VALUES ($1, 'kept', 'hash', 201, '{}', $2)";
  const answer = {
    customerId: id,
    note: 'for Ada',
    addresses: [{ kind: 'shipping', name: 'Ada Lovelace', city: 'London' }],
  };
  await t.admin.query(keep, [t.atlas.id, JSON.stringify(answer)]);
  const before = await figures();
  expect(before).toMatchObject([{ gross_sales: '37.5000', orders: 1 }]);

  expect((await t.call('POST', `/customers/${id}/erase`, { as: { role: 'operator' } })).status).toBe(403);
  const subject = randomUUID();
  const erased = await t.must('POST', `/customers/${id}/erase`, { as: { subject } });
  expect(erased.body).toMatchObject({ id, country: 'GB', contacts: [] });

  const one = async (query: string, value: string) => (await t.admin.query(query, [value])).rows;
  expect(await one('SELECT * FROM commerce.order_addresses WHERE order_id = $1', orderId)).toMatchObject([
    {
      kind: 'shipping',
      name: null,
      line1: null,
      line2: null,
      city: null,
      region: null,
      postal_code: null,
      country: 'GB',
    },
  ]);
  expect(await one('SELECT customer_id, note FROM commerce.orders WHERE id = $1', orderId)).toEqual([
    { customer_id: id, note: null },
  ]);
  const audit =
    "SELECT actor_id, new_values FROM commerce.audit_logs WHERE resource_id = $1 AND resource_type = 'customers' AND action = 'DELETE'";
  expect(await one(audit, id)).toEqual([
    { actor_id: subject, new_values: { erased: { contacts: 2, addresses: 1, notes: 1, answers: 1 } } },
  ]);
  const everything = `SELECT count(*)::int AS n FROM (
      SELECT to_jsonb(t)::text AS row FROM commerce.customer_contacts t WHERE customer_id = $1
      UNION ALL SELECT to_jsonb(t)::text FROM commerce.order_addresses t WHERE order_id IN (SELECT id FROM commerce.orders WHERE customer_id = $1)
      UNION ALL SELECT to_jsonb(t)::text FROM commerce.idempotency_keys t WHERE key = 'kept'
      UNION ALL SELECT to_jsonb(t)::text FROM commerce.audit_logs t UNION ALL SELECT to_jsonb(t)::text FROM commerce.events t
    ) rows WHERE row ~ 'Ada|ada@|St James|SW1Y'`;
  expect(await one(everything, id)).toEqual([{ n: 0 }]);
  expect(await figures()).toEqual(before);
  expect((await t.must('POST', `/customers/${id}/erase`)).body.contacts).toEqual([]);
});

test('an answer without personal data keeps its shape', () => {
  const answer = {
    results: [
      {
        item: {
          id: '1',
          name: 'Teapot',
          note: 'for Ada',
          shippingAddress: { name: 'Ada', city: 'London', country: 'GB' },
        },
      },
    ],
    contacts: [{ id: '2', name: 'Ada', email: 'a@b.c', phone: null }],
  };
  expect(withoutPersonalData(answer)).toEqual({
    results: [
      { item: { id: '1', name: 'Teapot', note: null, shippingAddress: { name: null, city: null, country: 'GB' } } },
    ],
    contacts: [{ id: '2', name: null, email: null, phone: null }],
  });
});
