// The API over everything real, with two brands in it: what the fuzz tests run against.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type AnalyticsReader, createAnalyticsReader } from '../../api/analytics/tenant-clickhouse.ts';
import type { Role } from '../../api/auth/roles.ts';
import { mintToken } from '../../api/auth/token.ts';
import { type CommerceDatabase, openCommerceDatabase } from '../../api/commerce/database.ts';
import { createApi } from '../../api/server.ts';
import { startTestInstance } from '../../runtime/testing.ts';
import { type AdminPool, connectAdmin, createAdminPool } from '../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../sql/sample-brand.ts';
import type { Document } from './operations.ts';

const SECRET = 'the key of the fuzzed instance, 32 bytes or more';
/** The longest a stream is read. */
const STREAM_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface World {
  readonly document: Document;
  readonly admin: AdminPool;
  readonly reader: AnalyticsReader;
  readonly brands: { readonly a: SampleBrand; readonly b: SampleBrand };
  /** Everything the API has logged since the last call. */
  takeLog(): string;
  token(role: Role, tenantId?: string): Promise<string>;
  readonly commerce: CommerceDatabase;
  /** Sends a request; a stream that does not end is left once each of its queries has been answered, or after ten seconds. */
  send(call: Call): Promise<Answer>;
  /** As `send`, to an API of its own that reads the figures through `reader`. */
  sendReading(reader: AnalyticsReader): World['send'];
  /** As `send`, but the stream stays open until `leave`. */
  watch(call: Call): Promise<{ readonly answer: Answer; leave(): Promise<void> }>;
  /** Resolves when what was committed is visible in the figures. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

/** Brands `atlas` and `borea`, each with a row in every table. */
export async function startWorld(): Promise<World> {
  const instance = await startTestInstance();
  const commerce = await openCommerceDatabase(instance.postgresUrl);
  const client = await connectAdmin(instance.postgresUrl);
  const brands = { a: await createSampleBrand(client, 'atlas'), b: await createSampleBrand(client, 'borea') };
  await client.end();
  const { tenantReader, platformReader } = instance;
  const reader = createAnalyticsReader({ tenant: tenantReader.url, platform: platformReader.url });
  let logged = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const apiReading = (reader: AnalyticsReader) =>
    createApi({
      secret: SECRET,
      reader: () => reader,
      commerce: () => commerce,
      readiness: () => ({ reasons: [] }),
      log: pino({ level: 'debug' }, sink),
    });
  const api = apiReading(reader);
  const admin = createAdminPool(instance.postgresUrl);
  const world: World = {
    document: (await (await api.request('/openapi.json')).json()) as Document,
    admin,
    reader,
    commerce,
    brands,
    takeLog: () => {
      const text = logged;
      logged = '';
      return text;
    },
    token: (role, tenant) => mintToken({ role, secret: SECRET, ttl: '1d', ...(tenant ? { tenant } : {}) }),
    send: (call) => send(api, call),
    sendReading: (through) => {
      const own = apiReading(through);
      return (call) => send(own, call);
    },
    watch: (call) => watch(api, call),
    drained: () => instance.stream.drained(),
    stop: async () => {
      await Promise.all([admin.end(), reader.close(), commerce.close()]);
      await instance.stop();
    },
  };
  return world;
}

type Api = ReturnType<typeof createApi>;

async function send(api: Api, call: Call): Promise<Answer> {
  const { answer, leave } = await watch(api, call);
  await leave();
  return answer;
}

async function watch(api: Api, { method, url, headers, body }: Call): ReturnType<World['watch']> {
  const leaving = new AbortController();
  const response = await api.request(url, { method, headers, body, signal: leaving.signal });
  const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
  const reader = response.body?.getReader();
  const queries = isStream ? new URL(url, 'http://x').searchParams.getAll('query').length : Number.POSITIVE_INFINITY;
  const text = reader === undefined ? '' : await read(reader, queries, isStream ? STREAM_MS : null);
  const leave = async () => {
    if (isStream) await reader?.cancel().catch(() => {});
    leaving.abort();
  };
  return { answer: { status: response.status, headers: response.headers, text }, leave };
}

/** Reads to the end, until so many answers of live queries have come, or for `ms`. */
async function read(reader: ReadableStreamDefaultReader<Uint8Array>, answers: number, ms: number | null) {
  const decoder = new TextDecoder();
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<null>((resolve) => {
    if (ms !== null) timer = setTimeout(resolve, ms, null);
  });
  for (let seen = 0; seen < answers; seen = text.match(/^event: (figures|problem)$/gm)?.length ?? 0) {
    const chunk = await (ms === null ? reader.read() : Promise.race([reader.read(), timeUp]));
    if (chunk === null || chunk.done) break;
    text += decoder.decode(chunk.value, { stream: true });
  }
  clearTimeout(timer);
  return text;
}

/** How many requests and with which seed; `FUZZ_REQUESTS` and `FUZZ_SEED` say otherwise. In CI the seed is always the same. */
export function fuzzSize(requests: number): { readonly requests: number; readonly seed: number } {
  const { CI, FUZZ_REQUESTS, FUZZ_SEED } = process.env;
  return {
    requests: FUZZ_REQUESTS ? Number(FUZZ_REQUESTS) : requests,
    seed: Number(FUZZ_SEED ?? (CI ? 4 : Math.floor(Math.random() * 2 ** 31))),
  };
}

export function replay(file: string, { requests, seed }: { requests: number; seed: number }): string {
  return `replay: FUZZ_SEED=${seed} FUZZ_REQUESTS=${requests} npx vitest run ${file}`;
}
