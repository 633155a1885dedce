import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { databaseTypesFile, generateTypes } from './generate-types.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';
import { createSampleBrand, type SampleBrand } from './sample-brand.ts';

let engines: TestEngines;
let client: AdminClient;
let brand: SampleBrand;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  client = await connectAdmin(engines.postgresUrl);
});

afterAll(async () => {
  await client?.end();
  await engines?.stop();
});

beforeEach(async () => {
  await client.query('BEGIN');
  brand = await createSampleBrand(client, 'schema');
});

afterEach(async () => {
  await client.query('ROLLBACK');
});

test('the Kysely types are those of the migrated schema', async () => {
  const remedy = 'migrate a database, then: npx tsx sql/generate-types.ts POSTGRES_URL';
  expect(await generateTypes(client), remedy).toBe(await readFile(databaseTypesFile, 'utf8'));
});

// What may never be, each by the SQLSTATE of its refusal: 23514 check, 23505 unique, 23503 foreign key.
test.each([
  ["UPDATE commerce.order_items SET unit_price = 'NaN'", '23514'],
  ["UPDATE commerce.adjustments SET amount = 'NaN'", '23514'],
  ["UPDATE commerce.product_variants SET unit_cost = 'NaN'", '23514'],
  ["UPDATE commerce.adjustments SET amount = 'Infinity'", '22003'],
  ['UPDATE commerce.order_items SET quantity = 0', '23514'],
  ['UPDATE commerce.order_items SET discount = -0.01', '23514'],
  ["UPDATE commerce.orders SET status = 'lost'", '23514'],
  ["UPDATE commerce.orders SET currency = 'gbp'", '23514'],
  ['UPDATE commerce.inventory SET on_hand = -1', '23514'],
  ['UPDATE commerce.inventory SET allocated = -1', '23514'],
  ["UPDATE commerce.returns SET status = 'refunded'", '23514'],
  ["UPDATE commerce.tenants SET slug = 'Not A Slug'", '23514'],
  ["UPDATE commerce.tenants SET timezone = 'Europe/Atlantis'", '23514'],
  ["UPDATE commerce.tenants SET timezone = 'europe/london'", '23514'],
  ["UPDATE commerce.tenants SET id = '00000000-0000-0000-0000-000000000000'", '23514'],
  ["UPDATE commerce.products SET tax_rate = 'NaN'", '23514'],
  ['UPDATE commerce.products SET tax_rate = 1.000001', '23514'],
  ['UPDATE commerce.prices SET min_quantity = 0', '23514'],
  ["UPDATE commerce.prices SET valid_from = '2024-01-01', valid_until = '2024-01-01'", '23514'],
  ['DELETE FROM commerce.categories', '23503'],
  [
    "INSERT INTO commerce.prices (tenant_id, variant_id, currency, amount, valid_from) SELECT tenant_id, variant_id, currency, 1, '2024-01-01' FROM commerce.prices",
    '23P01',
  ],
  ['INSERT INTO commerce.products (id, tenant_id, name) SELECT id, tenant_id, name FROM commerce.products', '23505'],
  ["INSERT INTO commerce.customers (tenant_id, customer_number) VALUES (uuidv7(), 'C9')", '23503'],
])('%s is refused with %s', async (sql, code) => {
  await expect(client.query(sql)).rejects.toMatchObject({ code });
});

test('an unknown zone is named', async () => {
  const update = client.query("UPDATE commerce.tenants SET timezone = 'Europe/Atlantis'");
  await expect(update).rejects.toThrow('timezone "Europe/Atlantis" is not the name of an IANA time zone');
});

test('updated_at follows every update', async () => {
  await client.query("UPDATE commerce.orders SET updated_at = '2001-01-01', channel = 'web'");
  const { rows } = await client.query('SELECT updated_at = now() AS touched FROM commerce.orders');
  expect(rows).toEqual([{ touched: true }]);
});

test('list prices may follow each other, differ in quantity or currency; promotions may overlap', async () => {
  const insert = (columns: string, values: string) =>
    client.query(
      `INSERT INTO commerce.prices (tenant_id, variant_id, amount, ${columns}) VALUES ($1, $2, 5, ${values})`,
      [brand.tenantId, brand.variantId],
    );
  await client.query("UPDATE commerce.prices SET valid_until = '2024-01-01'");
  await insert('currency, valid_from', "'GBP', '2024-01-01'");
  await insert('currency, min_quantity', "'GBP', 10");
  await insert('currency', "'EUR'");
  await insert('currency, kind', "'GBP', 'promotion'");
  await insert('currency, kind', "'GBP', 'promotion'");
});

// Red when the trigger is missing on INSERT or UPDATE, or the foreign key does not follow a new name.
test('a category is there once a product names it, and products follow its new name', async () => {
  const named = async () =>
    (await client.query('SELECT name FROM commerce.categories WHERE tenant_id = $1 ORDER BY 1', [brand.tenantId])).rows;
  expect(await named()).toEqual([{ name: 'Kitchen' }]);
  await client.query("UPDATE commerce.products SET category = 'Tea'");
  expect(await named()).toEqual([{ name: 'Kitchen' }, { name: 'Tea' }]);
  await client.query("UPDATE commerce.categories SET name = 'Teaware' WHERE name = 'Tea'");
  expect((await client.query('SELECT category FROM commerce.products')).rows).toEqual([{ category: 'Teaware' }]);
  await client.query('UPDATE commerce.products SET category = NULL');
});

test('brand-unique numbers are unique within a brand only', async () => {
  await createSampleBrand(client, 'schema-2');
  const again = client.query(
    "INSERT INTO commerce.orders (tenant_id, order_number, currency) VALUES ($1, 'O1', 'GBP')",
    [brand.tenantId],
  );
  await expect(again).rejects.toMatchObject({ code: '23505' });
});

// Red when a migration adds a table and decides neither way, or publishes one with personal data.
test('every table is published with what the stream needs, or stays behind on purpose', async () => {
  const { rows } = await client.query<{ table: string; identity: string; published: boolean }>(
    `SELECT c.relname AS table, c.relreplident::text AS identity, p.prrelid IS NOT NULL AS published
     FROM pg_class c
     LEFT JOIN pg_publication_rel p ON p.prrelid = c.oid AND p.prpubid = (SELECT oid FROM pg_publication WHERE pubname = 'uco')
     WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind IN ('r', 'p')`,
  );
  const names = (keep: (row: (typeof rows)[number]) => boolean) =>
    rows
      .filter(keep)
      .map(({ table }) => table)
      .sort();
  expect(names(({ published }) => !published)).toEqual(
    [
      'api_keys',
      'categories',
      'customer_contacts',
      'idempotency_keys',
      'number_counters',
      'order_allocations',
      'reservations',
      'order_addresses',
      'permissions',
      'prices',
      'role_permissions',
      'roles',
      'users',
    ].sort(),
  );
  expect(names(({ published, identity }) => published && identity !== 'f')).toEqual(['audit_logs']);
});

test('neither IP address nor user agent leaves with audit_logs; generated columns do leave', async () => {
  const { rows } = await client.query<{ tablename: string; attnames: string[] }>(
    "SELECT tablename, attnames FROM pg_publication_tables WHERE pubname = 'uco'",
  );
  const columns = new Map(rows.map(({ tablename, attnames }) => [tablename, attnames]));
  expect(columns.get('audit_logs')).not.toEqual(expect.arrayContaining(['ip_address']));
  expect(columns.get('audit_logs')).not.toEqual(expect.arrayContaining(['user_agent']));
  expect(columns.get('audit_logs')).toContain('new_values');
  expect(columns.get('inventory')).toContain('available');
});

test('every role has permissions, and only roles of the platform those of the platform', async () => {
  const { rows } = await client.query(
    `SELECT r.id, r.scope, bool_or(p.permission_id IN ('tenants.manage', 'platform.operate', 'fx_rates.manage')) AS platform
     FROM commerce.roles r LEFT JOIN commerce.role_permissions p ON p.role_id = r.id GROUP BY r.id, r.scope ORDER BY r.id`,
  );
  expect(rows).toEqual([
    { id: 'analyst', scope: 'brand', platform: false },
    { id: 'brand_admin', scope: 'brand', platform: false },
    { id: 'brand_manager', scope: 'brand', platform: false },
    { id: 'executive', scope: 'platform', platform: false },
    { id: 'operator', scope: 'brand', platform: false },
    { id: 'platform_admin', scope: 'platform', platform: true },
  ]);
});
