// The API over real engines with rows given to raw: what the tests of queries are written in.
import { readFileSync } from 'node:fs';
import { createLog } from '../runtime/log.ts';
import { type ModelTest, startModelTest, uuid } from '../transforms/testing.ts';
import type { KpiAnswer } from './analytics/query.ts';
import { type AnalyticsReader, createAnalyticsReader } from './analytics/tenant-clickhouse.ts';
import type { Role } from './auth/roles.ts';
import { mintToken } from './auth/token.ts';
import { createApi } from './server.ts';

export const TEST_SECRET = 'a test key that is longer than 32 bytes';

export interface Asking {
  /** Default: brand_manager of brand `t1`. */
  readonly role?: Role;
  /** Short name of the token's brand; see `uuid` in transforms/testing.ts. */
  readonly tenant?: string;
  readonly header?: string;
  readonly path?: string;
}

export interface ApiTest {
  readonly model: ModelTest;
  readonly reader: AnalyticsReader;
  /** The clock of the API; set it to stand in time. */
  now: Date;
  ask(body: unknown, asking?: Asking): Promise<Response>;
  /** Rows and all of an answer that must be 200. */
  answer(body: unknown, asking?: Asking): Promise<KpiAnswer>;
  /** Says how far the stream is, as ingestion does. */
  progress(row: { tenant?: string; commit: Date; position?: bigint; lag?: bigint; applied: Date }): Promise<void>;
  stop(): Promise<void>;
}

export async function startApiTest(): Promise<ApiTest> {
  const model = await startModelTest();
  const ops = readFileSync(new URL('../sql/clickhouse/0001_ops.sql', import.meta.url), 'utf8').replaceAll(
    /^--.*$/gm,
    '',
  );
  for (const query of ops.split(';')) if (query.trim() !== '') await model.clickhouse.command({ query });
  const { tenantReader, platformReader } = model.engines;
  const reader = createAnalyticsReader({ tenant: tenantReader.url, platform: platformReader.url });
  const test: ApiTest = {
    model,
    reader,
    now: new Date('2024-03-15T12:00:00Z'),
    ask: async (body, { role = 'brand_manager', tenant, header, path = 'query' } = {}) => {
      const brand = tenant ?? (role === 'platform_admin' || role === 'executive' ? undefined : 't1');
      const token = await mintToken({
        role,
        secret: TEST_SECRET,
        ...(brand ? { tenant: brand.includes('-') ? brand : uuid(brand) } : {}),
      });
      return app.request(`/api/v1/kpis/${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(header === undefined ? {} : { 'x-tenant-id': header }),
        },
      });
    },
    answer: async (body, asking) => {
      const response = await test.ask(body, asking);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
      return JSON.parse(text) as KpiAnswer;
    },
    progress: async ({ tenant, commit, position = 0x1_0000_00ffn, lag = 0n, applied }) => {
      const time = (date: Date) => date.toISOString().slice(0, -1).replace('T', ' ');
      const tenant_id = tenant ? uuid(tenant) : '00000000-0000-0000-0000-000000000000';
      const row = {
        tenant_id,
        commit_time: time(commit),
        position: `${position}`,
        lag_bytes: `${lag}`,
        applied_at: time(applied),
      };
      await model.clickhouse.insert({ table: 'ops.progress', values: [row], format: 'JSONEachRow' });
    },
    stop: async () => {
      await reader.close();
      await model.stop();
    },
  };
  const app = createApi({
    secret: TEST_SECRET,
    reader: () => reader,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
    now: () => test.now,
  });
  return test;
}

/** Two brands: t1 `atlas` in EUR (Asia/Kathmandu, +05:45) and t2 `borea` in GBP (Europe/London). */
export const brands = [
  { id: 't1', slug: 'atlas', name: 'Atlas', currency: 'EUR', timezone: 'Asia/Kathmandu', status: 'active' },
  { id: 't2', slug: 'borea', name: 'Borea', currency: 'GBP', timezone: 'Europe/London', status: 'active' },
] as const;
