import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { provisionApiLogin } from '../../sql/api-login.ts';
import type { Database } from '../../sql/database-types.ts';
import { createAdminPool, surviveLostConnections, typeParsers } from '../../sql/postgres.ts';
import { BrandTurns } from './brand-turns.ts';
import { prepared, prepareMarked } from './prepared.ts';

/** Who is asking; goes into audit entries and events. */
export interface Actor {
  readonly userId?: string;
  readonly ip?: string;
  readonly userAgent?: string;
}

export interface TenantContext extends Actor {
  readonly tenantId: string;
  /** Id of a bulk import: per-row audit, event and stock triggers are off, the importer writes theirs in sets. */
  readonly importBatch?: string;
  /** Milliseconds a statement may take, 0 for no limit; default: that of the database. */
  readonly statementTimeoutMs?: number;
  /** An aborted request commits nothing, and what it runs in Postgres is cancelled; the work rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export type CommerceTransaction = Transaction<Database>;

/** The commerce database as requests see it. The only way to its tables outside of administrative work. */
export interface CommerceDatabase {
  /**
   * Runs `work` in one transaction as uco_app within one brand: row-level security shows its rows only. Commits when `work`
   * resolves, rolls back when it rejects. Role and context end with the transaction, whatever happens to it.
   */
  withTenant<T>(context: TenantContext, work: (trx: CommerceTransaction) => Promise<T>): Promise<T>;
  /** As withTenant, with the driver's own client, for COPY. It must not be used after `work` has settled. */
  withTenantClient<T>(context: TenantContext, work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Work of the platform across brands, such as creating one: no row-level security. Never for a brand's request. */
  asPlatform<T>(actor: Actor, work: (trx: CommerceTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface CommerceDatabaseOptions {
  /** Connections for brands; 10 by default. */
  readonly maxConnections?: number;
  /** Milliseconds a request waits for a free connection; 10 s by default. */
  readonly connectionTimeoutMs?: number;
  /** Of these, how many one brand may hold at a time; the others wait. Half of them by default. */
  readonly maxConnectionsPerBrand?: number;
  /** Requests of one brand that may wait for its turn; more are refused with 429. 500 by default. */
  readonly maxWaitingPerBrand?: number;
  /** Milliseconds a statement may take; 30 s by default. */
  readonly statementTimeoutMs?: number;
}

/** Opens the database at an administrative URL. Its migrations must have been applied. */
export async function openCommerceDatabase(
  adminUrl: string,
  options: CommerceDatabaseOptions = {},
): Promise<CommerceDatabase> {
  const timeout = options.statementTimeoutMs ?? 30_000;
  const max = options.maxConnections ?? 10;
  const turns = new BrandTurns({
    running: options.maxConnectionsPerBrand ?? Math.ceil(max / 2),
    waiting: options.maxWaitingPerBrand ?? 500,
  });
  const pool = new pg.Pool({
    connectionString: await provisionApiLogin(adminUrl),
    application_name: 'uco api',
    max,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    types: typeParsers,
  });
  surviveLostConnections(pool);
  pool.on('connect', prepareMarked);
  const adminPool = createAdminPool(adminUrl, { applicationName: 'uco platform', max: 6 });
  const brands = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const platform = new Kysely<Database>({ dialect: new PostgresDialect({ pool: adminPool }) });
  const cancellable = (signal: AbortSignal | undefined): Cancellable => ({
    signal,
    // By another connection: the one in question is busy.
    cancel: (pid) => adminPool.query('SELECT pg_cancel_backend($1)', [pid]),
  });
  return {
    withTenant: (context, work) =>
      turns.run(context.tenantId, context.signal, () =>
        inKysely(brands, tenantSettings(context, timeout), work, cancellable(context.signal)),
      ),
    withTenantClient: (context, work) =>
      turns.run(context.tenantId, context.signal, () =>
        inClient(pool, tenantSettings(context, timeout), work, cancellable(context.signal)),
      ),
    asPlatform: (actor, work) => inKysely(platform, actorSettings(actor, timeout), work),
    close: async () => {
      await Promise.all([brands.destroy(), platform.destroy()]);
    },
  };
}

/** As Postgres takes it: any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

type Settings = Readonly<Record<string, string>>;

function tenantSettings(context: TenantContext, statementTimeoutMs: number): Settings {
  return {
    ...actorSettings(context, context.statementTimeoutMs ?? statementTimeoutMs),
    role: 'uco_app',
    'app.current_tenant_id': uuid('tenantId', context.tenantId),
    'app.import_batch': context.importBatch === undefined ? '' : uuid('importBatch', context.importBatch),
  };
}

function actorSettings(actor: Actor, statementTimeoutMs: number): Settings {
  if (actor.ip !== undefined && isIP(actor.ip) === 0) throw new TypeError('ip is not an IP address');
  return {
    statement_timeout: String(statementTimeoutMs),
    // A request that died between two statements must not hold its locks.
    idle_in_transaction_session_timeout: '60000',
    'app.current_user_id': actor.userId === undefined ? '' : uuid('userId', actor.userId),
    'app.client_ip': actor.ip ?? '',
    // Postgres text holds no NUL; a header may.
    'app.user_agent': (actor.userAgent ?? '').replaceAll('\0', '').slice(0, 512),
  };
}

function uuid(name: string, value: string): string {
  if (!isUuid(value)) throw new TypeError(`${name} is not a UUID`);
  return value;
}

/** One statement that sets everything for this transaction only (`true` = local) and tells whose backend it is. */
function setLocal(settings: Settings): { text: string; values: string[] } {
  const entries = Object.entries(settings);
  const calls = entries.map((_entry, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
  const text = prepared(`context ${entries.length}`, `SELECT pg_backend_pid() AS pid, ${calls.join(', ')}`);
  return { text, values: entries.flat() };
}

interface Backend {
  readonly pid: number;
}

interface Cancellable {
  readonly signal: AbortSignal | undefined;
  /** Cancels what the backend runs now; nothing when it runs nothing. */
  readonly cancel: (pid: number) => Promise<unknown>;
}

const NEVER: Cancellable = { signal: undefined, cancel: async () => {} };

async function inKysely<T>(
  db: Kysely<Database>,
  settings: Settings,
  work: (trx: CommerceTransaction) => Promise<T>,
  cancellable: Cancellable = NEVER,
): Promise<T> {
  cancellable.signal?.throwIfAborted();
  return db.transaction().execute(async (trx) => {
    const { text, values } = setLocal(settings);
    const { rows } = await trx.executeQuery<Backend>(CompiledQuery.raw(text, values));
    return untilAborted(() => work(trx.withSchema('commerce')), rows[0], cancellable);
  });
}

async function inClient<T>(
  pool: pg.Pool,
  settings: Settings,
  work: (client: pg.ClientBase) => Promise<T>,
  cancellable: Cancellable,
): Promise<T> {
  cancellable.signal?.throwIfAborted();
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const { text, values } = setLocal(settings);
    const { rows } = await client.query<Backend>(text, values);
    const result = await untilAborted(() => work(client), rows[0], cancellable);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    // A connection whose transaction could not be ended is closed, not given to the next brand.
    client.release(broken);
  }
}

const CANCEL_AGAIN_MS = 200;

/** Runs `work`; from the moment the signal fires every statement of it is cancelled, and it rejects with the signal's reason. */
async function untilAborted<T>(
  work: () => Promise<T>,
  backend: Backend | undefined,
  { signal, cancel }: Cancellable,
): Promise<T> {
  if (!signal || !backend) return work();
  signal.throwIfAborted();
  const settled = new AbortController();
  const cancelAll = async () => {
    // Again and again: the first may have come between two statements.
    while (!settled.signal.aborted) {
      await cancel(backend.pid).catch(() => {});
      await sleep(CANCEL_AGAIN_MS, undefined, { signal: settled.signal }).catch(() => {});
    }
  };
  let cancelling: Promise<void> | undefined;
  const onAbort = () => {
    cancelling = cancelAll();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await work();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (cancelling !== undefined) {
      settled.abort();
      // One that is under way must have arrived before the connection serves somebody else.
      await cancelling;
    }
  }
}
