import { v7 as uuidv7 } from 'uuid';
import { type CommerceDatabase, openCommerceDatabase } from '../../api/commerce/database.ts';
import { type OnProgress, ProgressMeter } from '../../api/commerce/import/progress.ts';
import { passwordToSet } from '../../api/commerce/users/users.ts';
import { allOrFirstError } from '../promises.ts';
import { brandHistory, brandId } from './brand-history.ts';
import type { BrandPlan } from './brand-plan.ts';
import { demoBrands } from './brands.ts';
import { fxRates } from './fx-rates.ts';
import { type DemoMark, readDemo } from './mark.ts';
import { createDemoUsers } from './users.ts';
import { rowsToWrite, writeHistory } from './write-history.ts';

export interface SeedOptions {
  /** Administrative URL of a migrated Postgres. */
  readonly databaseUrl: string;
  /** Of the demo's users. */
  readonly password: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** For tests: a fixed end and fewer orders. A demo that was begun goes on with its own. */
  readonly end?: Date;
  readonly volume?: number;
}

const SEED = 20_260_101;

export interface SeedReport {
  readonly brands: number;
  readonly rows: number;
  readonly seconds: number;
}

/**
 * Seeds the demo into a store without brands, or finishes one that was cut off: each brand is one transaction, and its
 * tenant's settings say when it is whole. Returns null, having done nothing, when the demo is there or the brands are others.
 */
export async function seedDemo(options: SeedOptions): Promise<SeedReport | null> {
  const database = await openCommerceDatabase(options.databaseUrl, { maxConnections: 2 });
  try {
    const found = await readDemo(database);
    if (found.state === 'seeded' || found.state === 'foreign') return null;
    const start = performance.now();
    const mark = found.mark ?? {
      seed: SEED,
      end: (options.end ?? new Date()).toISOString(),
      volume: options.volume ?? 1,
    };
    if (found.state === 'empty') await createBrands(database, mark, options.password);
    const rows = await writeBrands(database, mark, found.whole, options);
    return {
      brands: demoBrands.length - found.whole.length,
      rows,
      seconds: Math.round(performance.now() - start) / 1000,
    };
  } finally {
    await database.close();
  }
}

async function createBrands(database: CommerceDatabase, mark: DemoMark, password: string): Promise<void> {
  const hashed = await passwordToSet(password);
  const when = { seed: mark.seed, end: new Date(mark.end) };
  await database.asPlatform({}, async (trx) => {
    const rates = fxRates(when.seed, when.end);
    for (let at = 0; at < rates.length; at += 1000) {
      const some = rates.slice(at, at + 1000);
      await trx
        .insertInto('fx_rates')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    const brands = demoBrands.map((plan) => ({
      id: brandId(plan, when),
      slug: plan.slug,
      name: plan.name,
      currency: plan.currency,
      timezone: plan.timezone,
      settings: JSON.stringify({ demo: mark }),
    }));
    await trx.insertInto('tenants').values(brands).execute();
    await createDemoUsers(trx, new Map(brands.map(({ slug, id }) => [slug, id])), hashed);
  });
}

/** Two at a time, the largest first: one is generated while Postgres stores the other, which then has all it needs for that. */
async function writeBrands(
  database: CommerceDatabase,
  mark: DemoMark,
  whole: readonly string[],
  { onProgress, signal }: SeedOptions,
): Promise<number> {
  const waiting = demoBrands.filter(({ slug }) => !whole.includes(slug));
  const meter = new ProgressMeter('writing', onProgress);
  const expected = new Map(waiting.map((plan) => [plan.slug, expectedRows(plan, mark.volume)]));
  let written = 0;
  const onRows = (count: number) => {
    written += count;
    const total = [...expected.values()].reduce((sum, rows) => sum + rows, 0);
    meter.update(written, Math.min(written / total, 0.99));
  };
  const work = async (onStaged: () => void = () => {}) => {
    for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
      signal?.throwIfAborted();
      const { seed, end, volume } = mark;
      const rows = brandHistory(plan, { seed, volume, end: new Date(end) });
      expected.set(plan.slug, rowsToWrite(rows));
      const tenantId = brandId(plan, { seed, end: new Date(end) });
      const context = { tenantId, importBatch: uuidv7(), statementTimeoutMs: 0, signal };
      await database.withTenantClient(context, async (client) => {
        await writeHistory(client, tenantId, rows, { onStaged, onRows });
        await client.query(
          `UPDATE commerce.tenants SET settings = jsonb_set(settings, '{demo,whole}', 'true') WHERE id = $1`,
          [tenantId],
        );
      });
    }
  };
  let first: Promise<void> = Promise.resolve();
  const staged = new Promise<void>((resolve) => {
    first = work(resolve);
    first.then(resolve, resolve);
  });
  await allOrFirstError([first, staged.then(() => work())]);
  meter.update(written, 1);
  return written;
}

const ROWS_PER_ORDER = 19;

function expectedRows({ ordersPerDay }: BrandPlan, volume: number): number {
  return ordersPerDay * volume * 90 * ROWS_PER_ORDER;
}
