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
  // The rows that changed last are always sampled, and with them the facts they belong to: so one of each is changed last.
  const [changed] = (await postgres.query('SELECT id FROM commerce.returns ORDER BY id LIMIT 1')).rows;
  await postgres.query('UPDATE commerce.returns SET return_number = return_number WHERE id = $1', [changed?.id]);
  await instance.stream.drained();
  const rows = [
    { table: 'raw.warehouses', kept: 'default.kept_warehouse', change: `'tampered' AS name`, which: 'true' },
    {
      table: 'facts.returns',
      kept: 'default.kept_return',
      change: `'tampered' AS return_number`,
      which: `return_id = toUUID('${changed?.id}')`,
    },
  ];
  for (const { table, kept, change, which } of rows) {
    // The row as it was is kept: a merge may leave nothing of it once a later version stands.
    const row = `SELECT * FROM ${table} FINAL WHERE ${which} LIMIT 1`;
    await clickhouse.command({ query: `CREATE TABLE ${kept} ENGINE = Memory AS ${row}` });
    const tampered = `SELECT * REPLACE (${change}, toUInt64(${version}) AS _version) FROM ${kept}`;
    await clickhouse.command({ query: `INSERT INTO ${table} ${tampered}` });
  }
  expect(await sampledUntil(2)).toEqual(['facts.returns', 'warehouses']);
  for (const { table, kept } of rows) {
    const restored = `SELECT * REPLACE (toUInt64(${version + 1n}) AS _version) FROM ${kept}`;
    await clickhouse.command({ query: `INSERT INTO ${table} ${restored}` });
  }
  expect(await sampledUntil(0)).toEqual([]);
  const states = await queryRows<{ status: string }>(
    clickhouse,
    'SELECT DISTINCT status FROM ops.verification FINAL ORDER BY status',
  );
  expect(states.map(({ status }) => status)).toEqual(['checked', 'resolved']);
}, 240_000);

/** Tables with open drift, once there are as many as expected. On a busy machine a round may leave a key undecided. */
async function sampledUntil(expected: number): Promise<string[]> {
  for (let round = 1; ; round++) {
    await sampleOnce(options());
    const found = (await openDrift(clickhouse)).map(({ table }) => table);
    if (found.length === expected || round === 10) return found;
  }
}
