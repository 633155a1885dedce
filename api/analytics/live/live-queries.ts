import { FairQueue } from '../../fair-queue.ts';
import { Problem } from '../../problem.ts';
import type { AsOf } from '../as-of.ts';
import type { KpiAnswer } from '../query.ts';
import type { KpiQuery } from '../request.ts';
import { canRunTogether } from '../run-together.ts';
import { type Companion, Companions, type Party } from './companions.ts';
import { type LiveResult, resultOf } from './live-result.ts';
import type { Moved } from './marts-watch.ts';
import { nextMoment } from './next-moment.ts';

/** Whose figures, seen with which rights: all that an answer depends on besides the question. */
export interface LiveScope {
  readonly isPlatform: boolean;
  /** Null: all brands. */
  readonly brandId: string | null;
}

/** Called with every new result; the first one included if it comes after subscribing. */
export type OnResult = (result: LiveResult) => void;

/** One query to be computed as of `at` for each of the scopes, which differ in their brand; `asOf` was read before. */
export interface Computation {
  readonly query: KpiQuery;
  readonly scopes: readonly LiveScope[];
  readonly asOf: AsOf;
  readonly at: Date;
  readonly signal: AbortSignal;
}

export interface Computed {
  /** In the order of the scopes; reasons are problems. */
  readonly outcomes: readonly PromiseSettledResult<KpiAnswer>[];
  readonly rowsRead: number;
}

export interface LiveQueriesOptions {
  /** Rejects with what concerns all of the scopes. */
  readonly compute: (computation: Computation) => Promise<Computed>;
  readonly asOf: () => AsOf;
  readonly now: () => Date;
  /** Told of problems that are our own. */
  readonly onFailure: (problem: Problem | null) => void;
  /** Least milliseconds between two results of a query. */
  readonly restMs: number;
  /** Most different queries at once. */
  readonly most: number;
}

/** Computations at once, and at the turn of one brand: the others always have a place left. ClickHouse is what they wait for. */
const AT_ONCE = 3;
const AT_ONCE_PER_BRAND = 2;
/** A query that takes long rests longer, so that its share stays bounded. */
const REST_PER_WORK = 2;
const COMPUTE_TIMEOUT_MS = 20_000;
const RETRY_MS = 2_000;
/** Timers that end together fire some milliseconds apart. */
const GATHER_MS = 10;
/** Rows read for a query of which nothing is known yet. */
const FIRST_WEIGHT = 2_000;

interface LiveQuery extends Companion {
  readonly key: string;
  readonly query: KpiQuery;
  readonly scope: LiveScope;
  company: string | null;
  readonly subscribers: Set<OnResult>;
  result: LiveResult | null;
  /** The marts moved, or time went on, since the last computation began. */
  stale: boolean;
  running: boolean;
  /** On the monotonic clock. */
  restsUntil: number;
  resting: NodeJS.Timeout | null;
  /** When it is stale at the latest, by the wall clock. */
  due: number;
}

/** A place among those who wait for a query's results. */
export interface Subscription {
  readonly result: LiveResult | null;
  /** False while a newer result is on its way. */
  readonly isCurrent: boolean;
  end(): void;
}

/** Every query that somebody watches, once: who asks the same with the same rights shares its computations. */
export class LiveQueries {
  readonly #options: LiveQueriesOptions;
  readonly #queries = new Map<string, LiveQuery>();
  readonly #queue = new FairQueue<LiveQuery>();
  readonly #companions = new Companions<LiveQuery>((held) => {
    for (const live of held) this.#enqueue(live);
  });
  readonly #running = new Map<string, number>();
  #runningCount = 0;
  #gathering: NodeJS.Timeout | null = null;
  /** Answers computed since the start, and the computations that took: one for several brands. */
  computed = 0;
  computations = 0;

  constructor(options: LiveQueriesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#queries.size;
  }

  /** Throws `too-many-requests` when there are too many different queries. */
  subscribe(query: KpiQuery, scope: LiveScope, onResult: OnResult): Subscription {
    const live = this.#liveQuery(query, scope);
    live.subscribers.add(onResult);
    if (live.result === null && !live.running) this.#makeStale(live);
    return {
      get result() {
        return live.result;
      },
      get isCurrent() {
        return live.result !== null && !live.stale && !live.running;
      },
      end: () => {
        live.subscribers.delete(onResult);
        if (live.subscribers.size === 0) this.#forget(live);
      },
    };
  }

  /** To be computed anew: all whose brand moved. */
  moved(moved: Moved): void {
    for (const live of this.#queries.values()) {
      const { brandId } = live.scope;
      if (moved === 'all' || brandId === null || moved.has(brandId)) this.#makeStale(live);
    }
  }

  /** To be called a few times a second: what is due by the clock is computed anew. */
  tick(): void {
    const now = this.#options.now().getTime();
    for (const live of this.#queries.values()) if (now >= live.due) this.#makeStale(live);
  }

  #liveQuery(query: KpiQuery, scope: LiveScope): LiveQuery {
    const key = JSON.stringify([scope.isPlatform, scope.brandId, query]);
    const known = this.#queries.get(key);
    if (known !== undefined) return known;
    if (this.#queries.size >= this.#options.most) {
      throw new Problem('too-many-requests', 'Too many different queries are live; try again later.', {
        headers: { 'retry-after': '10' },
      });
    }
    const live: LiveQuery = {
      ...{ key, query, scope, company: companyOf(query, scope, null), weight: FIRST_WEIGHT },
      subscribers: new Set(),
      result: null,
      stale: false,
      running: false,
      restsUntil: 0,
      resting: null,
      due: Number.POSITIVE_INFINITY,
    };
    this.#queries.set(key, live);
    return live;
  }

  #forget(live: LiveQuery): void {
    if (this.#queries.get(live.key) === live) this.#queries.delete(live.key);
    this.#queue.remove(groupOf(live), live);
    this.#companions.remove(live);
    if (live.resting !== null) clearTimeout(live.resting);
    live.resting = null;
  }

  #makeStale(live: LiveQuery): void {
    live.due = Number.POSITIVE_INFINITY;
    if (live.stale) return;
    live.stale = true;
    if (!live.running) this.#enqueue(live);
  }

  #enqueue(live: LiveQuery): void {
    // Nobody waits for company with nothing to show.
    const isFirst = live.result === null;
    if (!isFirst && this.#companions.hold(live)) return;
    const rest = live.restsUntil - performance.now();
    if (rest > 0) {
      live.resting = setTimeout(() => {
        live.resting = null;
        this.#enqueue(live);
      }, rest);
      return;
    }
    this.#queue.push(groupOf(live), live);
    this.#companions.queue(live);
    if (isFirst) setImmediate(() => this.#work());
    // Not before those that moved, or have rested, with it are queued as well.
    else this.#gathering ??= setTimeout(() => this.#work(), GATHER_MS);
  }

  #work(): void {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    while (this.#runningCount < AT_ONCE) {
      const live = this.#queue.take((group) => (this.#running.get(group) ?? 0) < AT_ONCE_PER_BRAND);
      if (live === null) return;
      void this.#run(live);
    }
  }

  async #run(leader: LiveQuery): Promise<void> {
    const group = groupOf(leader);
    this.#runningCount++;
    this.#running.set(group, (this.#running.get(group) ?? 0) + 1);
    const party = this.#companions.leave(leader);
    for (const live of party.all) {
      this.#queue.remove(groupOf(live), live);
      live.running = true;
      live.stale = false;
    }
    const [begun, at] = [performance.now(), this.#options.now()];
    const { results, rowsRead } = await this.#compute(party.all, at);
    this.#runningCount--;
    const left = (this.#running.get(group) ?? 1) - 1;
    if (left === 0) this.#running.delete(group);
    else this.#running.set(group, left);
    const workMs = performance.now() - begun;
    party.back(workMs, rowsRead);
    for (const [index, live] of party.all.entries()) this.#done(live, results[index] as LiveResult, at, workMs, party);
    this.#work();
  }

  #done(live: LiveQuery, result: LiveResult, at: Date, workMs: number, { all }: Party<LiveQuery>): void {
    live.running = false;
    if (live.subscribers.size === 0) return;
    if (result.problem?.type === 'query-too-large' && all.length > 1) {
      // Maybe together only.
      live.weight = Number.POSITIVE_INFINITY;
      live.stale = true;
      this.#enqueue(live);
    } else {
      this.#publish(live, result, at, workMs);
    }
  }

  /** The results of live queries that differ in their brand only. */
  async #compute(all: readonly LiveQuery[], at: Date): Promise<{ results: LiveResult[]; rowsRead: number | null }> {
    const asOf = this.#options.asOf();
    const { query } = all[0] as LiveQuery;
    this.computed += all.length;
    this.computations++;
    try {
      const signal = AbortSignal.timeout(COMPUTE_TIMEOUT_MS);
      const scopes = all.map(({ scope }) => scope);
      const { outcomes, rowsRead } = await this.#options.compute({ query, scopes, asOf, at, signal });
      const results = all.map(({ key }, index) => resultOf(key, outcomes[index] as (typeof outcomes)[number], asOf));
      return { results, rowsRead: outcomes.every(({ status }) => status === 'fulfilled') ? rowsRead : null };
    } catch (reason) {
      return { results: all.map(({ key }) => resultOf(key, { status: 'rejected', reason }, asOf)), rowsRead: null };
    }
  }

  #publish(live: LiveQuery, result: LiveResult, at: Date, workMs: number): void {
    const { restMs, onFailure } = this.#options;
    const isTransient = result.problem !== null && result.problem.status >= 500;
    const rest = Math.max(restMs, workMs * REST_PER_WORK, isTransient ? RETRY_MS : 0);
    live.restsUntil = performance.now() + rest;
    live.due = isTransient ? at.getTime() : nextMoment(live.query, result.zone, at).getTime();
    const isNews = live.result?.digest !== result.digest;
    live.result = result;
    if (result.problem === null) live.company = companyOf(live.query, live.scope, result.zone);
    if (isNews && isTransient) onFailure(result.problem);
    if (live.stale) this.#enqueue(live);
    if (isNews) for (const onResult of [...live.subscribers]) onResult(result);
  }
}

/** A brand's queries take turns with other brands'. */
function groupOf({ scope }: LiveQuery): string {
  return scope.brandId ?? 'all brands';
}

/** Brands of one zone that are asked the same can be computed in one go; the zone is known from the first answer on. */
function companyOf(query: KpiQuery, { brandId, isPlatform }: LiveScope, zone: string | null): string | null {
  return brandId === null || !canRunTogether(query) ? null : JSON.stringify([isPlatform, zone, query]);
}
