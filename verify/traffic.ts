import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, connectAdmin } from '../sql/postgres.ts';
import { type Brand, brandsOf, provisionBrands } from './traffic/brands.ts';
import { type Operation, operations } from './traffic/operations.ts';
import { createRandom, type Random } from './traffic/random.ts';
import type { Turn } from './traffic/turn.ts';

export interface TrafficOptions {
  /** Administrative Postgres URL; asked again at each connection, so that a restarted instance may move. */
  readonly url: string | (() => string | Promise<string>);
  readonly seed: number;
  readonly brands?: number;
  /** Concurrent connections. With one, the same seed on the same database writes the same rows. */
  readonly writers?: number;
  /** Ends after this many transactions per writer; without it, when `signal` aborts. */
  readonly transactions?: number;
  /** Transactions per second over all writers; as fast as possible by default. */
  readonly rate?: number;
  /** Traffic is dated in the 400 days before this. */
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

export interface TrafficReport {
  readonly committed: number;
  readonly rolledBack: number;
  /** Statements that a constraint, a deadlock or a lost connection refused. */
  readonly refused: number;
  readonly reconnects: number;
}

interface Counts {
  committed: number;
  rolledBack: number;
  refused: number;
  reconnects: number;
}

/** After the end of summer time in the north and its start in the south. */
const defaultNow = new Date('2025-11-03T10:00:00Z');

const totalWeight = operations.reduce((sum, { weight }) => sum + weight, 0);

function pickOperation(random: Random): Operation {
  let at = random.next() * totalWeight;
  for (const operation of operations) {
    at -= operation.weight;
    if (at < 0) return operation;
  }
  return operations[0] as Operation;
}

/** Lost connections end a session; anything else Postgres refuses ends a statement. */
function isConnectionLost(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return !/^[0-9A-Z]{5}$/.test(code) || code.startsWith('57P') || code.startsWith('08');
}

/** One transaction of one to six operations, some undone by savepoints, some rolled back whole. */
async function runTransaction(turn: Turn, counts: Counts): Promise<void> {
  const { client, random } = turn;
  const withSavepoints = random.chance(0.6);
  const rollBack = random.chance(0.1);
  const length = random.chance(0.05) ? 20 : random.integer(1, 6);
  await client.query('BEGIN');
  try {
    for (let step = 0; step < length; step++) {
      if (withSavepoints) await runInSavepoint(turn, counts);
      else await pickOperation(random).run(turn);
    }
    await client.query(rollBack ? 'ROLLBACK' : 'COMMIT');
    counts[rollBack ? 'rolledBack' : 'committed']++;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    counts.refused++;
    await client.query('ROLLBACK');
    counts.rolledBack++;
  }
}

async function runInSavepoint(turn: Turn, counts: Counts): Promise<void> {
  const { client, random } = turn;
  const undo = random.chance(0.15);
  await client.query('SAVEPOINT step');
  try {
    await pickOperation(random).run(turn);
    await client.query(undo ? 'ROLLBACK TO SAVEPOINT step' : 'RELEASE SAVEPOINT step');
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    counts.refused++;
    await client.query('ROLLBACK TO SAVEPOINT step');
  }
}

async function connect(options: TrafficOptions): Promise<AdminClient> {
  const url = typeof options.url === 'string' ? options.url : await options.url();
  const client = await connectAdmin(url, { applicationName: 'traffic', connectTimeoutMs: 3_000 });
  try {
    // A writer must not wait for ever for a lock that another one holds while its connection hangs.
    await client.query(`SET lock_timeout = '2s'; SET statement_timeout = '20s'`);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function runWriter(options: TrafficOptions, brands: readonly Brand[], writer: number, counts: Counts) {
  const random = createRandom(options.seed).fork(`writer ${writer}`);
  const now = (options.now ?? defaultNow).getTime();
  const pause = options.rate ? (1000 * (options.writers ?? 3)) / options.rate : 0;
  let client: AdminClient | null = null;
  let next = performance.now();
  for (let turn = 0; turn < (options.transactions ?? Number.POSITIVE_INFINITY) && !options.signal?.aborted; ) {
    try {
      client ??= await connect(options);
      await runTransaction({ client, brands, random, now, brand: random.pick(brands) }, counts);
      turn++;
      next = Math.max(next + pause, performance.now() - 1000);
      if (pause > 0) await sleep(Math.max(0, next - performance.now()));
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      counts.reconnects++;
      void client?.end().catch(() => {});
      client = null;
      await sleep(200);
    }
  }
  await client?.end().catch(() => {});
}

/**
 * Random commerce on Postgres: transactions of several operations over every table and column, rollbacks, savepoints, key
 * changes, bursts, large values. Lost connections are made anew until the end. Resolves when all writers are done.
 */
export async function runTraffic(options: TrafficOptions): Promise<TrafficReport> {
  const now = (options.now ?? defaultNow).getTime();
  const brands = brandsOf(options.seed, options.brands ?? 4, now);
  const counts: Counts = { committed: 0, rolledBack: 0, refused: 0, reconnects: 0 };
  const client = await connect(options);
  try {
    await provisionBrands(client, options.seed, brands, now);
  } finally {
    await client.end();
  }
  const writers = Array.from({ length: options.writers ?? 3 }, (_, index) => index);
  await Promise.all(writers.map((writer) => runWriter(options, brands, writer, counts)));
  return counts;
}
