import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouseClient, createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { startTestInstance, type TestInstance } from '../runtime/testing.ts';
import { formatReport } from './report.ts';
import { inProcessStream } from './testing.ts';
import { runTraffic } from './traffic.ts';
import { UnknownBrand, type VerifyOptions, verify } from './verify.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
const replay = `again: SEED=${seed} npx vitest run verify/verify.db.test.ts`;

let instance: TestInstance;
let clickhouse: ClickHouseClient;

const check = (options: Partial<VerifyOptions> = {}) =>
  verify({
    postgresUrl: instance.postgresUrl,
    clickhouseUrl: instance.clickhouseUrl,
    stream: inProcessStream(instance.stream),
    ...options,
  });

/** A row as it was before `tamper`, which a merge may have replaced meanwhile. */
const kept = (table: string) => `default.kept_${table.replace('.', '_')}`;

/** Writes a row as a bug would have: newer than the one that stands there, and otherwise what `replacements` say. */
async function tamper(table: string, replacements: string, where = '1'): Promise<string> {
  const [row] = await queryRows<{ id: string }>(
    clickhouse,
    `SELECT toString(${table.startsWith('facts') ? 'order_id' : 'id'}) AS id FROM ${table} FINAL WHERE ${where} ORDER BY id LIMIT 1`,
  );
  const id = row?.id ?? '';
  const key = table.startsWith('facts') ? 'order_id' : 'id';
  await clickhouse.command({
    query: `CREATE TABLE ${kept(table)} ENGINE = Memory AS SELECT * FROM ${table} FINAL WHERE ${key} = toUUID('${id}')`,
  });
  await clickhouse.command({
    query: `INSERT INTO ${table} SELECT * REPLACE (${replacements}) FROM ${table} FINAL WHERE ${key} = toUUID('${id}')`,
  });
  return id;
}

/** Takes away what a bug would have written. */
const remove = (table: string, id: string, key = 'id') =>
  clickhouse.command({
    query: `ALTER TABLE ${table} DELETE WHERE ${key} = toUUID('${id}') AND _version = 2305843009213693953 SETTINGS mutations_sync = 2`,
  });

/** Puts the row as it was back on top. */
async function heal(table: string, id: string, key = 'id'): Promise<void> {
  await remove(table, id, key);
  await clickhouse.command({ query: `INSERT INTO ${table} SELECT * FROM ${kept(table)}` });
  await clickhouse.command({ query: `DROP TABLE ${kept(table)}` });
}

/** A version no real change has. */
const onTop = 'toUInt64(2305843009213693953) AS _version';

beforeAll(async () => {
  instance = await startTestInstance();
  clickhouse = createClickHouse(instance.clickhouseUrl);
  await runTraffic({ url: instance.postgresUrl, seed, transactions: 40, brands: 2 });
}, 240_000);

afterAll(async () => {
  await clickhouse?.close();
  await instance?.stop();
});

describe('verify', () => {
  // Red with: any of the bugs in verify/mutations.
  it('finds no difference under live traffic: rows, facts, and every KPI of two zones and many currencies', async () => {
    const over = new AbortController();
    const live = { url: instance.postgresUrl, seed: seed + 1, brands: 1, rate: 5, signal: over.signal };
    const traffic = runTraffic(live);
    const report = await check();
    over.abort();
    await traffic;
    expect(formatReport(report), replay).toMatch(/^No difference/);
    expect(report.kpis.reduce((sum, { figures }) => sum + figures, 0)).toBeGreaterThan(3_000);
    const clones = await queryRows(clickhouse, `SELECT name FROM system.databases WHERE name LIKE '%verify%'`);
    expect(clones).toEqual([]);
  }, 240_000);

  it('names a raw row whose value is not that of Postgres', async () => {
    const id = await tamper('raw.orders', `'tampered' AS order_number, ${onTop}`);
    const report = await check({ kpis: 'none' });
    await heal('raw.orders', id);
    const orders = report.tables.find(({ table }) => table === 'orders');
    expect(orders).toMatchObject({ differing: 1, named: [{ kind: 'differs', raw: { order_number: 'tampered' } }] });
    expect(orders?.named[0]?.key).toContain(id);
    expect(Object.keys(orders?.named[0]?.postgres ?? {})).toEqual(['order_number']);
    expect(report.ok).toBe(false);
    expect(formatReport(report)).toContain(`${id} differs`);
  });

  it('names a row that is missing in raw, and one that is there only', async () => {
    const lost = await tamper('raw.order_items', `toUInt8(1) AS _deleted, ${onTop}`);
    const [{ id: made } = { id: '' }] = await queryRows<{ id: string }>(
      clickhouse,
      'SELECT toString(generateUUIDv4()) AS id',
    );
    await clickhouse.command({
      query: `INSERT INTO raw.customers SELECT * REPLACE (toUUID('${made}') AS id, ${onTop}) FROM raw.customers FINAL LIMIT 1`,
    });
    const report = await check({ kpis: 'none' });
    await heal('raw.order_items', lost);
    await remove('raw.customers', made);
    const found = report.tables.flatMap(({ named }) =>
      named.map(({ table, kind, key }) => [table, kind, key.split(',')[1]]),
    );
    expect(found).toEqual([
      ['customers', 'extra', made],
      ['order_items', 'missing', lost],
    ]);
  });

  it('names a fact that is not what raw yields, and the KPIs it makes wrong', async () => {
    const id = await tamper(
      'facts.orders',
      `gross_sales + toDecimal128('0.0001', 4) AS gross_sales, ${onTop}`,
      'NOT is_test',
    );
    const slug = await brandOf(id);
    const report = await check();
    const one = await check({ tenant: slug });
    await heal('facts.orders', id, 'order_id');
    expect(report.tables.every(({ differing }) => differing === 0)).toBe(true);
    expect(report.facts.find(({ model }) => model === 'facts.orders')).toMatchObject({
      differing: 1,
      named: [{ key: id }],
    });
    const wrong = report.kpis.flatMap(({ named }) => named.map(({ kpi, brand, grain }) => `${kpi} ${brand} ${grain}`));
    expect(wrong).toContain(`gross_sales ${slug} total`);
    expect(one.kpis.map(({ brands }) => brands)).toEqual([[slug]]);
    expect(one.differing).toBeGreaterThan(0);
  }, 240_000);

  it('refuses a brand that is not there', async () => {
    await expect(check({ tenant: 'nobody' })).rejects.toThrow(UnknownBrand);
    expect(await instance.stream.drained()).toBeUndefined();
  });
});

async function brandOf(order: string): Promise<string> {
  const [row] = await queryRows<{ slug: string }>(
    clickhouse,
    `SELECT t.slug AS slug FROM raw.tenants AS t FINAL WHERE id IN (SELECT tenant_id FROM facts.orders FINAL WHERE order_id = toUUID('${order}'))`,
  );
  return row?.slug ?? '';
}
