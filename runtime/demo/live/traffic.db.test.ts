import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAnalyticsReader } from '../../../api/analytics/tenant-clickhouse.ts';
import { mintToken } from '../../../api/auth/token.ts';
import { createClient } from '../../../api/client.ts';
import { openCommerceDatabase } from '../../../api/commerce/database.ts';
import { type RunningApi, startApi } from '../../../api/listen.ts';
import { migratePostgres } from '../../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../../sql/postgres.ts';
import { createLog } from '../../log.ts';
import { freePorts } from '../../ports.ts';
import { startTestEngines, type TestEngines } from '../../testing.ts';
import { demoBrands } from '../brands.ts';
import { seedDemo } from '../seed.ts';
import { patientFetch } from './patient-fetch.ts';
import { runTraffic } from './traffic.ts';
import { minuteOf, type Visit, visitOfOrder, visitsOf } from './visits.ts';

const secret = 'a test key that is longer than 32 bytes';
const [plan] = demoBrands as [(typeof demoBrands)[number]];

let engines: TestEngines;
let api: RunningApi;
let url: string;
let client: AdminClient;
const closing: (() => Promise<unknown>)[] = [];
const told: string[] = [];

const one = async (sql: string) => Number(Object.values((await client.query(sql)).rows[0] ?? {})[0]);

/** Trades until the condition holds. */
async function trade(until: () => Promise<boolean>): Promise<void> {
  const over = new AbortController();
  const log = pino({ level: 'warn' }, { write: (line: string) => void told.push(line) });
  const traffic = runTraffic({ url, secret, rate: 300, liveDay: 1_000, log, signal: over.signal });
  try {
    for (const end = Date.now() + 240_000; !(await until()); await sleep(300)) {
      if (Date.now() > end) throw new Error(`not in four minutes: ${told.slice(-5).join('')}`);
    }
  } finally {
    over.abort();
    await traffic.catch(() => {});
  }
}

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  await seedDemo({ databaseUrl: engines.postgresUrl, password: 'a password for the tests', volume: 0.05 });
  client = await connectAdmin(engines.postgresUrl);
  const database = await openCommerceDatabase(engines.postgresUrl);
  const reader = createAnalyticsReader({ tenant: engines.tenantReader.url, platform: engines.platformReader.url });
  const [port] = (await freePorts(1)) as [number];
  url = `http://127.0.0.1:${port}`;
  api = await startApi({
    host: '127.0.0.1',
    port,
    secret,
    log: createLog('api', 'silent'),
    reader: () => reader,
    commerce: () => database,
    readiness: () => ({ reasons: [] }),
  });
  closing.push(
    () => api.close(1_000),
    () => client.end(),
    () => database.close(),
    () => reader.close(),
    () => engines.stop(),
  );
}, 240_000);

afterAll(async () => {
  for (const close of closing) await close();
});

const live = "order_number LIKE '%-L%'";

it('leads orders through their lives, and goes on after a restart without doing anything twice', async () => {
  // Red when an open order is not taken up again, a payment is attempted anew, or stock is not what its movements add up to.
  const delivered = () => one(`SELECT count(*) FROM commerce.orders WHERE ${live} AND status = 'delivered'`);
  await trade(async () => (await delivered()) > 5);
  // As a run that ended minutes ago has left it: the visits of this minute do not bring it back.
  const [left] = visitsOf({ plan, perMinute: 500, liveDay: 1_000 }, minuteOf(Date.now()) - 5) as [Visit];
  const tenant = String(
    (await client.query('SELECT id FROM commerce.tenants WHERE slug = $1', [plan.slug])).rows[0]?.id,
  );
  const staff = createClient(url, { token: await mintToken({ role: 'operator', tenant, secret }) });
  const lines = left.lines.map(({ sku }) => ({ sku, quantity: 1 }));
  for (const { sku } of lines) {
    const receipt = { sku, warehouse: 'main', delta: 10, reason: 'receipt' } as const;
    expect((await staff.inventory.adjustments.$post({ header: {}, json: receipt })).status).toBe(201);
  }
  const json = { orderNumber: left.orderNumber, currency: plan.currency, lines };
  expect((await staff.orders.$post({ header: {}, json })).status).toBe(201);
  const before = await delivered();
  const ended = `SELECT count(*) FROM commerce.orders WHERE order_number = '${left.orderNumber}' AND status IN ('delivered', 'cancelled')`;
  await trade(async () => (await one(ended)) === 1 && (await delivered()) > before);
  const { rows: paid } = await client.query<{ number: string; attempts: number }>(
    `SELECT o.order_number AS number, count(*)::integer AS attempts FROM commerce.payments p
     JOIN commerce.orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id WHERE ${live} GROUP BY o.order_number`,
  );
  expect(paid.length).toBeGreaterThan(5);
  for (const { number, attempts } of paid) {
    const visit = demoBrands
      .map((brand) => visitOfOrder({ plan: brand, perMinute: 1, liveDay: 1_000 }, number))
      .find(Boolean);
    expect(attempts, number).toBeLessThanOrEqual(visit?.life.filter((action) => action.do === 'pay').length ?? 0);
  }
  const wrong = `SELECT count(*) FROM commerce.inventory i WHERE on_hand <> (SELECT coalesce(sum(quantity), 0) FROM commerce.inventory_movements m
    WHERE m.tenant_id = i.tenant_id AND m.variant_id = i.variant_id AND m.warehouse_id = i.warehouse_id AND m.state = 'on_hand')`;
  expect(await one(wrong)).toBe(0);
  expect(told.filter((line) => line.includes('left undone'))).toEqual([]);
}, 520_000);

it('knows the visit of an order again, whatever the pace', () => {
  const market = { plan, perMinute: 50, liveDay: 1_000 };
  const [visit] = visitsOf(market, 29_000_000);
  expect(visitOfOrder({ ...market, perMinute: 1 }, visit?.orderNumber ?? '')).toEqual(visit);
  expect(visitOfOrder(market, `${plan.prefix}-100001`)).toBeNull();
});

it('steps back when the API is busy or away, and tries again', async () => {
  // Red when a 429 or 503 is taken for an answer.
  const statuses = [503, 429, 200];
  const server = createServer((_, response) => {
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const begun = Date.now();
  const response = await patientFetch(new AbortController().signal)(`http://127.0.0.1:${port}/`);
  server.close();
  expect(response.status).toBe(200);
  expect(statuses).toEqual([]);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1_400);
});
