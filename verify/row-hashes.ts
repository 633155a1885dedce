/**
 * What is compared of a table: counts and order-independent hashes per brand, then per key bucket, then per key. The same
 * questions are put to both engines; `RowSource` is one engine's way to answer.
 */
import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import type { AdminClient } from '../sql/postgres.ts';
import {
  clickHouseHalf,
  clickHouseRowText,
  postgresHalf,
  postgresRowText,
  quoteClickHouse,
  quotePostgres,
} from './canonical-text.ts';
import type { PublishedColumn, PublishedTable } from './published-tables.ts';

/** Keys fall into this many buckets by their hash. */
export const bucketCount = 256;

export interface HashSum {
  /** Brand id, '' for tables without; or the bucket's number. */
  readonly group: string;
  readonly rows: number;
  /** Sums modulo 2^64 of the two halves of each row's MD5. */
  readonly sums: readonly [bigint, bigint];
}

export interface KeyedRow {
  /** Canonical text of the primary key. */
  readonly key: string;
  /** MD5 of the row in hex, or the row's canonical text, as asked. */
  readonly value: string;
}

export interface RowSource {
  perTenant(table: PublishedTable, tenant: string | null): Promise<HashSum[]>;
  perBucket(table: PublishedTable, tenant: string): Promise<HashSum[]>;
  digests(table: PublishedTable, tenant: string, buckets: readonly number[]): Promise<KeyedRow[]>;
  texts(table: PublishedTable, tenant: string, keys: readonly string[]): Promise<KeyedRow[]>;
}

interface SumRow {
  group: string;
  rows: string;
  first: string | null;
  second: string | null;
}

const toHashSum = (row: SumRow): HashSum => ({
  group: row.group,
  rows: Number(row.rows),
  sums: [BigInt.asUintN(64, BigInt(row.first ?? 0)), BigInt.asUintN(64, BigInt(row.second ?? 0))],
});

export function keyColumns(table: PublishedTable): PublishedColumn[] {
  return table.key.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new Error(`${table.name}: key column ${name} is not published`);
    return column;
  });
}

/** Postgres, in whatever snapshot the client's transaction has. */
export function postgresRows(client: AdminClient, schema = 'commerce'): RowSource {
  const from = (table: PublishedTable) => `${quotePostgres(schema)}.${quotePostgres(table.name)}`;
  const tenantText = (table: PublishedTable) =>
    table.tenantColumn ? `${quotePostgres(table.tenantColumn)}::text` : `''`;
  const bucket = (table: PublishedTable) =>
    `('x' || substr(md5(${postgresRowText(keyColumns(table))}), 1, 2))::bit(8)::int`;
  const ofTenant = (table: PublishedTable) =>
    table.tenantColumn
      ? `($1::text = '' OR ${quotePostgres(table.tenantColumn)} = nullif($1::text, '')::uuid)`
      : `$1::text IS NOT NULL`;
  const sums = async (group: string, table: PublishedTable, tenant: string) => {
    const { rows } = await client.query<SumRow>(
      `SELECT "group", count(*)::text AS rows, sum(${postgresHalf('digest', 0)})::text AS first, sum(${postgresHalf('digest', 1)})::text AS second
       FROM (SELECT ${group} AS "group", md5(${postgresRowText(table.columns)}) AS digest FROM ${from(table)} WHERE ${ofTenant(table)}) r
       GROUP BY "group"`,
      [tenant],
    );
    return rows.map(toHashSum);
  };
  return {
    perTenant: (table, tenant) => sums(tenantText(table), table, tenant ?? ''),
    perBucket: (table, tenant) => sums(`${bucket(table)}::text`, table, tenant),
    digests: async (table, tenant, buckets) => {
      const { rows } = await client.query<KeyedRow>(
        `SELECT ${postgresRowText(keyColumns(table))} AS key, md5(${postgresRowText(table.columns)}) AS value
         FROM ${from(table)} WHERE ${ofTenant(table)} AND ${bucket(table)} = ANY ($2)`,
        [tenant, buckets],
      );
      return rows;
    },
    texts: async (table, tenant, keys) => {
      const { rows } = await client.query<KeyedRow>(
        `SELECT ${postgresRowText(keyColumns(table))} AS key, ${postgresRowText(table.columns)} AS value
         FROM ${from(table)} WHERE ${ofTenant(table)} AND ${postgresRowText(keyColumns(table))} = ANY ($2)`,
        [tenant, keys],
      );
      return rows;
    },
  };
}

/** ClickHouse raw tables in `database`, read with FINAL. */
export function clickHouseRows(client: ClickHouseClient, database: string): RowSource {
  const from = (table: PublishedTable) => `${quoteClickHouse(database)}.${quoteClickHouse(table.name)} FINAL`;
  const tenantText = (table: PublishedTable) =>
    table.tenantColumn ? `toString(${quoteClickHouse(table.tenantColumn)})` : `''`;
  const bucket = (table: PublishedTable) =>
    `reinterpretAsUInt8(substring(MD5(${clickHouseRowText(keyColumns(table))}), 1, 1))`;
  const ofTenant = (table: PublishedTable) =>
    table.tenantColumn
      ? `({tenant:String} = '' OR ${quoteClickHouse(table.tenantColumn)} = toUUIDOrZero({tenant:String}))`
      : `{tenant:String} != '-'`;
  const sums = async (group: string, table: PublishedTable, tenant: string) => {
    const rows = await queryRows<SumRow>(
      client,
      `SELECT group, toString(count()) AS rows, toString(sum(${clickHouseHalf('digest', 0)})) AS first, toString(sum(${clickHouseHalf('digest', 1)})) AS second
       FROM (SELECT ${group} AS group, MD5(${clickHouseRowText(table.columns)}) AS digest FROM ${from(table)} WHERE ${ofTenant(table)})
       GROUP BY group`,
      { tenant },
    );
    return rows.map(toHashSum);
  };
  return {
    perTenant: (table, tenant) => sums(tenantText(table), table, tenant ?? ''),
    perBucket: (table, tenant) => sums(`toString(${bucket(table)})`, table, tenant),
    digests: (table, tenant, buckets) =>
      queryRows<KeyedRow>(
        client,
        `SELECT ${clickHouseRowText(keyColumns(table))} AS key, lower(hex(MD5(${clickHouseRowText(table.columns)}))) AS value
         FROM ${from(table)} WHERE ${ofTenant(table)} AND ${bucket(table)} IN ({buckets:Array(UInt8)})`,
        { tenant, buckets },
      ),
    texts: (table, tenant, keys) =>
      queryRows<KeyedRow>(
        client,
        `SELECT ${clickHouseRowText(keyColumns(table))} AS key, ${clickHouseRowText(table.columns)} AS value
         FROM ${from(table)} WHERE ${ofTenant(table)} AND key IN ({keys:Array(String)})`,
        { tenant, keys },
      ),
  };
}
