import { Problem } from '../../problem.ts';
import type { AsOf } from '../as-of.ts';
import type { KpiAnswer } from '../query.ts';
import type { KpiQuery } from '../request.ts';
import { FairQueue } from './fair-queue.ts';
import { figuresResult, type LiveResult, problemResult } from './live-result.ts';
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

export interface LiveQueriesOptions {
  /** Computes an answer as of `at`; `asOf` was read before. Rejects with problems. */
  readonly compute: (
    query: KpiQuery,
    scope: LiveScope,
    asOf: AsOf,
    at: Date,
    signal: AbortSignal,
  ) => Promise<KpiAnswer>;
  readonly asOf: () => AsOf;
  readonly now: () => Date;
  /** Told of problems that are our own. */
  readonly onFailure: (problem: Problem | null) => void;
  /** Least milliseconds between two results of a query. */
  readonly restMs: number;
  /** Most different queries at once. */
  readonly most: number;
}

/** Computations at once, and of one brand: the others always have a place left. ClickHouse is what they wait for. */
const AT_ONCE = 3;
const AT_ONCE_PER_BRAND = 2;
/** A query that takes long rests longer, so that its share stays bounded. */
const REST_PER_WORK = 2;
const COMPUTE_TIMEOUT_MS = 20_000;
/** An answer is sent to many, and kept: a dashboard's is a few kB. */
const MOST_BYTES = 256 * 1_024;
const RETRY_MS = 2_000;

interface LiveQuery {
  readonly key: string;
  readonly query: KpiQuery;
  readonly scope: LiveScope;
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
  readonly #running = new Map<string, number>();
  #runningCount = 0;
  /** Computations since the start. */
  computed = 0;

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
      ...{ key, query, scope },
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
    const rest = live.restsUntil - performance.now();
    if (rest > 0) {
      live.resting = setTimeout(() => {
        live.resting = null;
        this.#enqueue(live);
      }, rest);
      return;
    }
    this.#queue.push(groupOf(live), live);
    this.#work();
  }

  #work(): void {
    while (this.#runningCount < AT_ONCE) {
      const live = this.#queue.take((group) => (this.#running.get(group) ?? 0) < AT_ONCE_PER_BRAND);
      if (live === null) return;
      void this.#run(live);
    }
  }

  async #run(live: LiveQuery): Promise<void> {
    const group = groupOf(live);
    this.#runningCount++;
    this.#running.set(group, (this.#running.get(group) ?? 0) + 1);
    live.running = true;
    live.stale = false;
    const [begun, at] = [performance.now(), this.#options.now()];
    const result = await this.#compute(live, at);
    live.running = false;
    this.#runningCount--;
    const left = (this.#running.get(group) ?? 1) - 1;
    if (left === 0) this.#running.delete(group);
    else this.#running.set(group, left);
    if (live.subscribers.size > 0) this.#publish(live, result, at, performance.now() - begun);
    this.#work();
  }

  async #compute({ key, query, scope }: LiveQuery, at: Date): Promise<LiveResult> {
    const asOf = this.#options.asOf();
    try {
      this.computed++;
      const signal = AbortSignal.timeout(COMPUTE_TIMEOUT_MS);
      const result = figuresResult(key, await this.#options.compute(query, scope, asOf, at, signal));
      return result.members.length > MOST_BYTES ? problemResult(key, tooLarge(), asOf) : result;
    } catch (error) {
      return problemResult(key, error instanceof Problem ? error : unexpected(error), asOf);
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
    if (isNews && isTransient) onFailure(result.problem);
    if (live.stale) this.#enqueue(live);
    if (isNews) for (const onResult of [...live.subscribers]) onResult(result);
  }
}

/** A brand's queries take turns with other brands'. */
function groupOf({ scope }: LiveQuery): string {
  return scope.brandId ?? 'all brands';
}

function tooLarge(): Problem {
  const message = `a live answer may have ${MOST_BYTES} bytes: take fewer dimensions, a coarser grain or a limit`;
  return new Problem('query-too-large', message, { errors: [{ path: 'dimensions', message }] });
}

function unexpected(cause: unknown): Problem {
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
  return isTimeout
    ? new Problem('unavailable', 'The query took too long; it is tried again.', { cause })
    : new Problem('internal', 'Something went wrong; it is tried again.', { cause });
}
