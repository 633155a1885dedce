/**
 * What importing costs above storing: lines/s of `importOrders` ÷ lines/s of `COPY … FROM` of the rows it wrote into tables
 * without keys, checks or triggers, one after the other on the same server.
 */
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type AdminClient, connectAdmin } from '../../../sql/postgres.ts';
import { importOrders } from './import-orders.ts';
import type { OnProgress } from './progress.ts';

export interface ImportBenchOptions {
  /** Administrative URL of a migrated Postgres. A brand is made and stays. */
  readonly databaseUrl: string;
  /** A file and its map; Online Retail where it is found, else the extract in examples/. */
  readonly file?: string;
  readonly map?: string;
  readonly onProgress?: OnProgress;
}

export interface ImportBenchResult {
  readonly name: 'import';
  readonly ratio: number;
  readonly goal: null;
  readonly lines: number;
  readonly linesPerSecond: number;
  readonly seconds: { readonly read: number; readonly write: number; readonly total: number };
  readonly baseline: { readonly rows: number; readonly seconds: number; readonly linesPerSecond: number };
}

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const REAL = join(import.meta.dirname, '../../../../shared/data/online_retail/online_retail.csv.gz');

/** The tables an import of order lines fills. */
const TABLES = [
  'customers',
  'products',
  'product_variants',
  'orders',
  'order_items',
  'returns',
  'return_items',
  'adjustments',
  'inventory_movements',
  'events',
];

export async function importBench(options: ImportBenchOptions): Promise<ImportBenchResult> {
  const file = options.file ?? (existsSync(REAL) ? REAL : join(EXAMPLES, 'online-retail-extract.csv'));
  const map = options.map ?? (options.file === undefined ? join(EXAMPLES, 'online-retail.map.json') : undefined);
  const tenant = `bench-import-${Date.now().toString(36)}`;
  const brand = { tenant, createTenants: true, currency: 'GBP', timezone: 'Europe/London' };
  const report = await importOrders({
    ...brand,
    file,
    map,
    databaseUrl: options.databaseUrl,
    onProgress: options.onProgress,
  });
  if (!report.ok)
    throw new Error(`${file} has ${report.problemCount} bad lines; the first: ${report.problems[0]?.message}`);
  const client = await connectAdmin(options.databaseUrl, { applicationName: 'uco bench' });
  const dir = mkdtempSync(join(tmpdir(), 'uco-bench-'));
  try {
    const baseline = await copyBare(client, tenant, dir);
    const perSecond = (seconds: number) => Math.round(report.lines / seconds);
    return {
      name: 'import',
      ratio: Math.round((baseline.seconds / report.seconds.total) * 1000) / 1000,
      goal: null,
      lines: report.lines,
      linesPerSecond: perSecond(report.seconds.total),
      seconds: report.seconds,
      baseline: { ...baseline, linesPerSecond: perSecond(baseline.seconds) },
    };
  } finally {
    await client.query('DROP SCHEMA IF EXISTS bench_import CASCADE');
    await client.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function copyBare(client: AdminClient, tenant: string, dir: string): Promise<{ rows: number; seconds: number }> {
  await client.query('DROP SCHEMA IF EXISTS bench_import CASCADE; CREATE SCHEMA bench_import');
  let rows = 0;
  let milliseconds = 0;
  for (const table of TABLES) {
    const path = join(dir, table);
    await client.query(`CREATE TABLE bench_import.${table} AS SELECT * FROM commerce.${table} LIMIT 0`);
    const source = `SELECT * FROM commerce.${table} WHERE tenant_id = (SELECT id FROM commerce.tenants WHERE slug = '${tenant}')`;
    await pipeline(client.query(copyTo(`COPY (${source}) TO STDOUT`)), createWriteStream(path));
    const start = performance.now();
    const copy = client.query(copyFrom(`COPY bench_import.${table} FROM STDIN`));
    await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), copy);
    milliseconds += performance.now() - start;
    rows += copy.rowCount;
  }
  return { rows, seconds: Math.round(milliseconds) / 1000 };
}
