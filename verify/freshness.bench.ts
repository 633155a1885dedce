/**
 * How long after a commit the API's figure has changed, on an instance of its own under steady traffic over many brands.
 *
 * A prober commits one order at a time in a channel that nobody else uses and polls the brand's `orders` of that channel
 * every 25 ms until it counts the order. Time runs from the answer to COMMIT to the answer that shows it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../runtime/ports.ts';
import { type AdminPool, connectAdmin, createAdminPool } from '../sql/postgres.ts';
import { OwnInstance } from './soak/own-instance.ts';
import { type Brand, brandsOf, provisionBrands } from './traffic/brands.ts';

export interface FreshnessOptions {
  readonly seconds?: number;
  readonly brands?: number;
  /** Rows of published tables changed per second, audit entries and events included. */
  readonly changesPerSecond?: number;
  readonly onProgress?: (line: string) => void;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly probes: number;
}

export interface FreshnessReport {
  readonly name: 'freshness';
  readonly unit: 'ms from commit to changed figure';
  readonly watched: Percentiles;
  readonly others: Percentiles;
  /** What the stream really applied. */
  readonly changesPerSecond: number;
  readonly goal: { readonly watched: { p50: 200; p99: 500 }; readonly others: { p99: 2000 } };
  readonly met: boolean;
}

/** An order with three lines is 10 row changes (with its audit entries and its events), a change of its note 3. */
export const CHANGES_PER_ORDER = 10;
const CHANGES_PER_NOTE = 3;

/** How often the figure is asked for: often where somebody looks, less often elsewhere, where a second is of no consequence. */
const POLL_MS = { watched: 25, others: 100 };

export async function freshnessBench(options: FreshnessOptions = {}): Promise<FreshnessReport> {
  const { seconds = 60, brands: count = 50, changesPerSecond = 1000, onProgress = () => {} } = options;
  const dir = mkdtempSync(path.join(tmpdir(), 'uco-freshness-'));
  const instance = new OwnInstance(path.join(dir, 'data'), (await freePorts(1))[0] as number);
  try {
    await instance.ready();
    const admin = await connectAdmin(instance.postgresUrl());
    const brands = brandsOf(1, count, Date.now());
    await provisionBrands(admin, 1, brands, Date.now());
    await admin.end();
    onProgress(`${count} brands, ${changesPerSecond} row changes/s for ${seconds} s`);
    return await measure(instance, brands, { seconds, changesPerSecond, onProgress });
  } finally {
    await instance.stop();
    rmSync(dir, { recursive: true, force: true });
    rmSync(`${path.join(dir, 'data')}.log`, { force: true });
  }
}

async function measure(
  instance: OwnInstance,
  brands: readonly Brand[],
  { seconds, changesPerSecond, onProgress }: Required<Omit<FreshnessOptions, 'brands'>>,
): Promise<FreshnessReport> {
  const pool = createAdminPool(instance.postgresUrl(), { max: 6 });
  const token = (await instance.command('token', '--role', 'executive')).stdout.trim();
  const over = new AbortController();
  const traffic = steadyTraffic(pool, brands, changesPerSecond, over.signal);
  const ask = (brand: Brand) => ordersOf(instance.url(), token, brand);
  const [first, ...rest] = brands as [Brand, ...Brand[]];
  await sleep(5_000);
  const before = await appliedRows(instance);
  const begun = Date.now();
  const [watched, others] = await Promise.all([
    probe(pool, () => first, ask, begun + seconds * 1000, POLL_MS.watched),
    probe(pool, (turn) => rest[(turn * 7) % rest.length] as Brand, ask, begun + seconds * 1000, POLL_MS.others),
  ]);
  const elapsed = (Date.now() - begun) / 1000;
  const rate = ((await appliedRows(instance)) - before) / elapsed;
  over.abort();
  onProgress(`${(await traffic).toFixed(0)} transactions written`);
  await pool.end();
  const figures = { watched: percentiles(watched), others: percentiles(others) };
  return {
    name: 'freshness',
    unit: 'ms from commit to changed figure',
    ...figures,
    changesPerSecond: Math.round(rate),
    goal: { watched: { p50: 200, p99: 500 }, others: { p99: 2000 } },
    met: figures.watched.p50 <= 200 && figures.watched.p99 <= 500 && figures.others.p99 <= 2000,
  };
}

async function appliedRows(instance: OwnInstance): Promise<number> {
  const status = JSON.parse((await instance.command('status', '--json')).stdout) as { stream: { rows: number } };
  return status.stream.rows;
}

/** Writes at a fixed rate: orders, and notes on recent ones. Resolves with the number of transactions. */
async function steadyTraffic(pool: AdminPool, brands: readonly Brand[], rate: number, signal: AbortSignal) {
  const perTurn = CHANGES_PER_ORDER * 2 + CHANGES_PER_NOTE;
  const turnsPerSecond = rate / perTurn;
  const begun = performance.now();
  const recent: { tenant: string; id: string }[] = [];
  const writing = new Set<Promise<void>>();
  let transactions = 0;
  for (let turn = 0; !signal.aborted; turn++) {
    const due = begun + (turn * 1000) / turnsPerSecond;
    if (due > performance.now()) await sleep(due - performance.now());
    const work = (async () => {
      for (const offset of [0, 1]) {
        const brand = brands[(turn * 2 + offset) % brands.length] as Brand;
        const id = await placeOrder(pool, brand, 'web', `t-${turn}-${offset}`);
        recent.push({ tenant: brand.id, id });
      }
      const noted = recent.shift();
      if (noted) {
        await pool.query(`UPDATE commerce.orders SET note = $3 WHERE tenant_id = $1 AND id = $2`, [
          noted.tenant,
          noted.id,
          `noted ${turn}`,
        ]);
      }
      transactions += 3;
    })();
    writing.add(work);
    void work.finally(() => writing.delete(work)).catch(() => {});
    if (writing.size > 50) await Promise.race(writing);
  }
  await Promise.all(writing);
  return transactions;
}

/** One transaction: an order with three lines. */
export async function placeOrder(pool: AdminPool, brand: Brand, channel: string, number: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `WITH placed AS (
       INSERT INTO commerce.orders (tenant_id, order_number, currency, channel, country, status)
       VALUES ($1, $2, $3, $4, 'GB', 'confirmed') RETURNING tenant_id, id
     ), lines AS (
       INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price, unit_cost)
       SELECT placed.tenant_id, placed.id, row_number() OVER (), v.id, v.sku, 2, 9.99, 4.5
       FROM placed, LATERAL (SELECT id, sku FROM commerce.product_variants WHERE tenant_id = placed.tenant_id LIMIT 3) v
     )
     SELECT id FROM placed`,
    [brand.id, number, brand.currency, channel],
  );
  return rows[0]?.id ?? '';
}

/** Commits and waits for the figure, again and again until `end`; milliseconds of each. */
async function probe(
  pool: AdminPool,
  brandOf: (turn: number) => Brand,
  ask: (brand: Brand) => Promise<number>,
  end: number,
  pollMs: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let turn = 0; Date.now() < end; turn++) {
    const brand = brandOf(turn);
    const before = await ask(brand);
    await placeOrder(pool, brand, 'probe', `probe-${brand.slug}-${turn}-${pollMs}`);
    const committed = performance.now();
    while ((await ask(brand)) === before) {
      if (performance.now() - committed > 30_000) throw new Error('a commit was not seen for 30 s');
      await sleep(pollMs);
    }
    taken.push(performance.now() - committed);
    // Off the beat of the stream's own cycle.
    await sleep(100 + Math.random() * 200);
  }
  return taken;
}

async function ordersOf(url: string, token: string, brand: Brand): Promise<number> {
  const response = await fetch(`${url}/api/v1/kpis/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-tenant-id': brand.slug },
    body: JSON.stringify({
      measures: ['orders'],
      timeRange: { preset: 'last_30_days' },
      filters: [{ dimension: 'channel', op: 'in', values: ['probe'] }],
    }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  const answer = (await response.json()) as { rows: { orders: number }[] };
  return answer.rows[0]?.orders ?? 0;
}

export function percentiles(values: number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), probes: sorted.length };
}
