import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';
import { createSampleBrand, PERSONAL_VALUES, type SampleBrand } from './sample-brand.ts';

const USER = '0198c0de-0000-7000-8000-000000000001';

let engines: TestEngines;
let client: AdminClient;
let brand: SampleBrand;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  client = await connectAdmin(engines.postgresUrl);
  brand = await createSampleBrand(client, 'audited');
});

afterAll(async () => {
  await client?.end();
  await engines?.stop();
});

beforeEach(async () => {
  await client.query('BEGIN');
  await client.query(
    `SELECT set_config('role', 'uco_app', true), set_config('app.current_tenant_id', $1, true),
       set_config('app.current_user_id', $2, true), set_config('app.client_ip', '203.0.113.7', true),
       set_config('app.user_agent', 'curl/8', true)`,
    [brand.tenantId, USER],
  );
});

afterEach(async () => {
  await client.query('ROLLBACK');
});

async function entries(since: string): Promise<Record<string, unknown>[]> {
  const { rows } = await client.query(
    `SELECT actor_id, resource_type, resource_id, action, old_values, new_values, host(ip_address) AS ip, user_agent
     FROM commerce.audit_logs WHERE id > $1 ORDER BY id`,
    [since],
  );
  return rows;
}

async function newest(): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM commerce.audit_logs ORDER BY id DESC LIMIT 1');
  return rows[0]?.id ?? '';
}

test('an update leaves who, from where, and the old and new values of what changed', async () => {
  const before = await newest();
  await client.query("UPDATE commerce.product_variants SET unit_cost = 3, reorder_point = 5 WHERE sku = 'TEA-1'");
  expect(await entries(before)).toEqual([
    {
      actor_id: USER,
      resource_type: 'product_variants',
      resource_id: brand.variantId,
      action: 'UPDATE',
      old_values: { unit_cost: 2.5, reorder_point: null },
      new_values: { unit_cost: 3, reorder_point: 5 },
      ip: '203.0.113.7',
      user_agent: 'curl/8',
    },
  ]);
});

test('creating and deleting leave the whole row; an update that changes nothing leaves nothing', async () => {
  const before = await newest();
  const { rows } = await client.query<{ id: string }>(
    "INSERT INTO commerce.warehouses (tenant_id, code, name) VALUES ($1, 'w9', 'Ninth') RETURNING id",
    [brand.tenantId],
  );
  await client.query("UPDATE commerce.warehouses SET name = name WHERE code = 'w9'");
  await client.query("DELETE FROM commerce.warehouses WHERE code = 'w9'");
  const row = expect.objectContaining({ code: 'w9', name: 'Ninth', tenant_id: brand.tenantId });
  expect(await entries(before)).toMatchObject([
    { action: 'CREATE', resource_id: rows[0]?.id, old_values: null, new_values: row },
    { action: 'DELETE', resource_id: rows[0]?.id, old_values: row, new_values: null },
  ]);
});

test('rows removed by a cascade are audited as well', async () => {
  const before = await newest();
  await client.query('DELETE FROM commerce.return_items');
  await client.query('DELETE FROM commerce.returns');
  await client.query('DELETE FROM commerce.orders WHERE id = $1', [brand.orderId]);
  const deleted = (await entries(before)).filter(({ action }) => action === 'DELETE');
  expect(new Set(deleted.map((entry) => entry.resource_type))).toEqual(
    new Set([
      'return_items',
      'returns',
      'orders',
      'order_addresses',
      'order_items',
      'order_allocations',
      'payments',
      'shipments',
      'shipment_items',
    ]),
  );
});

// Red when a table with personal data is audited with its values.
test('of personal data only the names of columns are written, on every action', async () => {
  const before = await newest();
  await client.query("UPDATE commerce.customer_contacts SET email = 'grace@example.org', phone = NULL");
  await client.query("UPDATE commerce.order_addresses SET line1 = '1 Navy Yard'");
  await client.query("UPDATE commerce.users SET name = 'Grace Hopper'");
  await client.query('DELETE FROM commerce.customer_contacts');
  expect(await entries(before)).toMatchObject([
    { resource_type: 'customer_contacts', old_values: null, new_values: { columns: ['email', 'phone'] } },
    { resource_type: 'order_addresses', old_values: null, new_values: { columns: ['line1'] } },
    { resource_type: 'users', old_values: null, new_values: { columns: ['name'] } },
    { resource_type: 'customer_contacts', action: 'DELETE', old_values: null },
  ]);
  const { rows } = await client.query<{ text: string }>(
    `SELECT string_agg(a.old_values::text, ' ') || string_agg(a.new_values::text, ' ')
       || (SELECT string_agg(e.data::text, ' ') FROM commerce.events e) AS text FROM commerce.audit_logs a`,
  );
  for (const value of [...PERSONAL_VALUES, 'grace@example.org', '1 Navy Yard', 'Grace Hopper']) {
    expect(rows[0]?.text).not.toContain(value);
  }
});

// Red when notes are logged like other columns: the log can't be erased.
test('of a note the log says that it is there, not what it says', async () => {
  const before = await newest();
  await client.query("UPDATE commerce.orders SET note = 'for Ada', channel = 'web'");
  await client.query('UPDATE commerce.orders SET note = NULL');
  expect(await entries(before)).toMatchObject([
    { old_values: { note: null, channel: null }, new_values: { note: '(withheld)', channel: 'web' } },
    { old_values: { note: '(withheld)' }, new_values: { note: null } },
  ]);
});

// Red when a migration adds a table with a tenant_id and no audit trigger. Left out: the logs, what brands only read, and kept
// answers, which are no state of a brand.
test('every table of a brand is audited', async () => {
  const { rows } = await client.query(
    `SELECT c.relname FROM pg_class c
     WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('events', 'audit_logs',
         'fx_rates', 'roles', 'permissions', 'role_permissions', 'idempotency_keys', 'number_counters')
       AND (SELECT coalesce(bit_or(t.tgtype), 0) & 28 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled = 'O'
         AND t.tgfoid IN ('commerce.write_audit'::regproc, 'commerce.audit_inserted'::regproc)) <> 28`,
  );
  expect(rows).toEqual([]);
});

test('a bulk import leaves no entry and no event per row', async () => {
  const before = await newest();
  await client.query("SELECT set_config('app.import_batch', uuidv7()::text, true)");
  const events = 'SELECT count(*) FROM commerce.events';
  const eventsBefore = (await client.query(events)).rows;
  const order = "INSERT INTO commerce.orders (tenant_id, order_number, currency) VALUES ($1, 'I1', 'GBP')";
  await client.query(order, [brand.tenantId]);
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  expect(await entries(before)).toEqual([]);
  expect((await client.query(events)).rows).toEqual(eventsBefore);
});

test.each(['audit_logs', 'events'])('not even an administrator changes or removes rows of %s', async (table) => {
  await client.query('RESET ROLE');
  for (const sql of [
    `UPDATE commerce.${table} SET actor_id = NULL`,
    `DELETE FROM commerce.${table}`,
    `TRUNCATE commerce.${table}`,
  ]) {
    await client.query('SAVEPOINT attempt');
    await expect(client.query(sql)).rejects.toThrow(`commerce.${table} is append-only`);
    await client.query('ROLLBACK TO SAVEPOINT attempt');
  }
});
