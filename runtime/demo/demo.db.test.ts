import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnalyticsReader, createAnalyticsReader } from '../../api/analytics/tenant-clickhouse.ts';
import { mintToken } from '../../api/auth/token.ts';
import { type CommerceDatabase, openCommerceDatabase } from '../../api/commerce/database.ts';
import { createTenant } from '../../api/commerce/tenants.ts';
import { createApi } from '../../api/server.ts';
import { connectAdmin } from '../../sql/postgres.ts';
import { formatReport } from '../../verify/report.ts';
import { inProcessStream } from '../../verify/testing.ts';
import { verify } from '../../verify/verify.ts';
import { createLog } from '../log.ts';
import { startTestInstance, type TestInstance } from '../testing.ts';
import { demoBrands } from './brands.ts';
import { readDemo } from './mark.ts';
import { seedDemo } from './seed.ts';

const end = new Date('2026-06-30T12:00:00Z');
const volume = 0.25;
const password = 'a password for the tests';
const secret = 'a test key that is longer than 32 bytes';
const silent = createLog('demo', 'silent');

let instance: TestInstance;
let database: CommerceDatabase;
let reader: AnalyticsReader;
let interrupted: unknown;
let stateThen: Awaited<ReturnType<typeof readDemo>>;

type Figures = Record<string, string | number | null>;

/** Figures of a brand's days, counted from the end. */
async function figures(
  slug: string,
  measures: string[],
  from: number,
  to: number,
  more: object = {},
): Promise<Figures[]> {
  const date = (day: number) => new Date(end.getTime() + day * 86_400_000).toISOString().slice(0, 10);
  const app = createApi({
    secret,
    reader: () => reader,
    commerce: () => database,
    readiness: () => ({ reasons: [] }),
    log: silent,
  });
  const tenant = (
    await database.asPlatform({}, (trx) =>
      trx.selectFrom('tenants').select('id').where('slug', '=', slug).executeTakeFirstOrThrow(),
    )
  ).id;
  const response = await app.request('/api/v1/kpis/query', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await mintToken({ role: 'brand_manager', tenant, secret })}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ measures, timeRange: { from: date(from), to: date(to + 1) }, ...more }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return (JSON.parse(text) as { rows: Figures[] }).rows;
}

const sku = (value: string) => ({ filters: [{ dimension: 'sku', op: 'in', values: [value] }] });

beforeAll(async () => {
  instance = await startTestInstance({
    seed: async (databaseUrl) => {
      const first = new AbortController();
      interrupted = await seedDemo({
        databaseUrl,
        password,
        end,
        volume,
        signal: first.signal,
        // When some rows of some brand are written.
        onProgress: ({ done }) => done > 0.3 && first.abort(new Error('interrupted')),
      }).catch((error: unknown) => error);
      const between = await openCommerceDatabase(databaseUrl);
      stateThen = await readDemo(between);
      await between.close();
      await seedDemo({ databaseUrl, password });
    },
  });
  database = await openCommerceDatabase(instance.postgresUrl);
  reader = createAnalyticsReader({ tenant: instance.tenantReader.url, platform: instance.platformReader.url });
}, 300_000);

afterAll(async () => {
  await reader?.close();
  await database?.close();
  await instance?.stop();
});

describe('the demo', () => {
  it('goes on where it was cut off, with the end it had begun with', async () => {
    // Red when a brand and its mark are written in two transactions, or when a second start takes another end.
    expect(interrupted).toMatchObject({ message: 'interrupted' });
    expect(stateThen).toMatchObject({ state: 'partial', mark: { end: end.toISOString(), volume } });
    const state = await readDemo(database);
    expect(state).toMatchObject({ state: 'seeded', mark: { end: end.toISOString(), volume } });
    expect(state.whole.toSorted()).toEqual(demoBrands.map(({ slug }) => slug).toSorted());
    expect(await seedDemo({ databaseUrl: instance.postgresUrl, password })).toBeNull();
    const client = await connectAdmin(instance.postgresUrl);
    const { rows } = await client.query('SELECT count(*) FROM commerce.audit_logs WHERE resource_type = $1', ['demo']);
    await client.end();
    expect(rows).toEqual([{ count: String(demoBrands.length) }]);
  });

  it.each([
    ['every row and fact', { kpis: 'none' }],
    ['every KPI of the brand with a half-hour zone and summer time', { kpis: 'brands', tenant: 'outback-trade' }],
  ] as const)(
    'is in both stores to the last digit: %s',
    async (_, scope) => {
      // Red when inventory is not what its movements add up to, or a fact misses a row of the history.
      const report = await verify({
        postgresUrl: instance.postgresUrl,
        clickhouseUrl: instance.clickhouseUrl,
        stream: inProcessStream(instance.stream),
        ...scope,
      });
      expect(formatReport(report)).toMatch(/^No difference/);
    },
    300_000,
  );

  it('pins the figures of a fixed end', async () => {
    // Red when the same seed and end yield other figures than on any other machine.
    const measures = [
      'gross_sales',
      'orders',
      'units_sold',
      'returns',
      'on_time_rate',
      'payment_success_rate',
      'new_customers',
    ];
    const all = [];
    for (const { slug } of demoBrands)
      all.push([slug, ...Object.values((await figures(slug, measures, -90, 0))[0] ?? {})]);
    expect(all).toEqual([
      ['harbor-roast', '103197.5000', 1938, 4726, '833.0000', '0.970258', '0.951413', 1409],
      ['northlight', '262853.5000', 1520, 3075, '15486.7000', '0.971671', '0.949057', 1239],
      ['maison-verve', '93280.0000', 1357, 3700, '1864.6000', '0.950355', '0.969806', 1047],
      ['tara-threads', '2974740.0000', 1138, 2310, '223870.5000', '0.892292', '0.925558', 926],
      ['mori-paper', '3127590.0000', 629, 2473, '15290.0000', '0.935702', '0.925037', 487],
      ['outback-trade', '298439.5000', 280, 17752, '3532.1000', '0.961089', '0.981982', 123],
    ]);
  });

  it('sells no tent of Northlight while it is out of stock', async () => {
    const units = async (from: number, to: number) =>
      Number((await figures('northlight', ['units_sold'], from, to, sku('NL-TENT-2P')))[0]?.units_sold);
    expect(await units(-33, -27)).toBe(0);
    expect(await units(-26, -20)).toBeGreaterThan(5);
    expect(await units(-40, -34)).toBeGreaterThan(5);
  });

  it('shows the promotion of Maison Verve', async () => {
    const serums = { filters: [{ dimension: 'category', op: 'in', values: ['Serums'] }] };
    const week = async (from: number) =>
      (await figures('maison-verve', ['discount_rate', 'units_sold'], from, from + 6, serums))[0];
    const [before, during] = [await week(-31), await week(-24)];
    expect(Number(during?.discount_rate)).toBeGreaterThan(0.24);
    expect(Number(before?.discount_rate)).toBeLessThan(0.05);
    expect(Number(during?.units_sold)).toBeGreaterThan(1.8 * Number(before?.units_sold));
  });

  it("shows the wave of Harbor Roast's cold-brew kit in its channel", async () => {
    const social = { filters: [...sku('HR-COLD-KIT').filters, { dimension: 'channel', op: 'in', values: ['social'] }] };
    const units = async (from: number) =>
      Number((await figures('harbor-roast', ['units_sold'], from, from + 6, social))[0]?.units_sold ?? 0);
    expect(await units(-12)).toBeGreaterThan(10 * (await units(-20)) + 20);
  });

  it('shows the slow carrier of Tara Threads where it delivers', async () => {
    const rate = async (from: number, to: number, warehouse: string) => {
      const filters = [{ dimension: 'warehouse', op: 'in', values: [warehouse] }];
      return Number((await figures('tara-threads', ['on_time_rate'], from, to, { filters }))[0]?.on_time_rate);
    };
    expect(await rate(-24, -10, 'blr')).toBeLessThan(0.85);
    expect(await rate(-60, -35, 'blr')).toBeGreaterThan(0.93);
    expect(await rate(-24, -10, 'main')).toBeGreaterThan(0.88);
  });

  it("shows the day on which Mori Paper's card payments failed", async () => {
    const rate = async (from: number, to: number) =>
      Number((await figures('mori-paper', ['payment_success_rate'], from, to))[0]?.payment_success_rate);
    expect(await rate(-6, -6)).toBeLessThan(0.75);
    expect(await rate(-30, -8)).toBeGreaterThan(0.9);
  });

  it("shows what came back of Outback Trade's faulty discs", async () => {
    const rate = async (from: number, to: number) =>
      Number(
        (await figures('outback-trade', ['return_rate_units_cohort'], from, to, sku('OT-DISC-230')))[0]
          ?.return_rate_units_cohort,
      );
    expect(await rate(-55, -42)).toBeGreaterThan(0.25);
    expect(await rate(-90, -56)).toBeLessThan(0.15);
  });

  it('stays out of a store that has brands of its own', async () => {
    // Red when only the demo's own slugs are looked for.
    const client = await connectAdmin(instance.postgresUrl);
    await client.query('CREATE DATABASE own');
    await client.end();
    const url = new URL(instance.postgresUrl);
    url.pathname = '/own';
    const { migratePostgres } = await import('../../sql/migrate-postgres.ts');
    await migratePostgres(url.href);
    const own = await openCommerceDatabase(url.href);
    await createTenant(own, { slug: 'acme', name: 'Acme', currency: 'GBP', timezone: 'Europe/London' });
    expect(await seedDemo({ databaseUrl: url.href, password, volume: 0.01 })).toBeNull();
    expect(await readDemo(own)).toMatchObject({ state: 'foreign' });
    await own.close();
  });
});
