// What the tests of live figures are written in: brands and orders through the real path, and a client that remembers events.
import { createParser } from 'eventsource-parser';
import { createLog } from '../../../runtime/log.ts';
import { startTestInstance, type TestInstance } from '../../../runtime/testing.ts';
import { type AdminPool, createAdminPool } from '../../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../../sql/sample-brand.ts';
import type { Role } from '../../auth/roles.ts';
import { mintToken } from '../../auth/token.ts';
import { type ApiDependencies, createApi } from '../../server.ts';
import { TEST_SECRET } from '../../testing.ts';
import type { AsOf } from '../as-of.ts';
import type { KpiAnswer } from '../query.ts';
import { type AnalyticsReader, createAnalyticsReader } from '../tenant-clickhouse.ts';
import type { LiveLimits } from './live-figures.ts';

export interface Figures extends KpiAnswer {
  readonly query: number;
}

export interface LiveEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads a stream in the background and remembers what came. */
export class Events {
  readonly all: LiveEvent[] = [];
  readonly comments: string[] = [];
  readonly retries: number[] = [];
  /** Resolves when the stream has ended; true when it ended cleanly. */
  readonly ended: Promise<boolean>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #changed: () => void = () => {};

  constructor(response: Response) {
    if (response.body === null || response.status !== 200) throw new Error(`no stream: ${response.status}`);
    this.#reader = response.body.getReader();
    this.ended = this.#read();
  }

  /** Figures of a query, in the order they came. */
  figures(query = 0): Figures[] {
    return this.all
      .filter(({ event }) => event === 'figures')
      .map(({ data }) => JSON.parse(data) as Figures)
      .filter((figures) => figures.query === query);
  }

  asOfs(): AsOf[] {
    return this.all.filter(({ event }) => event === 'as-of').map(({ data }) => JSON.parse(data) as AsOf);
  }

  /** Resolves when what has come satisfies the condition. */
  async until(holds: (events: Events) => boolean, what = 'the condition', timeoutMs = 40_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!holds(this)) {
      if (Date.now() > end) throw new Error(`${what} did not come to hold; events: ${JSON.stringify(this.all)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        setTimeout(resolve, 200);
      });
    }
  }

  lastId(): string | undefined {
    return this.all.findLast(({ id }) => id !== undefined)?.id;
  }

  async leave(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.ended;
  }

  async #read(): Promise<boolean> {
    const parser = createParser({
      onEvent: ({ event = 'message', id, data }) => this.all.push({ event, id, data }),
      onComment: (comment) => this.comments.push(comment),
      onRetry: (retry) => this.retries.push(retry),
    });
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return true;
        parser.feed(decoder.decode(value, { stream: true }));
        this.#changed();
      }
    } catch {
      return false;
    } finally {
      this.#changed();
    }
  }
}

export interface Watching {
  readonly brand?: SampleBrand;
  readonly role?: Role;
  readonly subject?: string;
  readonly lastEventId?: string;
  /** Life of the token. */
  readonly ttl?: string;
}

export interface LiveApi {
  readonly app: ReturnType<typeof createApi>;
  /** One of the API's gauges, such as `computed`. */
  gauge(name: string): Promise<number>;
  get(path: string, watching: Watching): Promise<Response>;
  /** Opens a stream of queries; rejects when it does not start. */
  watch(queries: object | readonly object[], watching: Watching): Promise<Events>;
}

export interface LiveTest {
  readonly instance: TestInstance;
  readonly admin: AdminPool;
  readonly reader: AnalyticsReader;
  readonly dependencies: ApiDependencies;
  brand(slug: string): Promise<SampleBrand>;
  /** Commits an order of one line worth `price`. */
  order(brand: SampleBrand, order?: { currency?: string; price?: number; channel?: string }): Promise<void>;
  api(limits?: Partial<LiveLimits>, now?: () => Date): LiveApi;
  stop(): Promise<void>;
}

export function streamPath(queries: object | readonly object[]): string {
  const list = Array.isArray(queries) ? queries : [queries];
  return `/api/v1/kpis/stream?${list.map((query) => `query=${encodeURIComponent(JSON.stringify(query))}`).join('&')}`;
}

export async function headersOf({ brand, role, subject, lastEventId, ttl }: Watching): Promise<Record<string, string>> {
  const token = await mintToken({
    role: role ?? 'brand_manager',
    secret: TEST_SECRET,
    ...(brand && role !== 'executive' ? { tenant: brand.tenantId } : {}),
    ...(subject ? { subject } : {}),
    ...(ttl ? { ttl } : {}),
  });
  return { authorization: `Bearer ${token}`, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) };
}

/** Engines and the stream; what is committed travels to the figures. */
export async function startLiveTest(): Promise<LiveTest> {
  const instance = await startTestInstance();
  const { tenantReader, platformReader } = instance;
  const reader = createAnalyticsReader({ tenant: tenantReader.url, platform: platformReader.url });
  const admin = createAdminPool(instance.postgresUrl);
  const dependencies: ApiDependencies = {
    secret: TEST_SECRET,
    reader: () => reader,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
  };
  let orders = 0;
  return {
    ...{ instance, admin, reader, dependencies },
    brand: async (slug) => {
      const client = await admin.connect();
      try {
        return await createSampleBrand(client, slug);
      } finally {
        client.release();
      }
    },
    order: async (brand, { currency = 'GBP', price = 10, channel = 'web' } = {}) => {
      await admin.query(
        `WITH placed AS (
           INSERT INTO commerce.orders (tenant_id, order_number, currency, channel)
           VALUES ($1, $2, $3, $4) RETURNING tenant_id, id
         )
         INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
         SELECT tenant_id, id, 1, $5, 'TEA-1', 1, $6 FROM placed`,
        [brand.tenantId, `live-${++orders}`, currency, channel, brand.variantId, price],
      );
    },
    api: (limits, now) => liveApi({ ...dependencies, liveLimits: limits, now }),
    stop: async () => {
      await Promise.all([admin.end(), reader.close()]);
      await instance.stop();
    },
  };
}

function liveApi(dependencies: ApiDependencies): LiveApi {
  const app = createApi(dependencies);
  const api: LiveApi = {
    app,
    gauge: async (name) => {
      const text = await (await app.request('/metrics')).text();
      return Number(new RegExp(`^uco_live_${name} (\\S+)$`, 'm').exec(text)?.[1]);
    },
    get: async (path, watching) => app.request(path, { headers: await headersOf(watching) }),
    watch: async (queries, watching) => {
      const response = await api.get(streamPath(queries), watching);
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
      return new Events(response);
    },
  };
  return api;
}
