import { type ClickHouseClient, createClickHouse, queryRows } from '../../ingestion/clickhouse.ts';
import { clickHouseUrls } from './clickhouse.ts';
import {
  type ClickHousePasswords,
  type Reader,
  readableDatabases,
  readableTables,
  readers,
} from './clickhouse-users.ts';

/**
 * What the restricted users of a ClickHouse that is not ours lack, or have too much of, one line each; empty when somebody has
 * made them as readerSql says. The tables need not exist yet.
 */
export async function readerDefects(url: string, passwords: ClickHousePasswords): Promise<string[]> {
  const urls = clickHouseUrls(url, passwords);
  const logins = await Promise.all([
    login('tenant_reader', urls.tenantReader),
    login('platform_reader', urls.platformReader),
  ]);
  const client = createClickHouse(url);
  try {
    const grants = await Promise.all(readers.map((reader) => grantDefects(client, reader)));
    return [...logins, ...grants, await policyDefects(client)].flat();
  } finally {
    await client.close();
  }
}

async function login(reader: Reader, url: string): Promise<string[]> {
  const client = createClickHouse(url);
  try {
    await queryRows(client, 'SELECT 1');
    return [];
  } catch {
    return [`${reader} can't log in with its password of secrets.json`];
  } finally {
    await client.close();
  }
}

/** Every table with the filter of `tenant_reader`. */
const filters: ReadonlyMap<string, string> = new Map(
  Object.entries(readableTables).flatMap(([database, tables]) =>
    Object.entries(tables).map(([table, filter]) => [`${database}.${table}`, filter] as const),
  ),
);

async function grantDefects(client: ClickHouseClient, reader: Reader): Promise<string[]> {
  const rows = await queryRows<{ name: string }>(
    client,
    `SELECT concat(ifNull(database, '*'), '.', ifNull(table, '*')) AS name FROM system.grants
     WHERE user_name = {reader:String} AND access_type = 'SELECT' AND NOT is_partial_revoke`,
    { reader },
  );
  const granted = rows.map(({ name }) => name);
  const wanted = [...filters.keys(), ...readableDatabases.map((database) => `${database}.*`)];
  return [
    ...wanted.filter((name) => !granted.includes(name)).map((name) => `${reader} may not read ${name}`),
    ...granted.filter((name) => !wanted.includes(name)).map((name) => `${reader} may read ${name}`),
  ];
}

/** Permissive policies add up: another one beside ours would show foreign rows. */
async function policyDefects(client: ClickHouseClient): Promise<string[]> {
  const policies = await queryRows<{ name: string; filter: string }>(
    client,
    `SELECT concat(database, '.', table) AS name, select_filter AS filter FROM system.row_policies
     WHERE database IN {databases:Array(String)} AND NOT is_restrictive AND NOT has(apply_to_except, 'tenant_reader')
       AND (apply_to_all OR has(apply_to_list, 'tenant_reader'))`,
    { databases: [...Object.keys(readableTables), ...readableDatabases] },
  );
  return [
    ...[...filters.keys()]
      .filter((name) => !policies.some((policy) => policy.name === name))
      .map((name) => `tenant_reader has no row policy on ${name}`),
    ...policies
      .filter(({ name, filter }) => filters.get(name) !== filter)
      .map(({ name, filter }) => `tenant_reader has another row policy on ${name}: ${filter}`),
  ];
}
