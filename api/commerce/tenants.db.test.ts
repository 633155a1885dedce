import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { migratePostgres } from '../../sql/migrate-postgres.ts';
import { type CommerceDatabase, openCommerceDatabase } from './database.ts';
import { createTenant, findTenantById, findTenantBySlug, listTenants } from './tenants.ts';

const ACME = { slug: 'acme', name: ' Acme Ltd ', currency: 'GBP', timezone: 'Europe/London' };

let engines: TestEngines;
let database: CommerceDatabase;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  database = await openCommerceDatabase(engines.postgresUrl);
});

afterAll(async () => {
  await database?.close();
  await engines?.stop();
});

test('a brand is created with its warehouse, listed, and found', async () => {
  const acme = await createTenant(database, ACME);
  expect(acme).toEqual({ ...ACME, name: 'Acme Ltd', id: expect.any(String), status: 'active' });
  const zebra = await createTenant(database, { ...ACME, slug: 'a-zebra', timezone: 'Asia/Kolkata', currency: 'INR' });
  expect(await listTenants(database)).toEqual([zebra, acme]);
  expect(await findTenantBySlug(database, 'acme')).toEqual(acme);
  expect(await findTenantById(database, acme.id)).toEqual(acme);
  const warehouses = await database.withTenant({ tenantId: acme.id }, (trx) =>
    trx.selectFrom('warehouses').select('code').execute(),
  );
  expect(warehouses).toEqual([{ code: 'main' }]);
});

test.each(['nobody', '', "'; --", 'a\0b', 'A'])('no brand for %j', async (text) => {
  expect(await findTenantBySlug(database, text)).toBeNull();
  expect(await findTenantById(database, text)).toBeNull();
});

test.each([
  [{ slug: 'Acme' }, 'slug', 'lower-case letters'],
  [{ slug: '-acme' }, 'slug', 'inner hyphens'],
  [{ slug: 'x'.repeat(64) }, 'slug', '1 to 63'],
  [{ slug: 'acme\0' }, 'slug', 'lower-case'],
  [{ slug: 'taken' }, 'slug', '"taken" is taken by another brand'],
  [{ name: '  ' }, 'name', '1 to 200 characters'],
  [{ currency: 'gbp' }, 'currency', '"gbp" is not an ISO 4217 code'],
  [{ currency: 'ABC' }, 'currency', '"ABC" is not an ISO 4217 code'],
  [{ timezone: 'Mars/Olympus' }, 'timezone', '"Mars/Olympus" is not an IANA zone'],
  // Intl takes these two; Postgres, ClickHouse and a reader would not all agree on them.
  [{ timezone: 'europe/london' }, 'timezone', 'is not an IANA zone'],
  [{ timezone: '+01:00' }, 'timezone', 'is not an IANA zone'],
])('%j is refused, naming the field', async (change, field, message) => {
  if (!(await findTenantBySlug(database, 'taken'))) await createTenant(database, { ...ACME, slug: 'taken' });
  const before = await listTenants(database);
  const attempt = createTenant(database, { ...ACME, slug: 'fresh', ...change });
  await expect(attempt).rejects.toMatchObject({
    name: 'TenantRefused',
    field,
    message: expect.stringContaining(message),
  });
  expect(await listTenants(database)).toEqual(before);
});
