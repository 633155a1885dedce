import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouse, queryRows } from '../../ingestion/clickhouse.ts';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { Problem } from '../problem.ts';
import { type AnalyticsReader, createAnalyticsReader } from './tenant-clickhouse.ts';

let engines: TestEngines;
let reader: AnalyticsReader;
beforeAll(async () => {
  engines = await startTestEngines();
  const urls = { tenant: engines.tenantReader.url, platform: engines.platformReader.url };
  reader = createAnalyticsReader(urls, {
    seconds: 1,
    rowsToRead: 1_000_000,
    memoryBytes: 50_000_000,
    resultRows: 10_000,
  });
});
afterAll(async () => {
  await reader?.close();
  await engines?.stop();
});

const problem = async (sql: string) => {
  const error = await reader
    .forPlatform()
    .query({ sql, parameters: {} })
    .catch((thrown: unknown) => thrown);
  expect(error, sql).toBeInstanceOf(Problem);
  return error as Problem;
};

describe('the tenant-scoped reader', () => {
  // Mutation: a limit left out of the settings.
  it('stops a statement that reads, takes, returns or lasts too much', async () => {
    for (const sql of [
      'SELECT sum(number) AS s FROM numbers(10000000)',
      'SELECT number FROM numbers(20000)',
      'SELECT length(groupArray(repeat(toString(number), 100))) AS n FROM numbers(900000)',
      'SELECT sleepEachRow(0.4) AS s FROM numbers(9) SETTINGS max_block_size = 1',
    ]) {
      expect((await problem(sql)).type, sql).toBe('query-too-large');
    }
  });

  // Mutation: NOT_BUILT left out. Marts are made once the first copy of Postgres is there.
  it('says that it is not ready while there are no marts', async () => {
    expect((await problem('SELECT count() FROM marts.orders')).status).toBe(503);
  });

  // Mutation: the signal not handed to the client, or the server not told to cancel.
  it('ends a statement when its client goes away', async () => {
    const patient = createAnalyticsReader({ tenant: engines.tenantReader.url, platform: engines.platformReader.url });
    const admin = createClickHouse(engines.clickhouseUrl);
    const running = async () =>
      (await queryRows(admin, "SELECT 1 FROM system.processes WHERE user = 'platform_reader'")).length;
    const gone = new AbortController();
    const sql = 'SELECT sleepEachRow(0.1) AS s FROM numbers(100) SETTINGS max_block_size = 1';
    const answer = patient.forPlatform().query({ sql, parameters: {} }, gone.signal);
    const failed = expect(answer).rejects.toThrow();
    while ((await running()) === 0) await sleep(20);
    gone.abort();
    await failed;
    const deadline = Date.now() + 5_000;
    while ((await running()) > 0 && Date.now() < deadline) await sleep(50);
    expect(await running()).toBe(0);
    await patient.close();
    await admin.close();
  });

  it('says that the store is away, and answers when it is back', async () => {
    process.kill(engines.pids.clickhouse, 'SIGKILL');
    await sleep(200);
    expect((await problem('SELECT 1 AS x')).type).toBe('unavailable');
    await engines.restart('clickhouse');
    expect(await reader.forPlatform().query({ sql: 'SELECT 1 AS x', parameters: {} })).toEqual([{ x: 1 }]);
  });
});
