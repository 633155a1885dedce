// The only way requests reach ClickHouse. A reader is made for one brand, or for the platform, and can't be turned round:
// a brand's statements run as a user whose row policies admit the tenant named in a header that only this file sets.
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { CONNECTION_FAILURES } from '../connection-failure.ts';
import { Problem } from '../problem.ts';

export interface ReaderUrls {
  /** ClickHouse over HTTP with the credentials of `tenant_reader`. */
  readonly tenant: string;
  /** The same with those of `platform_reader`. */
  readonly platform: string;
}

export interface QueryLimits {
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly rowsToRead: number;
  readonly resultRows: number;
}

const defaultLimits: QueryLimits = {
  seconds: 15,
  memoryBytes: 1_000_000_000,
  rowsToRead: 1_000_000_000,
  resultRows: 100_000,
};

/** A statement with its values: `{name:Type}` in `sql` stands for `parameters[name]`, which is never pasted into the text. */
export interface Statement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Adds up what statements cost. */
export interface Cost {
  rowsRead: number;
}

/** Reads as one brand or as the platform. Rejects with a problem when ClickHouse is away or the statement costs too much. */
export interface ScopedReader {
  readonly tenantId: string | null;
  query<T>(statement: Statement, signal?: AbortSignal, cost?: Cost): Promise<T[]>;
}

/** The column by which rows that are read for several brands at once are told apart. */
export const BRAND_ID = 'brand_id';

/** Reads as several brands at once: the row policies admit exactly those. */
export interface BrandsReader {
  /**
   * The rows by brand, for statements that select `BRAND_ID`. Rejects, and gives nobody anything, when a row belongs to a brand
   * that is not among them.
   */
  query<T>(statement: Statement, signal?: AbortSignal, cost?: Cost): Promise<ReadonlyMap<string, T[]>>;
}

export interface AnalyticsReader {
  forBrand(tenantId: string): ScopedReader;
  forBrands(tenantIds: readonly string[]): BrandsReader;
  forPlatform(): ScopedReader;
  close(): Promise<void>;
}

/** Opens nothing until the first query. The caller closes it. */
export function createAnalyticsReader(urls: ReaderUrls, limits: Partial<QueryLimits> = {}): AnalyticsReader {
  const all = { ...defaultLimits, ...limits };
  // A brand's statement reads few rows from many parts: more threads only hand them to each other.
  const tenant = connect(urls.tenant, all, { max_threads: 1 });
  const platform = connect(urls.platform, all);
  return {
    forBrand: (tenantId) => {
      const headers = tenantHeader([tenantId]);
      return { tenantId, query: (statement, ...rest) => run(tenant, statement, headers, ...rest) };
    },
    forBrands: (tenantIds) => {
      const headers = tenantHeader(tenantIds);
      return {
        query: async <T>(statement: Statement, signal?: AbortSignal, cost?: Cost) =>
          byBrand<T>(await run(tenant, statement, headers, signal, cost), tenantIds),
      };
    },
    forPlatform: () => ({ tenantId: null, query: (statement, ...rest) => run(platform, statement, {}, ...rest) }),
    close: async () => {
      await Promise.all([tenant.close(), platform.close()]);
    },
  };
}

/** The header must hold ids and nothing else: it is what the row policies compare. */
function tenantHeader(tenantIds: readonly string[]): Record<string, string> {
  if (!tenantIds.every((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))) {
    throw new TypeError('not the id of a brand');
  }
  return { 'X-Tenant': tenantIds.join(',') };
}

function byBrand<T>(rows: readonly ({ [BRAND_ID]?: string } & T)[], tenantIds: readonly string[]): Map<string, T[]> {
  const brands = new Map(tenantIds.map((id) => [id, [] as T[]]));
  for (const row of rows) {
    const own = brands.get(row[BRAND_ID] ?? '');
    if (own === undefined) throw new Error('a row of a brand that nobody asked for');
    own.push(row);
  }
  return brands;
}

function connect(url: string, limits: QueryLimits, settings: ClickHouseSettings = {}): ClickHouseClient {
  return createClient({
    url,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    max_open_connections: 32,
    request_timeout: (limits.seconds + 5) * 1_000,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      max_execution_time: limits.seconds,
      max_memory_usage: String(limits.memoryBytes),
      max_rows_to_read: String(limits.rowsToRead),
      max_result_rows: String(limits.resultRows),
      result_overflow_mode: 'throw',
      // A statement whose client has gone is of no use to anybody.
      cancel_http_readonly_queries_on_client_close: 1,
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
      output_format_decimal_trailing_zeros: 1,
      join_use_nulls: 0,
      ...settings,
    },
  });
}

async function run<T>(
  client: ClickHouseClient,
  { sql, parameters }: Statement,
  headers: Record<string, string>,
  signal?: AbortSignal,
  cost?: Cost,
): Promise<T[]> {
  try {
    const result = await client.query({
      query: sql,
      query_params: { ...parameters },
      format: 'JSONEachRow',
      http_headers: headers,
      ...(signal ? { abort_signal: signal } : {}),
    });
    if (cost !== undefined) cost.rowsRead += rowsRead(result.response_headers['x-clickhouse-summary']);
    return await result.json<T>();
  } catch (error) {
    throw asProblem(error, signal);
  }
}

/** What the server had read when it began to answer, which is all for answers below a megabyte. */
function rowsRead(summary: string | string[] | undefined): number {
  const { read_rows = 0 } = typeof summary === 'string' ? (JSON.parse(summary) as { read_rows?: string }) : {};
  return Number(read_rows);
}

/** TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES: the statement's fault. */
const TOO_EXPENSIVE = new Set(['158', '159', '160', '307', '396']);
const MEMORY_LIMIT_EXCEEDED = '241';
/** UNKNOWN_TABLE, UNKNOWN_DATABASE: marts are made once the first copy of Postgres is there. */
const NOT_BUILT = new Set(['60', '81']);

function asProblem(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return error;
  if (error instanceof ClickHouseError) {
    // "(total)": the server as a whole is out of memory, which is nobody's query.
    const ownMemory = error.code === MEMORY_LIMIT_EXCEEDED && !error.message.includes('(total)');
    if (TOO_EXPENSIVE.has(error.code) || ownMemory) {
      return new Problem(
        'query-too-large',
        'The query reads or computes too much: narrow the time range or the slices.',
        {
          cause: error,
        },
      );
    }
    return error.code === MEMORY_LIMIT_EXCEEDED || NOT_BUILT.has(error.code) ? unavailable(error) : error;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const lost =
    CONNECTION_FAILURES.has(code) || (error instanceof Error && /socket hang up|timeout/i.test(error.message));
  return lost ? unavailable(error) : error;
}

function unavailable(cause: unknown): Problem {
  return new Problem('unavailable', 'The analytics store does not answer; try again shortly.', {
    cause,
    headers: { 'retry-after': '2' },
  });
}
