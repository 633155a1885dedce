import type { Log } from '../../runtime/log.ts';
import type { AnalyticsReader } from '../analytics/tenant-clickhouse.ts';
import { BriefCache } from '../brief-cache.ts';
import type { Readiness } from '../health.ts';
import { AlertBook } from './alert-book.ts';
import { alertsOf } from './alerts.ts';
import { detailsSchema, type Findings, findingsSchema, type InstanceState } from './instance.ts';
import { Pulse } from './pulse.ts';
import { type QuietBrand, quietBrands } from './quiet-brands.ts';
import type { TrafficWatch } from './traffic.ts';

/** Every look notes alerts and a beat. */
const LOOK_MS = 5_000;
/** Usual hours change slowly, and asking for them reads five weeks of orders. */
const QUIET_MS = 60_000;

export interface WatchOptions {
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** The stream's account of what waits and what differs; null when it does not answer. */
  readonly findings: () => Promise<unknown>;
  readonly reader: () => AnalyticsReader | null;
  readonly traffic: TrafficWatch;
  readonly now: () => Date;
  readonly log: Log;
}

export interface PlatformBrand {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly status: 'active' | 'suspended';
}

/** Looks at the instance every few seconds, whether or not anybody asks, so that alerts have a beginning and the last hour a course. */
export class PlatformWatch {
  readonly book = new AlertBook();
  readonly pulse = new Pulse();
  readonly #options: WatchOptions;
  readonly #slow = new BriefCache<QuietBrand[]>(QUIET_MS);
  readonly #brands = new BriefCache<PlatformBrand[]>(2_000);
  readonly #looks = new BriefCache<void>(LOOK_MS - 500);
  findings: Findings | null = null;
  instance: InstanceState = { reasons: [], services: [], stream: null };

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Looks until the signal fires. */
  start(signal: AbortSignal): void {
    const timer = setInterval(() => void this.look(), LOOK_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /** What holds now, or held a moment ago. Never rejects: what can't be read is left as it was. */
  look(): Promise<void> {
    return this.#looks.get('look', () => this.#look());
  }

  /** All brands by slug, suspended ones included. Rejects when the analytics store is away. */
  brands(): Promise<PlatformBrand[]> {
    return this.#brands.get('brands', async () => {
      const reader = this.#options.reader()?.forPlatform();
      if (reader === undefined) return [];
      const sql = 'SELECT toString(id) AS id, slug, name, currency, timezone, status FROM marts.tenants ORDER BY slug';
      return reader.query<PlatformBrand>({ sql, parameters: {} });
    });
  }

  async #look(): Promise<void> {
    const { now, readiness, traffic } = this.#options;
    const [ready, findings, quiet, brands] = await Promise.all([
      readiness(),
      this.#attempt(async () => findingsSchema.parse((await this.#options.findings()) ?? {}), this.findings),
      this.#attempt(() => this.#quiet(), []),
      this.#attempt(() => this.brands(), []),
      this.#attempt(() => traffic.look(), undefined),
    ]);
    const details = detailsSchema.safeParse(ready.details ?? {});
    this.instance = { reasons: ready.reasons, ...(details.data ?? { services: [], stream: null }) };
    this.findings = findings;
    const at = now();
    this.pulse.beat(this.instance.stream, at);
    const slugs = new Map(brands.map(({ id, slug }) => [id, slug]));
    const { instance, pulse } = this;
    this.book.note(alertsOf({ instance, findings, quiet, slugs, lastMoved: pulse.movedAt, now: at }), at);
  }

  #quiet(): Promise<QuietBrand[]> {
    const reader = this.#options.reader()?.forPlatform();
    // While figures do not move, silence is the stream's.
    const moves = this.instance.stream === null || ['live', 'idle'].includes(this.instance.stream.state);
    if (reader === undefined || !moves) return Promise.resolve([]);
    return this.#slow.get('quiet', () => quietBrands(reader, this.#options.now()));
  }

  async #attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#options.log.debug({ error: String(error) }, 'a look at the platform was incomplete');
      return otherwise;
    }
  }
}
