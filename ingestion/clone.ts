import { type ClickHouseClient, queryRows, quoteIdentifier } from './clickhouse.ts';

/** Databases that a clone copies by hard links, and the one its views go to. */
const CLONED = ['raw', 'facts'] as const;
const CLONE_DATABASES = [...CLONED, 'marts'] as const;

/** Throws RangeError for a suffix that could not be part of a database name. */
export function checkSuffix(suffix: string): void {
  if (!/^[a-z0-9_]{1,40}$/.test(suffix)) throw new RangeError('suffix must be 1 to 40 of a-z, 0-9 and _');
}

/**
 * Copies every table of raw and facts as it stands to `raw_<suffix>` and `facts_<suffix>`: hard links, milliseconds per table
 * whatever its size. The stream must stand still. `createMarts` makes the views over them.
 */
export async function cloneDatabases(
  client: ClickHouseClient,
  suffix: string,
  createMarts: (suffix: string) => Promise<void>,
): Promise<void> {
  checkSuffix(suffix);
  for (const database of CLONE_DATABASES) await client.command({ query: `CREATE DATABASE ${database}_${suffix}` });
  const tables = await queryRows<{ database: string; name: string }>(
    client,
    `SELECT database, name FROM system.tables WHERE database IN {databases:Array(String)} AND engine LIKE '%MergeTree'`,
    { databases: CLONED },
  );
  for (const { database, name } of tables) {
    const table = quoteIdentifier(name);
    await client.command({ query: `CREATE TABLE ${database}_${suffix}.${table} CLONE AS ${database}.${table}` });
  }
  await createMarts(suffix);
}

/** Drops clones that nobody dropped: those last touched more than `olderThanSeconds` ago. Returns the databases dropped. */
export async function dropOldClones(client: ClickHouseClient, olderThanSeconds = 3_600): Promise<string[]> {
  const old = await queryRows<{ name: string }>(
    client,
    `SELECT name FROM system.databases WHERE match(name, '^(raw|facts|marts)_[a-z0-9_]+$') AND name NOT IN
       (SELECT database FROM system.tables WHERE metadata_modification_time > now() - {age:UInt32})`,
    { age: olderThanSeconds },
  );
  for (const { name } of old) await client.command({ query: `DROP DATABASE IF EXISTS ${name} SYNC` });
  return old.map(({ name }) => name);
}
