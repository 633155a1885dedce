import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAdmin } from '../../sql/postgres.ts';
import { freePorts } from '../ports.ts';
import { startPostgres } from './postgres.ts';
import { slotKeepMegabytes } from './postgres-settings.ts';

let dir: string;
let port: number;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'uco-pg-'));
  chmodSync(dir, 0o711);
  [port] = (await freePorts(1)) as [number];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const start = () => startPostgres({ dir: join(dir, 'postgres'), port, password: 'a password/with:signs', sync: false });

test('streams logically, sorts by code point, keeps time in UTC and lets nobody in without the password', async () => {
  const postgres = await start();
  try {
    const client = await connectAdmin(postgres.url);
    const { rows } = await client.query(
      `SELECT current_setting('wal_level') AS level, current_setting('timezone') AS zone, 'a' < 'B' AS alphabetical,
         lower('Ä') AS low, current_setting('server_encoding') AS encoding`,
    );
    expect(rows).toEqual([{ level: 'logical', zone: 'UTC', alphabetical: false, low: 'ä', encoding: 'UTF8' }]);
    await client.end();
    await expect(connectAdmin(`postgres://uco:wrong@127.0.0.1:${port}/uco`)).rejects.toThrow(/password/);
  } finally {
    await postgres.stop();
  }
});

test('leaves the store of another release alone', async () => {
  await (await start()).stop();
  writeFileSync(join(dir, 'postgres/PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/written by Postgres 17/);
  expect(existsSync(join(dir, 'postgres/base'))).toBe(true);
});

test('leaves a folder alone that holds something else', async () => {
  await (await start()).stop();
  rmSync(join(dir, 'postgres/PG_VERSION'));
  await expect(start()).rejects.toThrow(/Nothing was changed/);
  expect(existsSync(join(dir, 'postgres/base'))).toBe(true);
});

test('a postmaster that was killed and never reaped is no obstacle', async () => {
  // Red when the pid file is left to Postgres: this pid answers to signals of its user, as a zombie's does.
  await (await start()).stop();
  const postgres = await start();
  const pidFile = join(dir, 'postgres/postmaster.pid');
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  await postgres.stop();
  const other = await startPostgres({ dir: join(dir, 'other'), port: port + 1, password: 'x', sync: false });
  try {
    writeFileSync(pidFile, [String(other.pid), ...lines.slice(1)].join('\n'));
    await (await start()).stop();
  } finally {
    await other.stop();
  }
});

test('an initialisation that was broken off is begun again', async () => {
  await (await start()).stop();
  rmSync(join(dir, 'postgres'), { recursive: true });
  writeFileSync(join(dir, 'postgres.new'), 'half a cluster');
  await (await start()).stop();
});

test('the log that waits for a reader is bounded by the disk', () => {
  expect(slotKeepMegabytes(1e9)).toBe(2_048);
  expect(slotKeepMegabytes(100 * 1024 ** 3)).toBe(25_600);
  expect(slotKeepMegabytes(1e15)).toBe(65_536);
});
