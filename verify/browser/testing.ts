// The dashboards in a real browser, over everything real.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { createAnalyticsReader } from '../../api/analytics/tenant-clickhouse.ts';
import { hashPassword } from '../../api/auth/password.ts';
import type { Role } from '../../api/auth/roles.ts';
import { mintToken } from '../../api/auth/token.ts';
import { openCommerceDatabase } from '../../api/commerce/database.ts';
import { type RunningApi, startApi } from '../../api/listen.ts';
import { createLog } from '../../runtime/log.ts';
import { startTestInstance, type TestInstance } from '../../runtime/testing.ts';
import { type AdminPool, createAdminPool } from '../../sql/postgres.ts';
import { complaintsOf, launchChromium, newVisitor } from './chromium.ts';
import { signIn } from './sign-in.ts';

export const PASSWORD = 'a password for browsers';
const SECRET = 'the key of the instance in the browser tests';
const dashboards = fileURLToPath(new URL('../../dist', import.meta.url));

export interface BrowserWorld {
  readonly url: string;
  readonly admin: AdminPool;
  readonly instance: TestInstance;
  readonly browser: Browser;
  /** A page of a new visitor. What its console complains about is collected in `complaints`. */
  visit(width?: number): Promise<{ page: Page; complaints: string[] }>;
  /** A new visitor who signs in through the form; resolves where that leads. */
  signIn(email: string): Promise<{ page: Page; complaints: string[] }>;
  /** Closes every visitor's pages. */
  leave(): Promise<void>;
  createUser(email: string, role: Role, tenantId: string | null): Promise<void>;
  /** The API's answer to a KPI query, in the process of the test. */
  ask(tenantId: string, query: unknown): Promise<{ rows: Record<string, unknown>[] }>;
  /** Changes something of a brand through the API, as its shop does; the answer. Rejects when that is refused. */
  post(tenantId: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** The API goes away, and comes back at the same address. */
  restartApi(whileGone: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startBrowserWorld(): Promise<BrowserWorld> {
  if (!existsSync(dashboards)) throw new Error('The dashboards are not built: run `npm run build` first.');
  const instance = await startTestInstance();
  const commerce = await openCommerceDatabase(instance.postgresUrl);
  const { tenantReader, platformReader } = instance;
  const reader = createAnalyticsReader({ tenant: tenantReader.url, platform: platformReader.url });
  const listen = (port: number) =>
    startApi({
      ...{ host: '127.0.0.1', port, secret: SECRET, dashboards, registry: new Registry() },
      reader: () => reader,
      commerce: () => commerce,
      readiness: () => ({ reasons: [] }),
      log: createLog('api', 'silent'),
    });
  let api: RunningApi = await listen(0);
  const admin = createAdminPool(instance.postgresUrl);
  const browser = await launchChromium();
  const post = async (role: Role, tenant: string, path: string, body?: unknown) => {
    const token = await mintToken({ role, tenant, secret: SECRET });
    const response = await fetch(`${api.url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const visit: BrowserWorld['visit'] = async (width = 1440) => {
    const context = await newVisitor(browser, width);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    return { page, complaints };
  };
  return {
    url: api.url,
    ...{ admin, instance, browser, visit },
    signIn: async (email) => {
      const visitor = await visit();
      await signIn(visitor.page, api.url, email, PASSWORD);
      return visitor;
    },
    leave: async () => {
      for (const context of browser.contexts()) await context.close();
    },
    createUser: async (email, role, tenantId) => {
      await admin.query(
        'INSERT INTO commerce.users (tenant_id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5)',
        [tenantId, email, 'Somebody', role, await hashPassword(PASSWORD)],
      );
    },
    ask: async (tenantId, query) => {
      const answer = await post('analyst', tenantId, '/kpis/query', query);
      return answer as { rows: Record<string, unknown>[] };
    },
    post: (tenantId, path, body) => post('operator', tenantId, path, body),
    restartApi: async (whileGone) => {
      const { port } = api;
      await api.close(500);
      await whileGone();
      api = await listen(port);
    },
    stop: async () => {
      await browser.close();
      await api.close(500);
      await Promise.all([admin.end(), reader.close(), commerce.close()]);
      await instance.stop();
    },
  };
}
