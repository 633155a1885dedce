import type { GroupKeyColumns, TableSchema } from '../cdc/change-source.ts';
import { type ClickHouseClient, quoteIdentifier } from './clickhouse.ts';

/**
 * Writes a tombstone at `version` over every live row that is older. Repeating it changes nothing. `where` narrows further.
 * Used for TRUNCATE, and after a new snapshot for rows that are no longer in Postgres.
 */
export async function buryOlderRows(client: ClickHouseClient, table: string, version: bigint): Promise<void> {
  const name = `raw.${quoteIdentifier(table)}`;
  // Qualified below: a bare _version would mean the replaced one.
  await client.command({
    query: `INSERT INTO ${name}
      SELECT * REPLACE ({version:UInt64} AS _version, 1 AS _deleted, now64(6) AS _commit_time)
      FROM ${name} AS live FINAL WHERE live._version < {version:UInt64}`,
    query_params: { version: String(version) },
    clickhouse_settings: { max_insert_threads: '1' },
  });
}

/**
 * Hands over the group keys (`tenant_id\tkey`) of all rows that were buried at `version`, at most `limit` at a time. It reads the
 * tombstones, not the live rows, so that it finds the same keys when it is repeated after a crash.
 */
export async function eachBuriedKey(
  client: ClickHouseClient,
  table: TableSchema,
  version: bigint,
  groupKeys: GroupKeyColumns,
  limit: number,
  take: (group: string, keys: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
  const target = groupKeys[table.name];
  if (!target) return;
  const result = await client.query({
    query: `SELECT DISTINCT tenant_id, ${quoteIdentifier(target.column)} FROM raw.${quoteIdentifier(table.name)}
      WHERE _version = {version:UInt64} AND _deleted = 1`,
    format: 'TabSeparated',
    query_params: { version: String(version) },
  });
  let keys = new Set<string>();
  for await (const rows of result.stream()) {
    for (const row of rows) {
      keys.add(row.text);
      if (keys.size < limit) continue;
      await take(target.group, keys);
      keys = new Set();
    }
  }
  if (keys.size > 0) await take(target.group, keys);
}
