import { randomBytes } from 'node:crypto';
import { formatLsn } from '../cdc/lsn.ts';
import { createSnapshotPoint, type SnapshotPoint } from '../cdc/snapshot/snapshot-point.ts';
import { type ClickHouseClient, createClickHouse } from '../ingestion/clickhouse.ts';
import { type AdminClient, connectAdmin } from '../sql/postgres.ts';
import { cloneDatabases } from '../transforms/databases.ts';
import { waitingKeys } from './dead-keys.ts';
import { compareFacts } from './facts-comparison.ts';
import { compareKpis, type KpiScope } from './kpi-comparison.ts';
import { readPublishedTables } from './published-tables.ts';
import { compareTable } from './raw-comparison.ts';
import type { VerifyReport } from './report.ts';
import { clickHouseRows, postgresRows } from './row-hashes.ts';

/** The stream, as far as verification needs it: stand still, and be copied at a place. */
export interface VerifiedStream {
  hold(): Promise<unknown>;
  /** `at` is `X/Y`: everything that committed before it, and nothing else, is in the clone. */
  clone(at: string, suffix: string): Promise<unknown>;
  release(): Promise<unknown> | unknown;
}

export interface VerifyOptions {
  readonly postgresUrl: string;
  readonly clickhouseUrl: string;
  readonly stream: VerifiedStream;
  /** Slug of the only brand to look at; the platform's figures are left out then. */
  readonly tenant?: string;
  /** `brands` leaves the platform's out, `none` compares rows and facts only, in a fraction of the time. */
  readonly kpis?: 'all' | 'brands' | 'none';
  /** Names at most so many differences of each kind; all are counted. 20 by default. */
  readonly toName?: number;
  readonly onProgress?: (line: string) => void;
  /** Ends early; the clones are dropped all the same. */
  readonly signal?: AbortSignal;
}

/** No brand has this slug. */
export class UnknownBrand extends Error {
  override readonly name = 'UnknownBrand';
}

interface Sides {
  readonly postgres: AdminClient;
  readonly clickhouse: ClickHouseClient;
  readonly suffix: string;
  readonly position: string;
}

/**
 * Compares Postgres, raw, facts and every KPI at one position, under live traffic: a temporary slot names a place in the log and
 * a snapshot of exactly what committed before it, the stream is copied at that place, and both stand still from then on.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const begun = performance.now();
  const suffix = `verify_${randomBytes(5).toString('hex')}`;
  const clickhouse = createClickHouse(options.clickhouseUrl);
  const postgres = await connectAdmin(options.postgresUrl, { applicationName: 'uco verify' });
  try {
    // Before the stream is held for a brand that does not exist.
    if (options.tenant !== undefined) await readScopes(postgres, options.tenant);
    const position = await alignSides(options, postgres, suffix);
    options.onProgress?.(`both sides stand at ${position} (${seconds(begun)})`);
    return await compareSides(options, { postgres, clickhouse, suffix, position }, begun);
  } finally {
    await postgres.end().catch(() => {});
    await dropClones(clickhouse, suffix);
    await clickhouse.close();
  }
}

const seconds = (begun: number) => `${((performance.now() - begun) / 1000).toFixed(1)} s`;

/** Leaves `postgres` inside a transaction at the position that the clones have. */
async function alignSides(options: VerifyOptions, postgres: AdminClient, suffix: string): Promise<string> {
  let point: SnapshotPoint | null = null;
  try {
    await options.stream.hold();
    // Shorter than a hold lasts: a transaction that does not end must not leave us with a stream that has gone on.
    point = await createSnapshotPoint(options.postgresUrl, { timeoutMs: 8_000 });
    await postgres.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await postgres.query(`SET TRANSACTION SNAPSHOT '${point.snapshotName}'`);
    await postgres.query(`SET LOCAL bytea_output = 'hex'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`);
    const position = formatLsn(point.consistentPoint);
    await options.stream.clone(position, suffix);
    return position;
  } catch (error) {
    await Promise.resolve(options.stream.release()).catch(() => {});
    throw error;
  } finally {
    await point?.close();
  }
}

async function compareSides(options: VerifyOptions, sides: Sides, begun: number): Promise<VerifyReport> {
  const { postgres, clickhouse, suffix, position } = sides;
  const databases = cloneDatabases(suffix);
  const toName = options.toName ?? 20;
  const scopes = await readScopes(postgres, options.tenant);
  const tenant = options.tenant === undefined ? null : (scopes[0]?.brands?.[0]?.id ?? null);

  const tables: VerifyReport['tables'] = [];
  const [left, right] = [postgresRows(postgres), clickHouseRows(clickhouse, databases.raw)];
  for (const table of await readPublishedTables(postgres)) {
    options.signal?.throwIfAborted();
    tables.push(await compareTable(left, right, table, { tenant, toName }));
  }
  options.onProgress?.(`${tables.length} tables compared (${seconds(begun)})`);

  const facts = tenant === null ? await compareFacts(clickhouse, databases, toName) : [];
  if (tenant === null) options.onProgress?.(`facts recomputed and compared (${seconds(begun)})`);

  const now = await readNow(postgres);
  const kpis: VerifyReport['kpis'] = [];
  for (const scope of scopes) {
    if (options.kpis === 'none' || (options.kpis === 'brands' && scope.brands === null)) continue;
    options.signal?.throwIfAborted();
    kpis.push(await compareKpis(postgres, clickhouse, scope, { databases, now, toName }));
  }
  options.onProgress?.(`KPIs compared (${seconds(begun)})`);

  const waiting = await waitingKeys(clickhouse, position);
  const differing = [...tables, ...facts, ...kpis].reduce((sum, part) => sum + part.differing, 0);
  return {
    ok: differing === 0 && waiting.length === 0,
    position,
    milliseconds: Math.round(performance.now() - begun),
    differing,
    tables,
    facts,
    kpis,
    waiting,
  };
}

interface TenantRow {
  id: string;
  slug: string;
  timezone: string;
  currency: string;
}

/** Brands by zone and currency, and the platform in the currency most brands have. */
async function readScopes(postgres: AdminClient, slug: string | undefined): Promise<KpiScope[]> {
  const { rows } = await postgres.query<TenantRow>(
    'SELECT id, slug, timezone, currency FROM commerce.tenants WHERE $1::text IS NULL OR slug = $1 ORDER BY slug',
    [slug ?? null],
  );
  if (slug !== undefined && rows.length === 0) throw new UnknownBrand(`There is no brand "${slug}".`);
  const groups = new Map<string, { brands: TenantRow[]; zone: string; currency: string }>();
  for (const row of rows) {
    const key = `${row.timezone} ${row.currency}`;
    const group = groups.get(key) ?? { brands: [], zone: row.timezone, currency: row.currency };
    group.brands.push(row);
    groups.set(key, group);
  }
  if (slug !== undefined || rows.length === 0) return [...groups.values()];
  const count = (currency: string) => rows.filter((row) => row.currency === currency).length;
  const [currency = 'EUR'] = [...new Set(rows.map((row) => row.currency))].sort((a, b) => count(b) - count(a));
  return [...groups.values(), { brands: null, zone: 'UTC', currency }];
}

async function readNow(postgres: AdminClient): Promise<bigint> {
  const { rows } = await postgres.query<{ micros: string }>(
    'SELECT (extract(epoch FROM now()) * 1000000)::bigint::text AS micros',
  );
  return BigInt(rows[0]?.micros ?? 0);
}

async function dropClones(clickhouse: ClickHouseClient, suffix: string): Promise<void> {
  const { marts, facts, raw } = cloneDatabases(suffix);
  for (const database of [marts, facts, raw]) {
    await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${database} SYNC` }).catch(() => {});
  }
}
