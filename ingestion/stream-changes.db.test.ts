// What can happen to tables under a running stream: truncates, new columns and tables, values ClickHouse refuses, a copy that
// was broken off, a transaction larger than memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestInstance, startTestStream, type TestInstance } from '../runtime/testing.ts';
import { type AdminClient, connectAdmin } from '../sql/postgres.ts';
import { brandsOf, provisionBrands } from '../verify/traffic/brands.ts';
import { runTraffic } from '../verify/traffic.ts';
import { type ClickHouseClient, createClickHouse, queryRows } from './clickhouse.ts';
import { type ControlServer, startControlServer } from './control-server.ts';
import type { Stream } from './stream.ts';
import { readStreamState, writeStreamState } from './stream-state.ts';
import { compareAtOnePosition } from './testing.ts';

const now = Date.parse('2025-11-03T10:00:00Z');
const brands = brandsOf(1, 2, now);
const tenant = brands[0]?.id as string;

let instance: TestInstance;
let running: { stream: Stream; stop(): Promise<void> };
let postgres: AdminClient;
let clickhouse: ClickHouseClient;
let control: ControlServer;

beforeAll(async () => {
  instance = await startTestInstance();
  running = { stream: instance.stream, stop: () => instance.stream.stop() };
  postgres = await connectAdmin(instance.postgresUrl);
  clickhouse = createClickHouse(instance.clickhouseUrl);
  await provisionBrands(postgres, 1, brands, now);
  await runTraffic({ url: instance.postgresUrl, seed: 1, brands: 2, transactions: 20, writers: 1 });
  control = await startControlServer(instance.stream, 'secret');
});

afterAll(async () => {
  await control?.close();
  await postgres?.end();
  await running?.stop();
  await clickhouse?.close();
  await instance?.stop();
});

async function call(method: string, path: string, body?: object, token = 'secret'): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${control.url}${path}`, { method, headers, body: body && JSON.stringify(body) });
}

async function differences(): Promise<readonly string[]> {
  return (await compareAtOnePosition(instance, running.stream)).differences;
}

async function placeOrder(number: string): Promise<string> {
  const { rows } = await postgres.query<{ id: string }>(
    `INSERT INTO commerce.orders (tenant_id, order_number, currency) VALUES ($1, $2, 'GBP') RETURNING id`,
    [tenant, number],
  );
  return rows[0]?.id as string;
}

test('a value that ClickHouse refuses makes only its key wait; replay settles it', async () => {
  await running.stream.drained();
  await clickhouse.command({ query: `ALTER TABLE raw.orders ADD CONSTRAINT no_bad CHECK order_number != 'bad'` });
  const [good, bad] = [await placeOrder('good'), await placeOrder('bad')];
  await running.stream.drained();
  const stored = await queryRows<{ id: string }>(clickhouse, 'SELECT order_id AS id FROM facts.orders FINAL');
  expect(stored.map((row) => row.id)).toContain(good);
  expect(stored.map((row) => row.id)).not.toContain(bad);
  expect(await (await call('GET', '/status')).json()).toMatchObject({ deadLetters: 1, staleKeys: 1 });

  expect(await (await call('POST', '/dead-letters/replay', {})).json()).toMatchObject({
    replayed: 0,
    refused: [{ table: 'orders', key: `${tenant},${bad}` }],
  });
  await clickhouse.command({ query: 'ALTER TABLE raw.orders DROP CONSTRAINT no_bad' });
  expect(await (await call('POST', '/dead-letters/replay', {})).json()).toMatchObject({ replayed: 1, refused: [] });
  // Mutation: replay without recomputing the fact → the order is in raw and missing in facts.
  expect(await differences()).toEqual([]);
  expect(running.stream.status()).toMatchObject({ deadLetters: 0, staleKeys: 0 });
});

test('TRUNCATE empties raw and recomputes every fact it fed; a second one after new rows as well', async () => {
  await postgres.query('TRUNCATE commerce.order_items CASCADE');
  expect(await differences()).toEqual([]);
  await runTraffic({ url: instance.postgresUrl, seed: 2, brands: 2, transactions: 10, writers: 1 });
  await postgres.query(`BEGIN`);
  await placeOrder('within');
  await postgres.query('TRUNCATE commerce.shipments, commerce.return_items CASCADE');
  await placeOrder('after');
  await postgres.query('COMMIT');
  expect(await differences()).toEqual([]);
});

test('an added column arrives, with the default that older rows have', async () => {
  await postgres.query(`ALTER TABLE commerce.warehouses ADD COLUMN region text DEFAULT 'north', ADD COLUMN size int`);
  await postgres.query(
    `INSERT INTO commerce.warehouses (tenant_id, code, name, region, size) VALUES ($1, 'w', 'W', 'south', 3)`,
    [tenant],
  );
  expect(await differences()).toEqual([]);
});

test('a table published later is copied and followed', async () => {
  await postgres.query(`
    CREATE TABLE commerce.suppliers (tenant_id uuid NOT NULL, id int NOT NULL, name text, PRIMARY KEY (tenant_id, id));
    ALTER TABLE commerce.suppliers REPLICA IDENTITY FULL;
    INSERT INTO commerce.suppliers SELECT '${tenant}', i, 'before ' || i FROM generate_series(1, 500) i;
    ALTER PUBLICATION uco ADD TABLE commerce.suppliers;
    UPDATE commerce.suppliers SET name = 'since' WHERE id = 7;
    DELETE FROM commerce.suppliers WHERE id = 8`);
  await expect
    .poll(async () => (await readStreamState(clickhouse))?.tables, { timeout: 30_000, interval: 200 })
    .toContain('suppliers');
  await postgres.query(`INSERT INTO commerce.suppliers VALUES ('${tenant}', 501, 'later')`);
  expect(await differences()).toEqual([]);
});

test('a request without the token, or with nonsense, is refused', async () => {
  expect((await call('GET', '/status', undefined, 'guess')).status).toBe(401);
  expect((await call('POST', '/clone', { at: 'x', suffix: 'a' })).status).toBe(400);
  expect((await call('POST', '/clone', { at: '0/1', suffix: 'a; DROP' })).status).toBe(400);
  // Not held.
  expect((await call('POST', '/clone', { at: '0/1', suffix: 'a' })).status).toBe(409);
});

test('a rebuild is told line by line and leaves facts right', async () => {
  const text = await (await call('POST', '/rebuild', {})).text();
  const lines = text.trim().split('\n');
  expect(lines.length).toBeGreaterThan(2);
  expect(JSON.parse(lines.at(-1) as string)).toEqual({ done: true });
  expect(await differences()).toEqual([]);
  expect(await (await call('POST', '/rebuild', { model: 'nothing' })).text()).toMatch(/"error":.*nothing/);
});

test('a hold that nobody uses lets the stream go on', async () => {
  await running.stream.hold();
  await placeOrder('held');
  const drained = running.stream.drained();
  expect(running.stream.status().held).toBe(true);
  running.stream.release();
  await drained;
});

test('after a copy that was broken off everything is copied again, and what is gone is buried', async () => {
  await running.stop();
  const state = await readStreamState(clickhouse);
  if (!state) throw new Error('no state');
  await writeStreamState(clickhouse, { ...state, generation: 2, phase: 'snapshot' });
  await postgres.query('DELETE FROM commerce.payments; DELETE FROM commerce.order_items WHERE line_no = 1');
  const { stream, stop } = startTestStream(instance);
  running = { stream, stop };
  await stream.ready;
  // Mutation: keep the generation, or don't bury older rows → the deleted payments are still there.
  expect(await differences()).toEqual([]);
  expect(stream.status()).toMatchObject({ generation: 3 });
});

test('engines that are killed cost nothing but time', async () => {
  // Mutation: acknowledge what was received, or keep keys of a broken session → facts or rows are missing.
  const abort = new AbortController();
  const traffic = runTraffic({
    url: instance.postgresUrl,
    seed: 3,
    brands: 2,
    writers: 2,
    rate: 50,
    signal: abort.signal,
  });
  for (const engine of ['clickhouse', 'postgres', 'clickhouse'] as const) {
    await sleep(1_500);
    process.kill(instance.pids[engine], 'SIGKILL');
    await instance.restart(engine);
  }
  await sleep(1_000);
  abort.abort();
  await traffic;
  await postgres.end();
  postgres = await connectAdmin(instance.postgresUrl);
  await running.stream.drained();
  expect(await differences()).toEqual([]);
  expect(running.stream.status().restarts).toBeGreaterThan(0);
});

test('a transaction of 300,000 rows is applied whole, in bounded memory', async () => {
  await running.stream.drained();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  await postgres.query(`
    BEGIN;
    SELECT set_config('app.import_batch', uuidv7()::text, true);
    INSERT INTO commerce.orders (tenant_id, id, order_number, currency)
      SELECT '${tenant}', uuidv7(), 'bulk ' || i, 'GBP' FROM generate_series(1, 100000) i;
    INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
      SELECT o.tenant_id, o.id, line, v.id, v.sku, 1, 9.99 FROM commerce.orders o, generate_series(1, 2) line,
        (SELECT id, sku FROM commerce.product_variants WHERE tenant_id = '${tenant}' LIMIT 1) v
      WHERE o.tenant_id = '${tenant}' AND o.order_number LIKE 'bulk %';
    COMMIT`);
  await running.stream.drained();
  clearInterval(sampler);
  const [counted] = await queryRows<{ units: string }>(
    clickhouse,
    `SELECT sum(units_sold) AS units FROM facts.orders FINAL WHERE order_number LIKE 'bulk %'`,
  );
  expect(counted?.units).toBe('200000');
  const grown = (peak - before) / 2 ** 20;
  console.log(`memory grew by ${grown.toFixed(0)} MB, to ${(peak / 2 ** 20).toFixed(0)} MB`);
  // Mutation: collect a transaction's keys or rows until its commit → several hundred MB.
  expect(grown).toBeLessThan(250);
}, 300_000);
