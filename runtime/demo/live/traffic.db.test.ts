import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAnalyticsReader } from '../../../api/analytics/tenant-clickhouse.ts';
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
import { visitOfOrder, visitsOf } from './visits.ts';

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
  // Red when a create goes without its Idempotency-Key, when an order is not taken up again, or stock is not kept.
  const delivered = () => one(`SELECT count(*) FROM commerce.orders WHERE ${live} AND status = 'delivered'`);
  await trade(async () => (await delivered()) > 5);
  const open = (
    await client.query(`SELECT id FROM commerce.orders WHERE ${live} AND status IN ('confirmed', 'picked', 'packed')`)
  ).rows;
  const before = await delivered();
  await trade(async () => {
    const left = open.map(({ id }) => `'${String(id)}'`).join(', ') || 'NULL';
    const still = await one(
      `SELECT count(*) FROM commerce.orders WHERE id IN (${left}) AND status IN ('confirmed', 'picked', 'packed')`,
    );
    return still === 0 && (await delivered()) > before;
  });
  const twice = `SELECT count(*) FROM (SELECT FROM commerce.payments p JOIN commerce.orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
    WHERE ${live} AND p.status = 'received' GROUP BY p.order_id HAVING count(*) > 1) more`;
  expect(await one(twice)).toBe(0);
  expect(
    await one(
      `SELECT count(*) FROM commerce.payments p JOIN commerce.orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id WHERE ${live}`,
    ),
  ).toBeGreaterThan(5);
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
