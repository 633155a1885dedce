/**
 * Changes per second through the whole stream, until durable in raw and until facts show them, against a logical reader that
 * throws the same write-ahead log away. One after the other, in the same process, on engines of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bareReader, type Throughput, walEnd } from '../cdc/cdc.bench.ts';
import { startTestInstance, startTestStream } from '../runtime/testing.ts';
import { type AdminClient, connectAdmin } from '../sql/postgres.ts';
import { brandsOf, provisionBrands } from '../verify/traffic/brands.ts';

export interface StreamBenchReport {
  readonly name: 'cdc';
  readonly floor: Throughput;
  readonly raw: Throughput;
  readonly facts: Throughput;
  /** Ours ÷ the floor. */
  readonly rawRatio: number;
  readonly factsRatio: number;
  readonly goal: { readonly raw: 0.9; readonly facts: 0.5 };
  readonly met: boolean;
  /** Largest resident memory of this process, which runs the stream, MB. */
  readonly peakMegabytes: number;
}

const CHANGES_PER_ORDER = 3;

/** `changes` row inserts (orders with two lines each) in transactions of 9,000. */
export async function streamBench(changes = 300_000): Promise<StreamBenchReport> {
  const instance = await startTestInstance({ postgres: { shared_buffers: '256MB' } });
  const postgres = await connectAdmin(instance.postgresUrl);
  try {
    await instance.stream.drained();
    await instance.stream.stop();
    await postgres.query(`SELECT pg_create_logical_replication_slot('floor', 'pgoutput')`);
    const written = await writeOrders(postgres, changes);
    const until = await walEnd(instance.postgresUrl);
    // So that its keepalive tells the end has been reached.
    await postgres.query(`SELECT pg_logical_emit_message(true, 'uco', 'end')`);
    const floor = await bareReader({ url: instance.postgresUrl, slot: 'floor', publication: 'uco' }, until);
    const ours = await timeStream(instance, written);
    const [rawRatio, factsRatio] = [ratio(ours.raw, floor), ratio(ours.facts, floor)];
    const met = rawRatio >= 0.9 && factsRatio >= 0.5;
    return { name: 'cdc', floor, ...ours, rawRatio, factsRatio, goal: { raw: 0.9, facts: 0.5 }, met };
  } finally {
    await postgres.end();
    await instance.stop();
  }
}

/** Orders with two lines each, `changes` rows in all, without audit entries and events. Resolves with the rows written. */
export async function writeOrders(postgres: AdminClient, changes: number): Promise<number> {
  const now = Date.now();
  const [brand] = brandsOf(1, 1, now);
  if (!brand) throw new Error('no brand');
  await provisionBrands(postgres, 1, [brand], now);
  const perTransaction = 3_000;
  const orders = Math.ceil(changes / CHANGES_PER_ORDER);
  for (let from = 0; from < orders; from += perTransaction) {
    const count = Math.min(perTransaction, orders - from);
    await postgres.query('BEGIN');
    // Else every row would write audit entries and events besides.
    await postgres.query(`SELECT set_config('app.import_batch', uuidv7()::text, true)`);
    await postgres.query(
      `INSERT INTO commerce.orders (tenant_id, order_number, currency, channel, country)
       SELECT $1::uuid, 'bench ' || i, 'GBP', 'web', 'GB' FROM generate_series($2::int, $3::int) i`,
      [brand.id, from, from + count - 1],
    );
    await postgres.query(
      `INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
       SELECT o.tenant_id, o.id, line, v.id, v.sku, 2, 9.99
       FROM generate_series($2::int, $3::int) i JOIN commerce.orders o ON o.tenant_id = $1 AND o.order_number = 'bench ' || i,
         generate_series(1, 2) line, (SELECT id, sku FROM commerce.product_variants WHERE tenant_id = $1 LIMIT 1) v`,
      [brand.id, from, from + count - 1],
    );
    await postgres.query('COMMIT');
  }
  return orders * CHANGES_PER_ORDER;
}

async function timeStream(urls: { readonly postgresUrl: string; readonly clickhouseUrl: string }, changes: number) {
  const begun = performance.now();
  const { stream, stop } = startTestStream(urls);
  let peak = 0;
  // Asking for it costs a tenth of a millisecond.
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  try {
    await stream.ready;
    // Connecting is not part of the throughput: the floor's reader was connected as well.
    const started = performance.now();
    const drained = stream.drained().then(() => performance.now());
    while (stream.status().rows < changes) await sleep(2);
    const raw = throughput(changes, performance.now() - started);
    const facts = throughput(changes, (await drained) - started);
    return { raw, facts, peakMegabytes: Math.round(peak / 2 ** 20), connectMs: Math.round(started - begun) };
  } finally {
    clearInterval(watch);
    await stop();
  }
}

function throughput(rows: number, milliseconds: number): Throughput {
  return { rows, seconds: milliseconds / 1000, perSecond: Math.round((rows * 1000) / milliseconds) };
}

function ratio(ours: Throughput, floor: Throughput): number {
  return Math.round((100 * ours.perSecond) / floor.perSecond) / 100;
}
