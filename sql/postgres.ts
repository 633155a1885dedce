import pg from 'pg';

/**
 * Administrative connections to Postgres: they bypass row-level security, so no request of a brand may ever reach one.
 * Requests go through `withTenant` of api/commerce/database.ts.
 */
export interface AdminConnectionOptions {
  /** Shows up in pg_stat_activity. */
  readonly applicationName?: string;
  /** Milliseconds until a connection attempt fails; 10 s by default. */
  readonly connectTimeoutMs?: number;
}

const INT8 = 20;
const DATE = 1082;

/**
 * Values as the rest of the program expects them: a `date` stays `2011-01-31` (pg would make it midnight in the zone of
 * this machine) and a bigint stays its decimal text.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === DATE || oid === INT8 ? (value: string) => value : pg.types.getTypeParser(oid, (format ?? 'text') as 'text'),
};

function connectionConfig(url: string, options: AdminConnectionOptions) {
  return {
    connectionString: url,
    application_name: options.applicationName ?? 'uco',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    types: typeParsers,
  };
}

/** A connected administrative client. The caller ends it. */
export async function connectAdmin(url: string, options: AdminConnectionOptions = {}): Promise<pg.Client> {
  const client = new pg.Client(connectionConfig(url, options));
  // A connection that breaks while idle emits 'error'; the next query rejects and tells the caller, so the process must not die.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A pool of administrative connections. The caller ends it. */
export function createAdminPool(url: string, options: AdminConnectionOptions & { max?: number } = {}): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(url, options), max: options.max ?? 4 });
  surviveLostConnections(pool);
  return pool;
}

/**
 * Keeps the process alive when the server ends connections: pg emits 'error' for an idle one on the pool, for a borrowed one
 * on the client itself, where nobody listens. Whoever uses it gets the error from the next query.
 */
export function surviveLostConnections(pool: pg.Pool): void {
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
}

export type { Client as AdminClient, Pool as AdminPool, PoolClient as AdminPoolClient } from 'pg';
