// The commerce API over a real Postgres with two brands: what the tests of its endpoints are written in.
import { createLog } from '../../runtime/log.ts';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { migratePostgres } from '../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../sql/postgres.ts';
import type { Role } from '../auth/roles.ts';
import { mintToken } from '../auth/token.ts';
import { type ApiDependencies, createApi } from '../server.ts';
import { type CommerceDatabase, type CommerceDatabaseOptions, openCommerceDatabase } from './database.ts';
import { createTenant, type Tenant } from './tenants.ts';

export const COMMERCE_TEST_SECRET = 'a key for tests of the commerce API, long enough';

/** Default: the brand_admin of `atlas`. A platform role has no brand: name one in the header x-tenant-id. */
export interface Caller {
  readonly role?: Role;
  readonly brand?: 'atlas' | 'borea';
  /** Id of the user. */
  readonly subject?: string;
}

export interface Call {
  readonly as?: Caller;
  /** Sent as JSON; text is sent as it stands. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  /** Of a 2xx or a problem document. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it as a whole
  readonly body: any;
  /** '' when there is none. */
  readonly etag: string;
}

export interface CommerceTest {
  readonly engines: TestEngines;
  readonly admin: AdminClient;
  readonly database: CommerceDatabase;
  readonly api: ReturnType<typeof createApi>;
  /** EUR, Europe/Berlin. */
  readonly atlas: Tenant;
  /** GBP, Europe/London. */
  readonly borea: Tenant;
  /** `path` begins after /api/v1: `/products?limit=1`. */
  call(method: string, path: string, call?: Call): Promise<Called>;
  /** As `call`, and throws unless the answer is a 2xx: for what a test needs but is not about. */
  must(method: string, path: string, call?: Call): Promise<Called>;
  stop(): Promise<void>;
}

export interface CommerceTestOptions {
  /** Engines that are migrated already and ended by the caller, such as those of a running stream. */
  readonly engines?: TestEngines;
  readonly database?: CommerceDatabaseOptions;
  readonly api?: Partial<ApiDependencies>;
}

export async function startCommerceTest(options: CommerceTestOptions = {}): Promise<CommerceTest> {
  const engines = options.engines ?? (await startTestEngines());
  if (options.engines === undefined) await migratePostgres(engines.postgresUrl);
  const admin = await connectAdmin(engines.postgresUrl);
  const database = await openCommerceDatabase(engines.postgresUrl, options.database);
  const brand = (slug: string, currency: string, timezone: string) =>
    createTenant(database, { slug, name: slug, currency, timezone });
  const brands = {
    atlas: await brand('atlas', 'EUR', 'Europe/Berlin'),
    borea: await brand('borea', 'GBP', 'Europe/London'),
  };
  const api = createApi({
    secret: COMMERCE_TEST_SECRET,
    reader: () => null,
    commerce: () => database,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
    ...options.api,
  });
  const test: CommerceTest = {
    engines,
    admin,
    database,
    api,
    ...brands,
    call: async (method, path, { as = {}, body, headers } = {}) => {
      const response = await api.request(`/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await tokenOf(as, brands)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? null : JSON.parse(text),
        etag: response.headers.get('etag') ?? '',
      };
    },
    must: async (method, path, call) => {
      const called = await test.call(method, path, call);
      if (called.status >= 200 && called.status < 300) return called;
      throw new Error(`${method} ${path}: ${called.status} ${JSON.stringify(called.body)}`);
    },
    stop: async () => {
      await database.close();
      await admin.end();
      if (options.engines === undefined) await engines.stop();
    },
  };
  return test;
}

/** The access token of a caller. */
export function tokenOf(
  { role = 'brand_admin', brand = 'atlas', subject }: Caller,
  brands: { readonly atlas: Tenant; readonly borea: Tenant },
): Promise<string> {
  const platform = role === 'platform_admin' || role === 'executive';
  return mintToken({
    role,
    secret: COMMERCE_TEST_SECRET,
    ...(platform ? {} : { tenant: brands[brand].id }),
    ...(subject === undefined ? {} : { subject }),
  });
}
