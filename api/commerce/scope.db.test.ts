import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../runtime/log.ts';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { migratePostgres } from '../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../sql/postgres.ts';
import type { Identity } from '../auth/token.ts';
import type { ApiEnv } from '../context.ts';
import { failureHandler } from '../failures.ts';
import { sweepIdempotencyKeys } from '../idempotency.ts';
import { type CommerceDatabase, openCommerceDatabase } from './database.ts';
import { BrandScopes } from './scope.ts';
import { createTenant, type Tenant } from './tenants.ts';

let engines: TestEngines;
let admin: AdminClient;
let database: CommerceDatabase;
let [a, b] = [] as unknown as [Tenant, Tenant];
let works = 0;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  admin = await connectAdmin(engines.postgresUrl);
  database = await openCommerceDatabase(engines.postgresUrl);
  const brand = (slug: string) => createTenant(database, { slug, name: slug, currency: 'EUR', timezone: 'UTC' });
  [a, b] = [await brand('atlas'), await brand('borea')];
});

afterAll(async () => {
  await database?.close();
  await admin?.end();
  await engines?.stop();
});

/** An API of one endpoint that creates a product, for whoever `who` is. */
function appFor(who: Identity, before: () => Promise<void> = async () => {}) {
  const scopes = new BrandScopes({ commerce: () => database });
  const app = new OpenAPIHono<ApiEnv>();
  app.use('*', async (c, next) => {
    c.set('identity', who);
    c.set('requestId', 'test-request');
    c.set('signal', c.req.raw.signal);
    await next();
  });
  app.post('/products', async (c) => {
    const scope = await scopes.of(c);
    const { name } = await c.req.json<{ name: string }>();
    const created = await scope.create(async (trx) => {
      works += 1;
      await before();
      const values = { tenant_id: scope.tenant.id, name };
      const { id } = await trx.insertInto('products').values(values).returning('id').executeTakeFirstOrThrow();
      if (name === 'refused') throw new Error('refused');
      return { status: 201, body: { id, name }, headers: { location: `/products/${id}` } };
    });
    return c.json(created.body, created.status, { ...created.headers });
  });
  app.onError(failureHandler(createLog('api', 'silent')));
  return (name: string, headers: Record<string, string> = {}) =>
    app.request('/products', { method: 'POST', body: JSON.stringify({ name }), headers });
}

const brandUser = (tenant: Tenant): Identity => ({ subject: randomUUID(), role: 'brand_admin', tenantId: tenant.id });
const platform: Identity = { subject: 'platform_admin', role: 'platform_admin', tenantId: null };
const products = async (name: string) =>
  (await admin.query('SELECT tenant_id FROM commerce.products WHERE name = $1', [name])).rows.map((r) => r.tenant_id);

describe('the brand of a request', () => {
  test('is the one of the token; another name in the header is refused', async () => {
    const post = appFor(brandUser(a));
    expect((await post('mine')).status).toBe(201);
    expect((await post('mine', { 'x-tenant-id': 'atlas' })).status).toBe(201);
    for (const name of [b.id, 'borea', 'nobody'])
      expect((await post('theirs', { 'x-tenant-id': name })).status).toBe(403);
    expect([await products('mine'), await products('theirs')]).toEqual([[a.id, a.id], []]);
  });

  test('must be named by platform roles', async () => {
    const post = appFor(platform);
    expect((await post('x')).status).toBe(400);
    expect((await post('x', { 'x-tenant-id': 'nobody' })).status).toBe(404);
    expect((await post('named', { 'x-tenant-id': 'borea' })).status).toBe(201);
    expect(await products('named')).toEqual([b.id]);
  });

  test('may not be suspended', async () => {
    const { id } = await createTenant(database, { slug: 'gone', name: 'Gone', currency: 'EUR', timezone: 'UTC' });
    await admin.query("UPDATE commerce.tenants SET status = 'suspended' WHERE id = $1", [id]);
    expect((await appFor(platform)('x', { 'x-tenant-id': 'gone' })).status).toBe(403);
  });
});

describe('Idempotency-Key', () => {
  test('the same request gets the same answer and does nothing twice, ten at once included', async () => {
    const post = appFor(brandUser(a));
    works = 0;
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('once', { 'idempotency-key': 'k1' })));
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect([answers.map(({ status }) => status), texts.size, works]).toEqual([Array(10).fill(201), 1, 1]);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(9);
    expect(await products('once')).toHaveLength(1);
  });

  test('another request under the same key is refused', async () => {
    const post = appFor(brandUser(a));
    await post('first', { 'idempotency-key': 'k2' });
    const answer = await post('second', { 'idempotency-key': 'k2' });
    expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([
      422,
      'urn:uco:problem:idempotency-key-reused',
    ]);
    expect(await products('second')).toEqual([]);
  });

  // Red when keys are not per brand: B would be answered with A's product.
  test('belongs to a brand', async () => {
    const ofA = await appFor(brandUser(a))('shared', { 'idempotency-key': 'k3' });
    const ofB = await appFor(brandUser(b))('shared', { 'idempotency-key': 'k3' });
    expect(await ofA.json()).not.toEqual(await ofB.json());
    expect((await products('shared')).sort()).toEqual([a.id, b.id].sort());
  });

  test('a refused request leaves its key free; one that waited for it does the work', async () => {
    expect((await appFor(brandUser(a))('refused', { 'idempotency-key': 'k4' })).status).toBe(500);
    expect((await appFor(brandUser(a))('after all', { 'idempotency-key': 'k4' })).status).toBe(201);
  });

  test('is kept for 24 hours', async () => {
    const post = appFor(brandUser(a));
    await post('yesterday', { 'idempotency-key': 'k5' });
    await post('yesterday', { 'idempotency-key': 'k6' });
    const age =
      "UPDATE commerce.idempotency_keys SET created_at = created_at - interval '25 hours' WHERE key IN ('k5', 'k6')";
    await admin.query(age);
    expect((await post('yesterday', { 'idempotency-key': 'k5' })).headers.get('idempotent-replayed')).toBeNull();
    expect(await database.asPlatform({}, sweepIdempotencyKeys)).toBe(1);
    expect(await products('yesterday')).toHaveLength(3);
  });

  test('must be a key', async () => {
    expect((await appFor(brandUser(a))('x', { 'idempotency-key': 'two words' })).status).toBe(400);
  });
});
