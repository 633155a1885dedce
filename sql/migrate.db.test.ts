import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { type ClickHouseMigrationClient, migrateClickHouse } from './migrate-clickhouse.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { migrationsDirectory } from './migrations.ts';
import { connectAdmin } from './postgres.ts';

let engines: TestEngines;
let directory: string;
let url: string;
let databases = 0;

beforeAll(async () => {
  engines = await startTestEngines();
});

afterAll(async () => {
  await engines?.stop();
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'uco-migrations-'));
  databases += 1;
  const admin = await connectAdmin(engines.postgresUrl);
  await admin.query(`CREATE DATABASE fresh_${databases}`);
  await admin.end();
  url = Object.assign(new URL(engines.postgresUrl), { pathname: `/fresh_${databases}` }).href;
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = await connectAdmin(url);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function clickhouse(sql: string): Promise<string> {
  const { origin, username, password } = new URL(engines.clickhouseUrl);
  const authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
  const response = await fetch(origin, { method: 'POST', body: sql, headers: { authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

test('the schema is migrated once; a second run finds nothing to do', async () => {
  const names = await migratePostgres(url);
  expect(names[0]).toBe('0001_commerce.sql');
  expect(await migratePostgres(url)).toEqual([]);
});

// Red without the advisory lock: the others then fail on objects that exist already.
test('several migrators at once apply everything exactly once', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => migratePostgres(url)));
  expect(results.filter((names) => names.length > 0)).toHaveLength(1);
});

test('an applied migration that was edited is refused and nothing is changed', async () => {
  await cp(migrationsDirectory('postgres'), directory, { recursive: true });
  await migratePostgres(url, { directory });
  await appendFile(join(directory, '0001_commerce.sql'), '\n-- a second thought');
  await writeFile(join(directory, '9000_next.sql'), 'CREATE TABLE commerce.later (id int)');
  await expect(migratePostgres(url, { directory })).rejects.toThrow(/0001_commerce\.sql was edited/);
  expect(await query("SELECT to_regclass('commerce.later') AS later")).toEqual([{ later: null }]);
});

// Red when migration and record are not in one transaction.
test('a failing migration leaves nothing of itself and names its line; the ones before it stay', async () => {
  await writeFile(join(directory, '0001_good.sql'), 'CREATE TABLE good (id int);');
  await writeFile(join(directory, '0002_bad.sql'), 'CREATE TABLE half (id int);\n\nCREATE TABLE half (broken broken);');
  await expect(migratePostgres(url, { directory })).rejects.toThrow(/0002_bad\.sql:3: type "broken" does not exist/);
  expect(await query("SELECT to_regclass('good')::text AS good, to_regclass('half') AS half")).toEqual([
    { good: 'good', half: null },
  ]);
  expect(await query('SELECT name FROM ops.schema_migrations')).toEqual([{ name: '0001_good.sql' }]);
});

test('ClickHouse: applied once, resumed when interrupted, refused when edited', async () => {
  let broken = true;
  const migration: ClickHouseMigrationClient = {
    command: async (sql) => {
      if (broken && sql.includes('t.second')) throw new Error('connection lost');
      await clickhouse(sql);
    },
    rows: async (sql) => {
      const lines = (await clickhouse(`${sql} FORMAT JSONEachRow`)).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
  const file = join(directory, '0001_tables.sql');
  await writeFile(
    file,
    `CREATE DATABASE IF NOT EXISTS t; CREATE TABLE IF NOT EXISTS t.first (x UInt8) ENGINE = Memory;
     CREATE TABLE IF NOT EXISTS t.second (x UInt8) ENGINE = Memory;`,
  );
  await expect(migrateClickHouse(migration, { directory })).rejects.toThrow(
    '0001_tables.sql, statement 3: connection lost',
  );
  broken = false;
  expect(await migrateClickHouse(migration, { directory })).toEqual(['0001_tables.sql']);
  expect(await migrateClickHouse(migration, { directory })).toEqual([]);
  expect(await migration.rows('SHOW TABLES FROM t')).toEqual([{ name: 'first' }, { name: 'second' }]);
  await writeFile(join(directory, '0002_unsafe.sql'), 'CREATE TABLE t.third (x UInt8) ENGINE = Memory');
  await expect(migrateClickHouse(migration, { directory })).rejects.toThrow('CREATE needs IF NOT EXISTS');
  await appendFile(file, '-- a second thought');
  await expect(migrateClickHouse(migration, { directory })).rejects.toThrow(/0001_tables\.sql was edited/);
});
