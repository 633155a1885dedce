import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import type { Databases } from '../transforms/databases.ts';
import { loadModels, type Model } from '../transforms/model.ts';
import { fillStatement } from '../transforms/refresh.ts';
import { createTable } from '../transforms/schema.ts';
import { quoteClickHouse } from './canonical-text.ts';

export interface FactDifference {
  /** `facts.orders` … */
  readonly model: string;
  readonly tenant: string;
  readonly key: string;
  /** Column → what stands there and what raw yields, of the columns that differ; null: no such row. */
  readonly stored: Readonly<Record<string, unknown>> | null;
  readonly recomputed: Readonly<Record<string, unknown>> | null;
}

export interface FactComparison {
  readonly model: string;
  readonly rows: number;
  readonly differing: number;
  readonly named: readonly FactDifference[];
}

/** Entities recomputed by one statement: bounds its memory. */
const entitiesAtOnce = 250_000;

interface FactTable {
  readonly model: Model;
  readonly stored: string;
  readonly again: string;
  readonly keyColumn: string;
  /** All but version and tombstone flag. */
  readonly columns: readonly string[];
}

/** Every entity that raw knows or that has a fact, as tenant_id and key. */
function allKeys(fact: FactTable, databases: Databases, part: string): string {
  const root = `${databases.raw}.${fact.model.name.replace('facts.', '')}`;
  return `(SELECT tenant_id, key FROM (
      SELECT tenant_id, id AS key FROM ${root} FINAL
      UNION DISTINCT SELECT tenant_id, ${fact.keyColumn} AS key FROM ${fact.stored} FINAL
    ) WHERE ${part})`;
}

async function describeFact(clickhouse: ClickHouseClient, model: Model, databases: Databases): Promise<FactTable> {
  const name = model.name.replace('facts.', '');
  const columns = await queryRows<{ name: string }>(
    clickhouse,
    `SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position`,
    { database: databases.facts, table: name },
  );
  const names = columns.map((column) => column.name).filter((column) => !column.startsWith('_'));
  const keyColumn = names[1];
  if (!keyColumn) throw new Error(`${model.name} has no key column`);
  const stored = `${databases.facts}.${name}`;
  return { model, stored, again: `${stored}_again`, keyColumn, columns: names };
}

async function recompute(clickhouse: ClickHouseClient, fact: FactTable, databases: Databases): Promise<void> {
  await clickhouse.command({ query: createTable(fact.model, fact.again, databases) });
  const [{ rows } = { rows: '0' }] = await queryRows<{ rows: string }>(
    clickhouse,
    `SELECT toString(count()) AS rows FROM ${allKeys(fact, databases, '1')}`,
  );
  const parts = Math.max(1, Math.ceil(Number(rows) / entitiesAtOnce));
  for (let part = 0; part < parts; part++) {
    const keys = allKeys(fact, databases, parts === 1 ? '1' : `cityHash64(key) % ${parts} = ${part}`);
    await clickhouse.command({
      query: fillStatement(fact.model, { target: fact.again, keys, databases }),
      query_params: { version: '1' },
      clickhouse_settings: { enable_materialized_cte: 1, join_algorithm: 'hash' },
    });
  }
}

async function nameFacts(
  clickhouse: ClickHouseClient,
  fact: FactTable,
  keys: readonly { tenant: string; key: string }[],
) {
  const select = fact.columns.map(quoteClickHouse).join(', ');
  const read = (table: string, key: string) =>
    queryRows<Record<string, unknown>>(
      clickhouse,
      `SELECT ${select} FROM ${table} FINAL WHERE toString(${fact.keyColumn}) = {key:String}`,
      { key },
    );
  const named: FactDifference[] = [];
  for (const { tenant, key } of keys) {
    const [stored, again] = (await Promise.all([read(fact.stored, key), read(fact.again, key)])).map(
      (rows) => rows.find((row) => row.tenant_id === tenant) ?? null,
    );
    const differs = (name: string) => JSON.stringify(stored?.[name]) !== JSON.stringify(again?.[name]);
    const only = (row: Record<string, unknown> | null | undefined) =>
      row ? Object.fromEntries(Object.entries(row).filter(([name]) => differs(name))) : null;
    named.push({ model: fact.model.name, tenant, key, stored: only(stored), recomputed: only(again) });
  }
  return named;
}

async function compareFact(
  clickhouse: ClickHouseClient,
  fact: FactTable,
  databases: Databases,
  toName: number,
): Promise<FactComparison> {
  await recompute(clickhouse, fact, databases);
  // Through a tuple's text, because the hash of a null alone would be null.
  const digest = `cityHash64(toString(tuple(${fact.columns.map(quoteClickHouse).join(', ')})))`;
  const hashes = (table: string, side: number) =>
    `SELECT tenant_id, ${fact.keyColumn} AS key, ${digest} AS digest, ${side} AS side FROM ${table} FINAL`;
  // One row per entity on each side; equal when both sides are there with one digest.
  const groups = `SELECT tenant_id, key, uniqExact(side) = 2 AND uniqExact(digest) = 1 AND count() = 2 AS equal
    FROM (${hashes(fact.stored, 0)} UNION ALL ${hashes(fact.again, 1)}) GROUP BY tenant_id, key`;
  const [counts] = await queryRows<{ rows: string; differing: string }>(
    clickhouse,
    `SELECT toString(count()) AS rows, toString(countIf(NOT equal)) AS differing FROM (${groups})`,
  );
  const differing = Number(counts?.differing ?? 0);
  const keys =
    differing === 0
      ? []
      : await queryRows<{ tenant: string; key: string }>(
          clickhouse,
          `SELECT toString(tenant_id) AS tenant, toString(key) AS key FROM (${groups}) WHERE NOT equal ORDER BY tenant, key LIMIT ${toName}`,
        );
  const named = await nameFacts(clickhouse, fact, keys);
  return { model: fact.model.name, rows: Number(counts?.rows ?? 0), differing, named };
}

/**
 * Recomputes every fact from the raw tables of a clone and compares it with what stands there: finds what a lost key, an old
 * group or a wrong version left stale. Writes a table `<fact>_again` beside each, so `databases` must be a clone.
 */
export async function compareFacts(
  clickhouse: ClickHouseClient,
  databases: Databases,
  toName = 20,
): Promise<FactComparison[]> {
  if (databases.facts === 'facts') throw new Error('facts are compared on a clone only');
  const comparisons: FactComparison[] = [];
  for (const model of loadModels().filter(({ fill }) => fill !== null)) {
    const fact = await describeFact(clickhouse, model, databases);
    comparisons.push(await compareFact(clickhouse, fact, databases, toName));
  }
  return comparisons;
}
