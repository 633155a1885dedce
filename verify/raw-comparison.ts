import { readableRow } from './canonical-text.ts';
import type { PublishedTable } from './published-tables.ts';
import { bucketCount, type HashSum, type KeyedRow, keyColumns, type RowSource } from './row-hashes.ts';

export interface RowDifference {
  readonly table: string;
  /** Brand id; '' for tables without. */
  readonly tenant: string;
  /** Primary key, values joined by a comma. */
  readonly key: string;
  readonly kind: 'missing' | 'extra' | 'differs';
  /** Column → value, of the columns that differ (all of them when one side has no row). */
  readonly postgres: Readonly<Record<string, string | null>> | null;
  readonly raw: Readonly<Record<string, string | null>> | null;
}

export interface TableComparison {
  readonly table: string;
  readonly rows: number;
  /** All keys that differ are counted, the first few are named. */
  readonly differing: number;
  readonly named: readonly RowDifference[];
}

/** Rows read at once while naming keys: bounds memory when everything differs. */
const rowsAtOnce = 100_000;

function differingGroups(left: readonly HashSum[], right: readonly HashSum[]): string[] {
  const others = new Map(right.map((sum) => [sum.group, sum]));
  const groups = new Set([...left, ...right].map(({ group }) => group));
  const mine = new Map(left.map((sum) => [sum.group, sum]));
  return [...groups].filter((group) => {
    const a = mine.get(group);
    const b = others.get(group);
    return !a || !b || a.rows !== b.rows || a.sums[0] !== b.sums[0] || a.sums[1] !== b.sums[1];
  });
}

function* bucketBatches(buckets: readonly number[], rows: number): Generator<number[]> {
  const size = Math.max(1, Math.floor((rowsAtOnce * bucketCount) / Math.max(rows, 1)));
  for (let start = 0; start < buckets.length; start += size) yield buckets.slice(start, start + size);
}

/** Keys whose digests differ between the sides, in key order. */
function differingKeys(postgres: readonly KeyedRow[], raw: readonly KeyedRow[]): string[] {
  const wanted = new Map(postgres.map(({ key, value }) => [key, value]));
  const keys: string[] = [];
  for (const { key, value } of raw) {
    if (wanted.get(key) !== value) keys.push(key);
    wanted.delete(key);
  }
  return [...new Set([...keys, ...wanted.keys()])].sort();
}

function describeRow(
  table: PublishedTable,
  tenant: string,
  key: string,
  sides: [string | undefined, string | undefined],
) {
  const [postgres, raw] = sides.map((text) => (text === undefined ? null : readableRow(table.columns, text)));
  const differs = (name: string) => !postgres || !raw || postgres[name] !== raw[name];
  const only = (row: Record<string, string | null> | null | undefined) =>
    row ? Object.fromEntries(Object.entries(row).filter(([name]) => differs(name))) : null;
  const kind = !raw ? 'missing' : !postgres ? 'extra' : 'differs';
  const readableKey = Object.values(readableRow(keyColumns(table), key)).join(',');
  return {
    table: table.name,
    tenant,
    key: readableKey,
    kind,
    postgres: only(postgres),
    raw: only(raw),
  } as RowDifference;
}

async function nameRows(postgres: RowSource, raw: RowSource, table: PublishedTable, tenant: string, keys: string[]) {
  if (keys.length === 0) return [];
  const [left, right] = await Promise.all([postgres.texts(table, tenant, keys), raw.texts(table, tenant, keys)]);
  const texts = (rows: readonly KeyedRow[]) => new Map(rows.map(({ key, value }) => [key, value]));
  const [a, b] = [texts(left), texts(right)];
  return keys.map((key) => describeRow(table, tenant, key, [a.get(key), b.get(key)]));
}

async function compareTenant(
  postgres: RowSource,
  raw: RowSource,
  table: PublishedTable,
  tenant: string,
  toName: number,
) {
  const [left, right] = await Promise.all([postgres.perBucket(table, tenant), raw.perBucket(table, tenant)]);
  const buckets = differingGroups(left, right)
    .map(Number)
    .sort((a, b) => a - b);
  const rows = Math.max(
    left.reduce((sum, g) => sum + g.rows, 0),
    right.reduce((sum, g) => sum + g.rows, 0),
  );
  let differing = 0;
  const named: string[] = [];
  for (const batch of bucketBatches(buckets, rows)) {
    const digests = await Promise.all([postgres.digests(table, tenant, batch), raw.digests(table, tenant, batch)]);
    const keys = differingKeys(...digests);
    differing += keys.length;
    named.push(...keys.slice(0, toName - named.length));
  }
  return { differing, named: await nameRows(postgres, raw, table, tenant, named) };
}

/**
 * Compares a table on both sides: hashes per brand first, and only where those differ per key bucket and per key.
 * Names at most `toName` rows with the columns that differ; counts all.
 */
export async function compareTable(
  postgres: RowSource,
  raw: RowSource,
  table: PublishedTable,
  options: { tenant?: string | null; toName?: number } = {},
): Promise<TableComparison> {
  const toName = options.toName ?? 20;
  const tenant = table.tenantColumn ? (options.tenant ?? null) : null;
  const [left, right] = await Promise.all([postgres.perTenant(table, tenant), raw.perTenant(table, tenant)]);
  let differing = 0;
  const named: RowDifference[] = [];
  for (const group of differingGroups(left, right).sort()) {
    const found = await compareTenant(postgres, raw, table, group, toName - named.length);
    differing += found.differing;
    named.push(...found.named);
  }
  return { table: table.name, rows: left.reduce((sum, group) => sum + group.rows, 0), differing, named };
}
