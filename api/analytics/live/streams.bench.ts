/**
 * How long after a commit the clients of live figures have been told, on an instance of its own: 1,000 streams of 50 brands from
 * another process, while orders are placed over all brands at a steady rate.
 *
 * Time runs from the answer to COMMIT to the arrival of the first event that counts the order, for every stream of its brand.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../runtime/ports.ts';
import { readSecrets } from '../../../runtime/secrets.ts';
import { type AdminPool, connectAdmin, createAdminPool } from '../../../sql/postgres.ts';
import { CHANGES_PER_ORDER, type Percentiles, percentiles, placeOrder } from '../../../verify/freshness.bench.ts';
import { OwnInstance } from '../../../verify/soak/own-instance.ts';
import { type Brand, brandsOf, provisionBrands } from '../../../verify/traffic/brands.ts';
import { mintToken } from '../../auth/token.ts';
import { processStat } from '../../process-stat.bench.ts';
import { streamPath } from './testing.ts';
import type { Arrivals, ClientsSay, ClientsTask } from './testing-stream-clients.ts';

export interface StreamsOptions {
  readonly seconds?: number;
  readonly brands?: number;
  readonly streams?: number;
  /** Rows of published tables changed per second, audit entries and events included. */
  readonly changesPerSecond?: number;
  readonly onProgress?: (line: string) => void;
}

export interface StreamsReport {
  readonly name: 'streams';
  readonly unit: 'ms from commit to event';
  readonly latency: Percentiles;
  readonly streams: number;
  readonly changesPerSecond: number;
  /** Answers computed; one statement computes those of all brands whose turn has come. */
  readonly computationsPerSecond: number;
  readonly statementsPerSecond: number;
  readonly eventsPerSecond: number;
  /** Share of a core, by process; Postgres's own children are left out. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly goal: { readonly p99: 1000 };
  readonly met: boolean;
}

/** What a page of a brand shows: a month by day. */
const query = { measures: ['net_sales', 'orders', 'aov'], timeRange: { preset: 'last_30_days' }, grain: 'day' };
const LONGEST_MS = 60_000;

export async function streamsBench(options: StreamsOptions = {}): Promise<StreamsReport> {
  const { seconds = 60, brands: count = 50, streams = 1_000, changesPerSecond = 200, onProgress = () => {} } = options;
  const dir = mkdtempSync(path.join(tmpdir(), 'uco-streams-'));
  const instance = new OwnInstance(path.join(dir, 'data'), (await freePorts(1))[0] as number);
  try {
    await instance.ready();
    const admin = await connectAdmin(instance.postgresUrl());
    const brands = brandsOf(1, count, Date.now());
    await provisionBrands(admin, 1, brands, Date.now());
    await admin.end();
    await instance.ready();
    return await measure(instance, brands, { seconds, streams, changesPerSecond, onProgress });
  } finally {
    await instance.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(
  instance: OwnInstance,
  brands: readonly Brand[],
  { seconds, streams, changesPerSecond, onProgress }: Required<Omit<StreamsOptions, 'brands'>>,
): Promise<StreamsReport> {
  const pool = createAdminPool(instance.postgresUrl(), { max: 6 });
  // Every brand has sold before: a stream's first figures count what was there.
  for (const brand of brands) await placeOrder(pool, brand, 'web', 'before');
  await known(instance, brands);
  const clients = await openClients(await tasks(instance, brands, streams));
  onProgress(`${streams} streams of ${brands.length} brands, ${changesPerSecond} row changes/s for ${seconds} s`);
  try {
    const over = new AbortController();
    const writing = steadyOrders(pool, brands, changesPerSecond, over.signal);
    await sleep(5_000);
    const [from, before, cpuBefore] = [now(), await counts(instance), cpuOf(instance)];
    await sleep(seconds * 1_000);
    const [to, after, cpuAfter] = [now(), await counts(instance), cpuOf(instance)];
    over.abort();
    const commits = await writing;
    const arrivals = await allArrived(clients, brands, commits);
    const latency = percentiles(latencies(arrivals, brands.length, commits, from, to));
    const elapsed = (to - from) / 1_000;
    const per = (n: number) => Math.round((n / elapsed) * 10) / 10;
    const within = commits.flat().filter((at) => at >= from && at < to).length;
    return {
      name: 'streams',
      unit: 'ms from commit to event',
      latency,
      streams,
      changesPerSecond: Math.round((within * CHANGES_PER_ORDER) / elapsed),
      computationsPerSecond: per(after.computed - before.computed),
      statementsPerSecond: per(after.computations - before.computations),
      eventsPerSecond: per(arrivals.flat().filter(([at]) => at >= from && at < to).length),
      cpu: Object.fromEntries([...cpuAfter].map(([name, ms]) => [name, per(ms - (cpuBefore.get(name) ?? 0)) / 1_000])),
      goal: { p99: 1000 },
      met: latency.p99 <= 1000,
    };
  } finally {
    clients.disconnect();
    await pool.end();
  }
}

const now = () => performance.timeOrigin + performance.now();

/** Waits until the analytics store knows every brand. */
async function known(instance: OwnInstance, brands: readonly Brand[]): Promise<void> {
  const token = await tokenOf(instance, brands.at(-1) as Brand);
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(100)) {
    const url = `${instance.url()}/api/v1/kpis/query`;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(query) });
    const text = await response.text();
    if (response.ok && /"orders":1\b/.test(text)) return;
  }
  throw new Error('the brands did not reach the figures');
}

function tokenOf(instance: OwnInstance, brand: Brand): Promise<string> {
  const secret = readSecrets(instance.dir).tokenKey;
  return mintToken({ role: 'brand_manager', tenant: brand.id, subject: `user of ${brand.slug}`, ttl: '1d', secret });
}

/** Stream `i` belongs to brand `i % brands`. */
async function tasks(instance: OwnInstance, brands: readonly Brand[], streams: number): Promise<ClientsTask> {
  const tokens = await Promise.all(brands.map((brand) => tokenOf(instance, brand)));
  const url = `${instance.url()}${streamPath(query)}`;
  return { streams: Array.from({ length: streams }, (_, i) => ({ url, token: tokens[i % tokens.length] as string })) };
}

async function openClients(task: ClientsTask) {
  const entry = path.join(import.meta.dirname, 'testing-stream-clients.ts');
  const child = fork(entry, { execArgv: ['--import', import.meta.resolve('tsx')] });
  child.send(task);
  await said(child, 'open');
  return child;
}

async function said<T extends ClientsSay['type']>(child: ReturnType<typeof fork>, type: T) {
  const signal = AbortSignal.timeout(LONGEST_MS * 2);
  for (;;) {
    const [message] = (await once(child, 'message', { signal })) as [ClientsSay];
    if (message.type === 'failed') throw new Error(message.message);
    if (message.type === type) return message as Extract<ClientsSay, { type: T }>;
  }
}

/** Places orders over all brands in turn, a brand's one after the other. Resolves with when each was committed, by brand. */
async function steadyOrders(pool: AdminPool, brands: readonly Brand[], changes: number, signal: AbortSignal) {
  const perSecond = changes / CHANGES_PER_ORDER;
  const commits: number[][] = brands.map(() => []);
  const last: Promise<void>[] = brands.map(() => Promise.resolve());
  const begun = performance.now();
  for (let turn = 0; !signal.aborted; turn++) {
    const due = begun + (turn * 1_000) / perSecond;
    if (due > performance.now()) await sleep(due - performance.now());
    const index = turn % brands.length;
    last[index] = (last[index] as Promise<void>).then(async () => {
      await placeOrder(pool, brands[index] as Brand, 'web', `live-${turn}`);
      commits[index]?.push(now());
    });
  }
  await Promise.all(last);
  return commits;
}

/** What arrived, once every stream has seen its brand's last order. */
async function allArrived(
  clients: Awaited<ReturnType<typeof openClients>>,
  brands: readonly Brand[],
  commits: readonly number[][],
): Promise<Arrivals> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(500)) {
    clients.send('report');
    const { arrivals } = await said(clients, 'arrivals');
    const isThere = ([, orders]: readonly [number, number], i: number) =>
      orders === 1 + (commits[i % brands.length]?.length ?? 0);
    if (arrivals.every((events, i) => isThere(events.at(-1) ?? [0, 0], i))) return arrivals;
  }
  throw new Error('not every stream was told of the last order');
}

/** Milliseconds from each commit of the time to each stream of its brand. */
function latencies(arrivals: Arrivals, brands: number, commits: readonly number[][], from: number, to: number) {
  return arrivals.flatMap((events, stream) => {
    let next = 0;
    return (commits[stream % brands] ?? []).flatMap((committed, index) => {
      // One order was there before.
      while ((events[next]?.[1] ?? Number.POSITIVE_INFINITY) < index + 2) next++;
      const arrived = events[next]?.[0] ?? Number.POSITIVE_INFINITY;
      return committed >= from && committed < to ? [Math.max(0, arrived - committed)] : [];
    });
  });
}

async function counts(instance: OwnInstance): Promise<{ computed: number; computations: number }> {
  const text = await (await fetch(`${instance.url()}/metrics`)).text();
  const gauge = (name: string) => Number(new RegExp(`^uco_live_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { computed: gauge('computed'), computations: gauge('computations') };
}

/** Milliseconds of CPU so far, by process. */
function cpuOf(instance: OwnInstance): Map<string, number> {
  return new Map(instance.processes().map(({ name, pid }) => [name, processStat(pid)?.ms ?? Number.NaN]));
}
