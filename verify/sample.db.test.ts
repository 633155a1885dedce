import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClickHouseClient, createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { startTestInstance, type TestInstance } from '../runtime/testing.ts';
import { type AdminPool, createAdminPool } from '../sql/postgres.ts';
import { prepareFactDigests } from './fact-digests.ts';
import { sampleOnce, startSampling } from './sample.ts';
import { runTraffic } from './traffic.ts';
import { openDrift } from './verification-log.ts';

let instance: TestInstance;
let clickhouse: ClickHouseClient;
let postgres: AdminPool;

const options = () => ({ postgres, clickhouse, drained: () => instance.stream.drained(), rows: 8 });

beforeAll(async () => {
  instance = await startTestInstance();
  clickhouse = createClickHouse(instance.clickhouseUrl);
  postgres = createAdminPool(instance.postgresUrl);
  await runTraffic({ url: instance.postgresUrl, seed: 11, transactions: 30, brands: 2 });
  await instance.stream.drained();
  await prepareFactDigests(clickhouse);
}, 240_000);

afterAll(async () => {
  await postgres?.end();
  await clickhouse?.close();
  await instance?.stop();
});

// Red without the second look at Postgres: every row that changes meanwhile would be drift.
it('raises no false alarm while rows change', async () => {
  const over = new AbortController();
  const traffic = runTraffic({ url: instance.postgresUrl, seed: 11, brands: 2, rate: 20, signal: over.signal });
  const results: unknown[] = [];
  const registry = new Registry();
  const sampling = startSampling({ ...options(), intervalMs: 10, registry }, (result) => results.push(result.drift));
  while (results.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  over.abort();
  await Promise.all([traffic, sampling.stop()]);
  expect(results.flat()).toEqual([]);
  expect(await registry.metrics()).toMatch(/uco_sample_checked_total [1-9]/);
}, 120_000);

it('names a row and a fact that drifted, keeps them in mind, and forgets them when they agree again', async () => {
  const version = 2305843009213693953n;
  // The newest rows are always sampled, and with them the facts they belong to.
  const newestReturn = '(SELECT id FROM raw.returns FINAL ORDER BY raw.returns._version DESC LIMIT 1)';
  // The row as it was is kept: a merge may leave nothing of it once a later version stands.
  for (const [table, kept, change, which] of [
    ['raw.warehouses', 'default.kept_warehouse', `'tampered' AS name`, 'true'],
    ['facts.returns', 'default.kept_return', `'tampered' AS return_number`, `return_id = ${newestReturn}`],
  ]) {
    const row = `SELECT * FROM ${table} FINAL WHERE ${which} LIMIT 1`;
    await clickhouse.command({ query: `CREATE TABLE ${kept} ENGINE = Memory AS ${row}` });
    const tampered = `SELECT * REPLACE (${change}, toUInt64(${version}) AS _version) FROM ${kept}`;
    await clickhouse.command({ query: `INSERT INTO ${table} ${tampered}` });
  }
  // What was just written may still be settling in the first rounds.
  let found: string[] = [];
  for (let round = 0; found.length < 2 && round < 30; round++) {
    await sampleOnce(options());
    found = (await openDrift(clickhouse)).map(({ table }) => table);
  }
  expect(found).toEqual(['facts.returns', 'warehouses']);
  for (const [table, kept] of [
    ['raw.warehouses', 'default.kept_warehouse'],
    ['facts.returns', 'default.kept_return'],
  ]) {
    const restored = `SELECT * REPLACE (toUInt64(${version + 1n}) AS _version) FROM ${kept}`;
    await clickhouse.command({ query: `INSERT INTO ${table} ${restored}` });
  }
  await sampleOnce(options());
  expect(await openDrift(clickhouse)).toEqual([]);
  const states = await queryRows<{ status: string }>(
    clickhouse,
    'SELECT DISTINCT status FROM ops.verification FINAL ORDER BY status',
  );
  expect(states.map(({ status }) => status)).toEqual(['checked', 'resolved']);
}, 240_000);
