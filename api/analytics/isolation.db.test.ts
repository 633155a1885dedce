import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouse, queryRows } from '../../ingestion/clickhouse.ts';
import { uuid } from '../../transforms/testing.ts';
import { type ApiTest, brands, startApiTest } from '../testing.ts';
import { catalogue } from './catalogue.ts';
import { compile } from './compile.ts';
import type { Row } from './fill.ts';
import { inlined } from './parameters.ts';
import type { Plan } from './plan.ts';
import type { Statement } from './tenant-clickhouse.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  const both = ['t1', 't2'];
  await test.model.given({
    tenants: brands,
    orders: both.map((tenant_id) => ({ tenant_id, id: 'o1', customer_id: 'c1', channel: `of ${tenant_id}` })),
    order_items: both.map((tenant_id) => ({ tenant_id, id: 'i1', order_id: 'o1', sku: `sku of ${tenant_id}` })),
    returns: both.map((tenant_id) => ({ tenant_id, id: 'r1', order_id: 'o1' })),
    return_items: both.map((tenant_id) => ({ tenant_id, id: 'ri1', return_id: 'r1' })),
    products: both.map((tenant_id) => ({ tenant_id, id: 'p1', name: `product of ${tenant_id}`, category: 'x' })),
    product_variants: both.map((tenant_id) => ({ tenant_id, id: 'v1', product_id: 'p1', sku: 'A' })),
    warehouses: both.map((tenant_id) => ({ tenant_id, id: 'w1', code: tenant_id, name: 'x' })),
    inventory: both.map((tenant_id) => ({ tenant_id, id: 'n1', variant_id: 'v1', warehouse_id: 'w1', on_hand: 5 })),
    adjustments: both.map((tenant_id) => ({ tenant_id, id: 'a1', currency: 'EUR', amount: '1' })),
    payments: both.map((tenant_id) => ({ tenant_id, id: 'y1', order_id: 'o1', currency: 'EUR', status: 'received' })),
  });
});
afterAll(() => test?.stop());

const marts = [
  'orders',
  'order_lines',
  'returns',
  'return_lines',
  'adjustments',
  'payments',
  'stock',
  'variants',
  'warehouses',
];

/** Tenants a statement's rows come from. */
async function tenantsSeen(
  query: (statement: Statement) => Promise<{ tenant: string }[]>,
): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const mart of [...marts, 'customer_first_orders']) {
    const rows = await query({ sql: `SELECT DISTINCT tenant_id AS tenant FROM marts.${mart}`, parameters: {} });
    seen[mart] = rows.length;
  }
  return seen;
}

/** A KPI statement from which the API's own predicate is missing, as if somebody had forgotten it. */
function withoutPredicate(id: string): Statement {
  const kpi = catalogue.find((one) => one.id === id);
  const plan: Plan = {
    measures: kpi ? [kpi] : [],
    dimensions: [],
    filters: [],
    grain: null,
    span: { from: 0n, to: 4_102_444_800_000_000n },
    zone: 'UTC',
    orderBy: [],
    limit: null,
  };
  return compile({ plan, tenantId: null, now: 0n, mode: { kind: 'as it stands' } });
}

describe('a brand', () => {
  it('sees its own rows only, with the API’s own predicate removed', async () => {
    const own = test.reader.forBrand(uuid('t1'));
    const seen = await tenantsSeen((statement) => own.query(statement));
    expect(new Set(Object.values(seen))).toEqual(new Set([1]));
    for (const id of ['orders', 'units_returned', 'customers', 'units_sold']) {
      expect(await own.query<Row>(withoutPredicate(id)), id).toEqual([{ [id]: '1' }]);
      expect(await test.reader.forPlatform().query<Row>(withoutPredicate(id)), id).toEqual([{ [id]: '2' }]);
    }
    const tenants = await own.query<Row>({ sql: 'SELECT slug FROM marts.tenants', parameters: {} });
    expect(tenants).toEqual([{ slug: 'atlas' }]);
  });

  // The mutation: the same statements as a user without the row policy. If this saw one tenant too, the test above would prove nothing.
  it('would see foreign rows if the row policy were gone', async () => {
    const admin = createClickHouse(test.model.engines.clickhouseUrl);
    const seen = await tenantsSeen(({ sql }) => queryRows(admin, sql));
    expect(new Set(Object.values(seen))).toEqual(new Set([2]));
    expect(await queryRows(admin, inlined(withoutPredicate('orders')))).toEqual([{ orders: '2' }]);
    await admin.close();
  });

  it('sees nothing when no brand is handed over, and can not hand one over itself', async () => {
    const bare = createClickHouse(test.model.engines.tenantReader.url, {});
    const rows = await queryRows<{ n: string }>(bare, 'SELECT count() AS n FROM marts.orders').catch(() => [
      { n: '0' },
    ]);
    expect(rows).toEqual([{ n: '0' }]);
    await bare.close();
    for (const name of ['', 'atlas', `${uuid('t1')}\r\nX-Tenant: ${uuid('t2')}`, `${uuid('t1')} `]) {
      expect(() => test.reader.forBrand(name)).toThrow(TypeError);
    }
  });

  // Mutation: a row goes to whoever is first, or is passed over.
  it('is told apart from those it is read together with, and no row of another brand gets through', async () => {
    const [t1, t2] = [uuid('t1'), uuid('t2')];
    const sql = 'SELECT DISTINCT tenant_id AS brand_id, channel FROM marts.orders';
    const both = await test.reader.forBrands([t2, t1]).query({ sql, parameters: {} });
    expect(both).toEqual(
      new Map([t2, t1].map((id) => [id, [{ brand_id: id, channel: `of ${id === t1 ? 't1' : 't2'}` }]])),
    );
    const own = test.reader.forBrands([t1, uuid('nobody')]);
    for (const mart of [...marts, 'customer_first_orders']) {
      const statement = { sql: `SELECT DISTINCT tenant_id AS brand_id FROM marts.${mart}`, parameters: {} };
      const seen = await own.query(statement);
      expect([...seen], mart).toEqual([
        [t1, [{ brand_id: t1 }]],
        [uuid('nobody'), []],
      ]);
    }
    for (const id of [`'${t2}'`, 'NULL', "''", "'t1'"]) {
      const foreign = { sql: `SELECT ${id} AS brand_id UNION ALL ${sql.replace(', channel', '')}`, parameters: {} };
      await expect(own.query(foreign), id).rejects.toThrow('a row of a brand that nobody asked for');
    }
    for (const ids of [[t1, ''], [`${t1},${t2}`], [`${t1}\r\nX-Tenant: ${t2}`], [t1, 'atlas']]) {
      expect(() => test.reader.forBrands(ids)).toThrow(TypeError);
    }
  });

  it('is refused what is not a mart or its base', async () => {
    const own = test.reader.forBrand(uuid('t1'));
    for (const sql of [
      'SELECT * FROM system.users',
      'SELECT * FROM ops.dead_letters',
      "SELECT * FROM url('http://127.0.0.1/', CSV)",
      'INSERT INTO raw.orders (tenant_id) VALUES (generateUUIDv4())',
    ]) {
      await expect(own.query({ sql, parameters: {} }), sql).rejects.toThrow();
    }
    // Table functions that ask for no grant of their own go by the row policies of what they read.
    const merged = { sql: "SELECT DISTINCT tenant_id AS tenant FROM merge('facts', '.*')", parameters: {} };
    expect(await own.query(merged)).toEqual([{ tenant: uuid('t1') }]);
  });

  it('is told the same about a foreign brand as about none', async () => {
    const body = { measures: ['orders'], timeRange: { from: '2024-01-01', to: '2025-01-01' } };
    const answers = await Promise.all(
      ['borea', uuid('t2'), 'no-such-brand', uuid('nobody'), "' OR 1=1 --", ''].map(async (header) => {
        const response = await test.ask(body, { header });
        const { requestId, ...problem } = (await response.json()) as { requestId: string };
        return { status: response.status, problem };
      }),
    );
    expect(answers[0]?.status).toBe(403);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    for (const header of ['atlas', uuid('t1'), uuid('t1').toUpperCase()]) {
      expect((await test.answer(body, { header })).rows).toEqual([{ orders: 1 }]);
    }
    expect((await test.ask(body, { role: 'executive', header: 'no-such-brand' })).status).toBe(404);
    expect((await test.answer(body, { role: 'executive', header: 'borea' })).rows).toEqual([{ orders: 1 }]);
  });

  it('gets its own figures while others ask at the same time', async () => {
    const body = { measures: ['orders'], timeRange: { from: '2024-01-01', to: '2025-01-01' }, dimensions: ['channel'] };
    const tenants = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 't1' : 't2'));
    const answers = await Promise.all(tenants.map((tenant) => test.answer(body, { tenant })));
    expect(answers.map(({ rows }) => rows[0]?.channel)).toEqual(tenants.map((tenant) => `of ${tenant}`));
  });

  it('is not shown platform measures, brands, or their names', async () => {
    const timeRange = { from: '2024-01-01', to: '2025-01-01' };
    for (const body of [
      { measures: ['active_tenants'], timeRange },
      { measures: ['freshness'] },
      { measures: ['orders'], timeRange, dimensions: ['brand'] },
      { measures: ['orders'], timeRange, filters: [{ dimension: 'brand', op: 'in', values: ['borea'] }] },
    ]) {
      expect((await test.ask(body)).status).toBe(403);
    }
  });
});
