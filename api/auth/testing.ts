// The API over real engines, with people who sign in: what the tests of sign-in, users and keys are written in.
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { Registry } from 'prom-client';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { migratePostgres } from '../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../sql/postgres.ts';
import { type CommerceDatabase, openCommerceDatabase } from '../commerce/database.ts';
import { createTenant, type Tenant } from '../commerce/tenants.ts';
import { createUser } from '../commerce/users/users.ts';
import { createApi } from '../server.ts';
import type { Role } from './roles.ts';
import { mintToken } from './token.ts';

export const AUTH_SECRET = 'the signing key of a test, 32 bytes long';
/** Addresses of proxies that the API trusts. */
export const TEST_PROXIES = '10.0.0.0/8';
export const PASSWORD = 'a password for tests only';

export interface Call {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address of the other end; none when left out. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint answers
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

export interface AuthTest {
  readonly engines: TestEngines;
  readonly admin: AdminClient;
  readonly database: CommerceDatabase;
  /** Two brands, `atlas` and `borea`. */
  readonly brands: { readonly atlas: Tenant; readonly borea: Tenant };
  readonly registry: Registry;
  /** All that the API logged. */
  logged(): string;
  call(path: string, call?: Call): Promise<Answer>;
  /** Somebody who can sign in with PASSWORD; returns the id. */
  user(email: string, role: Role, tenantId: string | null): Promise<string>;
  /** A token of the command line: of a brand role when a brand is given. */
  token(role: Role, tenant?: Tenant): Promise<string>;
  /** Tokens of a new session. */
  signIn(email: string, more?: Record<string, unknown>): Promise<{ accessToken: string; refreshToken: string }>;
  stop(): Promise<void>;
}

export async function startAuthTest(): Promise<AuthTest> {
  const engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  const admin = await connectAdmin(engines.postgresUrl);
  const database = await openCommerceDatabase(engines.postgresUrl);
  const brand = (slug: string) => createTenant(database, { slug, name: slug, currency: 'EUR', timezone: 'UTC' });
  const brands = { atlas: await brand('atlas'), borea: await brand('borea') };
  const registry = new Registry();
  const lines: string[] = [];
  const stream = new PassThrough().on('data', (chunk) => lines.push(String(chunk)));
  const app = createApi({
    secret: AUTH_SECRET,
    reader: () => null,
    commerce: () => database,
    readiness: () => ({ reasons: [] }),
    registry,
    log: pino({ level: 'trace' }, stream),
    trustedProxies: [TEST_PROXIES],
  });
  const test: AuthTest = {
    engines,
    admin,
    database,
    brands,
    registry,
    logged: () => lines.join(''),
    call: async (path, { method, token, body, headers = {}, from } = {}) => {
      const request = {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      };
      const connection = from === undefined ? {} : { incoming: { socket: { remoteAddress: from } } };
      const response = await app.request(path.startsWith('/') ? path : `/api/v1/${path}`, request, connection);
      const text = await response.text();
      return { status: response.status, text, body: text === '' ? null : JSON.parse(text), headers: response.headers };
    },
    user: async (email, role, tenantId) => {
      const { user } = await createUser(database, tenantId, {
        email,
        name: `Name of ${email}`,
        role,
        password: PASSWORD,
      });
      return user.id;
    },
    token: (role, tenant) => mintToken({ role, secret: AUTH_SECRET, ...(tenant ? { tenant: tenant.id } : {}) }),
    signIn: async (email, more = {}) => {
      const { status, text, body } = await test.call('auth/sign-in', { body: { email, password: PASSWORD, ...more } });
      if (status !== 200) throw new Error(`${status}: ${text}`);
      return body;
    },
    stop: async () => {
      await database.close();
      await admin.end();
      await engines.stop();
    },
  };
  return test;
}
