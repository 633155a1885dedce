import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CdcBench } from '../testing.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { createSnapshotPoint } from './snapshot-point.ts';

let bench: CdcBench;
beforeAll(async () => {
  bench = await CdcBench.start();
});
afterAll(() => bench.stop());

const accounts = `CREATE TABLE accounts (tenant_id int, id int, amount numeric(19,4), PRIMARY KEY (tenant_id, id));
  ALTER TABLE accounts REPLICA IDENTITY FULL;`;

const open = (generation = 1): Promise<Snapshot> =>
  openSnapshot({ url: bench.url, publication: bench.publication, slot: bench.slot, generation, timeoutMs: 20_000 });

async function load(snapshot: Snapshot): Promise<number> {
  let rows = 0;
  for (const table of snapshot.tables) {
    for await (const part of snapshot.read(table)) {
      await bench.write([part.rows]);
      rows += part.rows.rows;
    }
  }
  await snapshot.close();
  return rows;
}

const inPostgres = async () =>
  (await bench.sql('SELECT id::text, amount::text FROM shop.accounts ORDER BY accounts.id')).map((row) => [
    row.id,
    row.amount,
  ]);
const inClickHouse = () => bench.clickhouse('SELECT toString(id), amount FROM accounts FINAL ORDER BY id');

/** A connection of its own that writes until it is told to stop. */
async function writer(seed: number): Promise<{ stop(): Promise<void> }> {
  const client = new pg.Client(bench.url);
  await client.connect();
  let running = true;
  const done = (async () => {
    for (let n = 0; running; n++) {
      const id = 1 + ((n * 7919 + seed * 104729) % 3000);
      await client.query('BEGIN');
      await client.query(
        'INSERT INTO shop.accounts VALUES (1, $1, $2) ON CONFLICT (tenant_id, id) DO UPDATE SET amount = accounts.amount + 1',
        [id, n],
      );
      await client.query('DELETE FROM shop.accounts WHERE id = $1', [(id * 31) % 3000]);
      await client.query(n % 5 === 0 ? 'ROLLBACK' : 'COMMIT');
    }
    await client.end();
  })();
  return {
    stop: async () => {
      running = false;
      await done;
    },
  };
}

// Red when: the stream starts elsewhere than the snapshot, or a snapshot row beats a later change.
it('loses and doubles nothing under concurrent writers', async () => {
  await bench.tables(accounts, { slot: false });
  await bench.sql('INSERT INTO accounts SELECT 1, g, g FROM generate_series(1, 2000) g');
  const writers = await Promise.all([writer(1), writer(2), writer(3)]);
  await sleep(200);
  const snapshot = await open();
  await sleep(300);
  expect(await load(snapshot)).toBeGreaterThan(1000);
  await sleep(300);
  await Promise.all(writers.map((one) => one.stop()));
  await bench.drain(await bench.source(), (batch) => bench.write(batch.rows));
  expect(await inClickHouse()).toEqual(await inPostgres());
}, 60_000);

// Red when: snapshot rows carry the consistent point as version: this change was logged before it and commits after it.
it('keeps a change of a transaction that was running while the slot was made', async () => {
  await bench.tables(accounts, { slot: false });
  await bench.sql('INSERT INTO accounts VALUES (1, 1, 1), (1, 2, 2), (1, 3, 3)');
  const [first, second, third] = await Promise.all([transaction(1), transaction(2), transaction(3)]);
  // Postgres waits twice for what runs: first for those at the beginning, then for those that came meanwhile. Whoever begins
  // during the second wait is decoded from its first change on, which stands before the consistent point.
  await first.update();
  const opening = open();
  await sleep(300);
  await second.update();
  await first.commit();
  await sleep(1000);
  await third.update();
  await second.commit();
  const snapshot = await opening;
  expect(third.position < snapshot.consistentPoint).toBe(true);
  await load(snapshot);
  await third.commit();
  await bench.drain(await bench.source(), (batch) => bench.write(batch.rows));
  expect(await inClickHouse()).toEqual([
    ['1', '100.0000'],
    ['2', '100.0000'],
    ['3', '100.0000'],
  ]);
});

/** A transaction that updates one account, step by step. */
async function transaction(id: number) {
  const client = new pg.Client(bench.url);
  await client.connect();
  return {
    position: 0n,
    async update() {
      await client.query('BEGIN');
      await client.query('UPDATE shop.accounts SET amount = 100 WHERE id = $1', [id]);
      this.position = await bench.walEnd();
    },
    async commit() {
      await client.query('COMMIT');
      await client.end();
    },
  };
}

// Red when: a slot that cannot be made hangs, or the blocker is not named.
it('names the transaction that keeps a slot from being made, and leaves nothing behind', async () => {
  await bench.tables(accounts, { slot: false });
  const client = new pg.Client(bench.url);
  await client.connect();
  await client.query('BEGIN; INSERT INTO shop.accounts VALUES (1, 1, 1)');
  const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0];
  await expect(createSnapshotPoint(bench.url, { timeoutMs: 700 })).rejects.toThrow(
    new RegExp(`transaction of pid ${pid}`),
  );
  await client.query('ROLLBACK');
  await client.end();
  await expect.poll(() => bench.sql('SELECT slot_name FROM pg_replication_slots')).toEqual([]);
});

// Red when: the snapshot of a point has another set of commits than those before it.
it('makes points that agree with the stream, quickly', async () => {
  await bench.tables(accounts);
  const source = await bench.source();
  const writers = await Promise.all([writer(4), writer(5)]);
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    const point = await createSnapshotPoint(bench.url);
    expect(performance.now() - started).toBeLessThan(5000);
    const reader = new pg.Client(bench.url);
    await reader.connect();
    await reader.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '${point.snapshotName}'`);
    await point.close();
    for (;;) {
      const batch = await source.next({ before: point.consistentPoint });
      if (!batch) break;
      await bench.write(batch.rows);
    }
    const then = await reader.query('SELECT id::text, amount::text FROM shop.accounts ORDER BY accounts.id');
    await reader.end();
    expect(await inClickHouse()).toEqual(then.rows.map((row) => [row.id, row.amount]));
  }
  await Promise.all(writers.map((one) => one.stop()));
}, 60_000);

// Red when: stopping early leaves the server sending, or a failing COPY looks like the end of the table.
it('reads many chunks, may be stopped early, and fails when the server does', async () => {
  await bench.tables(accounts, { slot: false });
  await bench.sql('INSERT INTO accounts SELECT 1, g, g FROM generate_series(1, 300000) g');
  const snapshot = await open();
  const [table] = snapshot.tables;
  if (!table) throw new Error('no table');
  for await (const part of snapshot.read(table)) {
    expect(part.rows.rows).toBeGreaterThan(1000);
    break;
  }
  const reading = (async () => {
    for await (const _ of snapshot.read(table)) {
      await bench.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'uco snapshot accounts'",
      );
      await sleep(200);
    }
  })();
  await expect(reading).rejects.toThrow(/terminat|closed/);
  await snapshot.close();
});
