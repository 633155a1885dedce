import type { Registry } from 'prom-client';

export interface ApiTraffic {
  /** Since the look before; null at the first. */
  readonly requestsPerSecond: number | null;
  /** 95 of 100 answers took at most so long; null without requests. From the buckets of the histogram, so rounded up. */
  readonly p95Ms: number | null;
  /** Open streams of live figures. */
  readonly streams: number;
}

/** How the API itself does, from its own metrics. Streams are left out of times: they last as long as somebody looks. */
export class TrafficWatch {
  readonly #registry: Registry;
  #before: { readonly at: number; readonly buckets: Map<number, number> } | null = null;
  latest: ApiTraffic = { requestsPerSecond: null, p95Ms: null, streams: 0 };

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Looks at what happened since the last look. */
  async look(): Promise<void> {
    const buckets = await this.#buckets();
    const [at, before] = [performance.now(), this.#before];
    this.#before = { at, buckets };
    const [streams] = (await this.#registry.getSingleMetric('uco_live_streams')?.get())?.values ?? [];
    if (before === null) return;
    const since = new Map([...buckets].map(([le, count]) => [le, count - (before.buckets.get(le) ?? 0)]));
    const all = since.get(Number.POSITIVE_INFINITY) ?? 0;
    const within = [...since].sort(([a], [b]) => a - b).find(([, count]) => count >= all * 0.95)?.[0];
    this.latest = {
      requestsPerSecond: Math.round((all / ((at - before.at) / 1_000)) * 10) / 10,
      p95Ms: all === 0 || within === undefined || !Number.isFinite(within) ? null : within * 1_000,
      streams: streams?.value ?? 0,
    };
  }

  /** Upper bound in seconds → requests that took no longer, over all endpoints. */
  async #buckets(): Promise<Map<number, number>> {
    const metric = await this.#registry.getSingleMetric('uco_api_request_seconds')?.get();
    const found = new Map<number, number>();
    for (const { value, labels } of metric?.values ?? []) {
      const { le, path } = labels as { le?: number | string; path?: string };
      if (le === undefined || path?.endsWith('/stream')) continue;
      const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      found.set(bound, (found.get(bound) ?? 0) + value);
    }
    return found;
  }
}
