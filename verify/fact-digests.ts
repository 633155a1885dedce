import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import { DATABASES } from '../transforms/databases.ts';
import { loadModels, type Model } from '../transforms/model.ts';
import { fillStatement } from '../transforms/refresh.ts';
import { createTable } from '../transforms/schema.ts';
import { quoteClickHouse } from './canonical-text.ts';

export interface FactKey {
  readonly tenant: string;
  readonly key: string;
}

export interface FactDigests {
  /** `tenant,key`. */
  readonly key: string;
  /** Digest of the fact as it stands; '' where there is none. */
  readonly stored: string;
  /** Digest of what raw yields now; '' where nothing. */
  readonly recomputed: string;
}

/** Where the sampled facts are recomputed: beside the real ones, read by nobody else. */
const database = 'sampling';

const keyList = `(SELECT toUUID(pair.1) AS tenant_id, toUUID(pair.2) AS key
  FROM (SELECT arrayJoin({keys:Array(Array(String))}) AS pair))`.replace(/pair\.(\d)/g, 'pair[$1]');

const facts = () => loadModels().filter(({ fill }) => fill !== null);
const shortName = (model: Model) => model.name.replace('facts.', '');

/** Makes the tables that `readFactDigests` fills, in the facts' present shape. */
export async function prepareFactDigests(clickhouse: ClickHouseClient): Promise<void> {
  await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  for (const model of facts()) {
    const table = `${database}.${shortName(model)}`;
    await clickhouse.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
    await clickhouse.command({ query: createTable(model, table, DATABASES) });
  }
}

/** For each entity of that group, both digests. One caller at a time. */
export async function readFactDigests(
  clickhouse: ClickHouseClient,
  group: string,
  keys: readonly FactKey[],
): Promise<FactDigests[]> {
  const model = facts().find((candidate) => candidate.group === group);
  if (!model || keys.length === 0) return [];
  const again = `${database}.${shortName(model)}`;
  await clickhouse.command({ query: `TRUNCATE TABLE ${again}` });
  const parameters = { keys: keys.map(({ tenant, key }) => [tenant, key]), version: '1' };
  await clickhouse.command({
    query: fillStatement(model, { target: again, keys: keyList, databases: DATABASES }),
    query_params: parameters,
    clickhouse_settings: { enable_materialized_cte: 1, join_algorithm: 'hash', max_threads: 1 },
  });
  const columns = await queryRows<{ name: string }>(
    clickhouse,
    `SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position`,
    { database, table: shortName(model) },
  );
  const names = columns.map((column) => column.name).filter((column) => !column.startsWith('_'));
  const [, keyColumn = ''] = names;
  const digests = (table: string, side: number) => `
    SELECT concat(toString(tenant_id), ',', toString(${keyColumn})) AS key,
      toString(cityHash64(toString(tuple(${names.map(quoteClickHouse).join(', ')})))) AS digest, ${side} AS side
    FROM ${table} FINAL
    WHERE (tenant_id, toUInt128(${keyColumn})) IN (SELECT tenant_id, toUInt128(key) FROM ${keyList})`;
  return queryRows<FactDigests>(
    clickhouse,
    `SELECT key, maxIf(digest, side = 0) AS stored, maxIf(digest, side = 1) AS recomputed
     FROM (${digests(model.name, 0)} UNION ALL ${digests(again, 1)}) GROUP BY key`,
    parameters,
  );
}
