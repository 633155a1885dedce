import { Problem } from '../../problem.ts';
import type { AsOf } from '../as-of.ts';
import { type Asker, type Brand, findBrands } from '../asker.ts';
import { runQuery } from '../query.ts';
import type { KpiQuery } from '../request.ts';
import { runTogether } from '../run-together.ts';
import type { AnalyticsReader } from '../tenant-clickhouse.ts';
import { knownDigests } from './event-id.ts';
import { FigureStream } from './figure-stream.ts';
import { type Computation, type Computed, LiveQueries, type LiveScope, type Subscription } from './live-queries.ts';
import { MartsWatch, type Moved } from './marts-watch.ts';
import { StreamPlaces } from './stream-places.ts';

export interface LiveLimits {
  /** Streams at once, of all and of one user. */
  readonly streams: number;
  readonly streamsPerUser: number;
  /** Different queries at once. */
  readonly queries: number;
  /** Least milliseconds between two results of a query. */
  readonly restMs: number;
  /** Milliseconds between two looks whose marts moved. */
  readonly watchMs: number;
  /** A client that reads nothing for so long while something waits for it is dropped. */
  readonly slowMs: number;
  /** A silent stream says something after this. */
  readonly heartbeatMs: number;
  /** Whether a client may still ask is looked at this often. */
  readonly admitMs: number;
}

export const defaultLimits: LiveLimits = {
  streams: 2_000,
  streamsPerUser: 32,
  queries: 2_000,
  restMs: 250,
  watchMs: 100,
  slowMs: 20_000,
  heartbeatMs: 15_000,
  admitMs: 5_000,
};

export interface LiveFiguresOptions {
  readonly reader: () => AnalyticsReader | null;
  readonly now: () => Date;
  readonly limits: LiveLimits;
  /** Told of problems that are our own. */
  readonly onFailure: (problem: Problem | null) => void;
}

export interface OpenRequest {
  readonly asker: Asker;
  /** Whose streams are counted together. */
  readonly user: string;
  readonly queries: readonly KpiQuery[];
  readonly lastEventId: string | undefined;
  readonly mayStill: () => Promise<boolean>;
  /** Cuts the connection; null when there is none. */
  readonly cut: (() => void) | null;
}

interface OpenStream {
  readonly stream: FigureStream;
  readonly subscriptions: readonly Subscription[];
  readonly mayStill: () => Promise<boolean>;
  /** When that is to be asked again, on the monotonic clock. */
  admitAt: number;
}

const TICK_MS = 250;

/** Streams of figures: each query is computed when its brand's marts move, once for all who ask it. */
export class LiveFigures {
  readonly #options: LiveFiguresOptions;
  readonly #watch: MartsWatch;
  readonly #queries: LiveQueries;
  readonly #places: StreamPlaces;
  readonly #open = new Set<OpenStream>();
  /** Those that are told of movements, from before their first answers on, each with its brand; null: all of them. */
  readonly #told = new Map<FigureStream, string | null>();
  #brands = new Map<string, Brand>();
  #watching: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  /** Streams cut off because their clients did not read. */
  dropped = 0;

  constructor(options: LiveFiguresOptions) {
    this.#options = options;
    const { limits, reader, now, onFailure } = options;
    this.#watch = new MartsWatch({
      ...{ reader, now, everyMs: limits.watchMs },
      onMoved: (moved) => {
        if (moved === 'all') this.#brands = new Map();
        this.#queries.moved(moved);
        this.#tellMoved(moved);
      },
    });
    this.#queries = new LiveQueries({
      ...{ now, onFailure, restMs: limits.restMs, most: limits.queries },
      asOf: () => this.#watch.asOf(),
      compute: (computation) => this.#compute(computation),
    });
    this.#places = new StreamPlaces(limits.streams, limits.streamsPerUser);
  }

  get counts() {
    const { size, computed, computations } = this.#queries;
    return { streams: this.#open.size, queries: size, computed, computations, dropped: this.dropped };
  }

  /**
   * Resolves with the events once every query has its first answer. Rejects with the problem of a query that has none, with
   * `too-many-requests`, or with the signal's reason; the signal counts no longer once it has resolved.
   */
  async open(request: OpenRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    if (this.#closed) throw new Problem('unavailable', 'The service is stopping.', { headers: { 'retry-after': '2' } });
    const ends = [this.#places.take(request.user)];
    const end = () => {
      for (const endOne of ends) endOne();
      if (this.#places.taken === 0) this.#rest();
    };
    try {
      await this.#started();
      const stream = await this.#answered(request, ends, end, signal);
      if (this.#closed) stream.end('shutdown');
      return stream.body;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends every stream with a farewell and takes no more. */
  close(): void {
    this.#closed = true;
    for (const { stream } of this.#open) stream.end('shutdown');
  }

  async #answered(
    { asker, queries, lastEventId, mayStill, cut }: OpenRequest,
    ends: (() => void)[],
    end: () => void,
    signal: AbortSignal,
  ): Promise<FigureStream> {
    const scope: LiveScope = { isPlatform: asker.isPlatform, brandId: asker.brand?.id ?? null };
    const known = knownDigests(lastEventId, queries.length);
    const onEnd = () => {
      this.#open.delete(open);
      end();
    };
    const { heartbeatMs, admitMs } = this.#options.limits;
    const stream = new FigureStream({ known, cut, heartbeatMs, onEnd });
    this.#told.set(stream, scope.brandId);
    ends.push(() => this.#told.delete(stream));
    const subscriptions: Subscription[] = [];
    const open: OpenStream = { stream, subscriptions, mayStill, admitAt: performance.now() + admitMs };
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const whenAnswered = () => {
        if (subscriptions.length === queries.length && subscriptions.every(({ result }) => result !== null)) resolve();
      };
      for (const [index, query] of queries.entries()) {
        const subscription = this.#queries.subscribe(query, scope, (result) => {
          stream.offer(index, result);
          whenAnswered();
        });
        subscriptions.push(subscription);
        ends.push(() => subscription.end());
        if (subscription.result !== null) stream.offer(index, subscription.result);
      }
      whenAnswered();
    });
    for (const [index, { result }] of subscriptions.entries()) {
      if (result?.problem) throw ofQuery(index, result.problem);
    }
    this.#open.add(open);
    stream.offerAsOf(this.#asOf(open));
    return stream;
  }

  #tellMoved(moved: Moved): void {
    const { position } = this.#watch.asOf();
    for (const [stream, brandId] of this.#told) {
      if (position !== null && (moved === 'all' || brandId === null || moved.has(brandId))) stream.offerMoved(position);
    }
  }

  #started(): Promise<void> {
    this.#watching ??= this.#watch.start();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return this.#watching;
  }

  /** Nobody is here: nothing is looked at. */
  #rest(): void {
    this.#watch.stop();
    this.#watching = null;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#brands = new Map();
  }

  #tick(): void {
    this.#queries.tick();
    for (const open of this.#open) {
      if (open.stream.waitedMs() > this.#options.limits.slowMs) {
        this.dropped++;
        open.stream.drop();
        continue;
      }
      open.stream.offerAsOf(this.#asOf(open));
      if (performance.now() >= open.admitAt) void this.#admit(open);
    }
  }

  async #admit(open: OpenStream): Promise<void> {
    open.admitAt = Number.POSITIVE_INFINITY;
    if (!(await open.mayStill())) open.stream.end('access-ended');
    open.admitAt = performance.now() + this.#options.limits.admitMs;
  }

  /** What all figures of a stream reflect: the latest position only when none of them is being computed. */
  #asOf({ subscriptions }: OpenStream): AsOf {
    const latest = this.#watch.asOf();
    if (subscriptions.every(({ isCurrent }) => isCurrent)) return latest;
    const all = subscriptions.flatMap(({ result }) => result?.asOf ?? []);
    const oldest = all.reduce((left, right) => ((left.commitTime ?? '') <= (right.commitTime ?? '') ? left : right));
    return { ...oldest, state: latest.state };
  }

  async #compute({ query, scopes, asOf, at, signal }: Computation): Promise<Computed> {
    const readers = this.#options.reader();
    if (readers === null) throw new Problem('unavailable', 'The analytics store is away.');
    const brandIds = scopes.flatMap(({ brandId }) => brandId ?? []);
    const brands = await this.#known(brandIds, readers, signal);
    const isPlatform = scopes.every((scope) => scope.isPlatform);
    const cost = { rowsRead: 0 };
    if (scopes.length > 1) {
      const known = brandIds.flatMap((id) => brands.get(id) ?? []);
      const outcomes = await runTogether(query, known, { isPlatform, readers, asOf, now: at, signal, cost });
      const byBrand = new Map(known.map(({ id }, index) => [id, outcomes[index]]));
      return { outcomes: brandIds.map((id) => byBrand.get(id) ?? { status: 'rejected', reason: gone() }), ...cost };
    }
    const [id = null] = brandIds;
    const brand = id === null ? null : (brands.get(id) ?? null);
    if (id !== null && brand === null) throw gone();
    const reader = id === null ? readers.forPlatform() : readers.forBrand(id);
    const value = await runQuery(query, { isPlatform, brand, reader, asOf }, at, signal, cost);
    return { outcomes: [{ status: 'fulfilled', value }], ...cost };
  }

  /** Those of the brands that are there. */
  async #known(ids: readonly string[], readers: AnalyticsReader, signal: AbortSignal): Promise<Map<string, Brand>> {
    const brands = this.#brands;
    const missing = ids.filter((id) => !brands.has(id));
    // Into the map of before: what was read while brands changed is forgotten with it.
    if (missing.length > 0) for (const brand of await findBrands(readers, missing, signal)) brands.set(brand.id, brand);
    return brands;
  }
}

function gone(): Problem {
  return new Problem('not-found', 'The brand is no longer known here.');
}

/** The problem of one query among several, its paths leading there. */
function ofQuery(index: number, { type, message, errors, headers, cause }: Problem): Problem {
  return new Problem(type, message, {
    errors: errors.map(({ path, message }) => ({ path: `query[${index}].${path}`, message })),
    ...{ headers, cause },
  });
}
