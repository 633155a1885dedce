import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';

export type { ClickHouseClient } from '@clickhouse/client';
export { ClickHouseError } from '@clickhouse/client';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The administrative ClickHouse client: the only way in for migrations, ingestion, transforms and verify (requests of
 * brands go through the tenant-scoped reader instead). `url` carries user and password. The caller closes it.
 */
export function createClickHouse(url: string, settings: ClickHouseSettings = {}): ClickHouseClient {
  const remote = !LOOPBACK.has(new URL(url).hostname);
  return createClient({
    url,
    compression: { request: remote, response: remote },
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    max_open_connections: 16,
    // A rebuild of everything is one statement per model; a stalled engine is noticed by the progress it does not make.
    request_timeout: 600_000,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      // Our batches are already large: queuing them in the server would acknowledge before they are stored.
      async_insert: 0,
      output_format_decimal_trailing_zeros: 1,
      // As JSON numbers they would lose digits.
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
      ...settings,
    },
  });
}

export interface TsvInsert {
  /** Qualified and trusted: `raw.orders`. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Whole rows, TabSeparated, each ended by a newline; a chunk may end anywhere. */
  readonly chunks: readonly Buffer[];
  readonly settings?: ClickHouseSettings;
}

/** Inserts prepared TabSeparated bytes; resolves when they are stored (fsynced where the table says so). */
export async function insertTsv(client: ClickHouseClient, insert: TsvInsert): Promise<void> {
  await client.insert({
    table: insert.table,
    columns: insert.columns.map(quoteIdentifier) as [string, ...string[]],
    format: 'TabSeparated',
    values: Readable.from(insert.chunks, { objectMode: false }),
    clickhouse_settings: {
      // One block per insert: a refused row then refuses all of it, and no half of it is stored twice.
      max_insert_block_size: '10000000',
      min_insert_block_size_rows: '10000000',
      ...insert.settings,
    },
  });
}

/** All rows of a query as objects; 64-bit integers and decimals come as strings. For small answers. */
export async function queryRows<T>(
  client: ClickHouseClient,
  query: string,
  parameters: Record<string, unknown> = {},
): Promise<T[]> {
  const result = await client.query({ query, format: 'JSONEachRow', query_params: parameters });
  return result.json<T>();
}

/** A table or column name as ClickHouse reads it back. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** A string literal. */
export function quoteString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
