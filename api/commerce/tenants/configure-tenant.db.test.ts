// A brand changes its own settings, and nobody else's.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommerceTest, startCommerceTest } from '../testing.ts';

let t: CommerceTest;
beforeAll(async () => {
  t = await startCommerceTest();
});
afterAll(() => t?.stop());

const current = '/tenants/current';
const read = () => t.must('GET', current);

async function configure(body: unknown, more: { role?: 'brand_manager'; etag?: string } = {}) {
  const etag = more.etag ?? (await read()).etag;
  return t.call('PATCH', current, { as: { role: more.role }, body, headers: { 'if-match': etag } });
}

test('a brand_admin changes name, zone, currency and whether stock may go below zero, and it is audited', async () => {
  const before = await read();
  const wanted = { name: 'Atlas Ltd', timezone: 'Asia/Kathmandu', currency: 'NPR', allowNegativeStock: true };
  const changed = await configure(wanted);
  expect(changed).toMatchObject({ status: 200, body: { id: t.atlas.id, slug: 'atlas', status: 'active', ...wanted } });
  expect((await read()).etag).toBe(changed.etag);
  expect((await configure({ name: 'Late' }, { etag: before.etag })).status).toBe(412);
  const { rows } = await t.admin.query<{ old_values: unknown; new_values: unknown }>(
    "SELECT old_values, new_values FROM commerce.audit_logs WHERE resource_type = 'tenants' AND action = 'UPDATE' AND tenant_id = $1",
    [t.atlas.id],
  );
  expect(rows).toEqual([
    {
      old_values: { name: 'atlas', timezone: 'Europe/Berlin', currency: 'EUR', allow_negative_stock: false },
      new_values: { name: 'Atlas Ltd', timezone: 'Asia/Kathmandu', currency: 'NPR', allow_negative_stock: true },
    },
  ]);
  const other = await t.must('GET', current, { as: { brand: 'borea' } });
  expect(other.body).toMatchObject({ name: 'borea', timezone: 'Europe/London', currency: 'GBP' });
});

test.each([
  [{ timezone: 'Mars/Olympus' }, 'timezone'],
  [{ timezone: 'europe/london' }, 'timezone'],
  [{ timezone: '+01:00' }, 'timezone'],
  [{ currency: 'ABC' }, 'currency'],
  [{ currency: 'eur' }, 'currency'],
  [{ name: '  ' }, 'name'],
  [{ allowNegativeStock: 'yes' }, 'allowNegativeStock'],
])('%j is refused, naming the field, and changes nothing', async (body, path) => {
  const before = await read();
  expect(await configure(body)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  expect((await read()).body).toEqual(before.body);
});

test('status and slug are not its own to change, and nobody without the right changes anything', async () => {
  const before = await read();
  for (const body of [{ status: 'suspended' }, { slug: 'fresh' }]) expect((await configure(body)).status).toBe(400);
  expect((await configure({ name: 'Mine' }, { role: 'brand_manager' })).status).toBe(403);
  expect((await t.call('PATCH', current, { body: { name: 'Blind' } })).status).toBe(428);
  expect((await read()).body).toEqual(before.body);
});

test('stock that is below zero keeps the brand from forbidding it', async () => {
  await configure({ allowNegativeStock: true });
  const { body: product } = await t.must('POST', '/products', { body: { name: 'Mug' } });
  const { body: variant } = await t.must('POST', '/variants', { body: { productId: product.id, sku: 'MUG' } });
  await t.must('POST', '/inventory/adjustments', {
    body: { variantId: variant.id, warehouse: 'main', delta: -3, reason: 'adjustment' },
  });
  expect(await configure({ allowNegativeStock: false })).toMatchObject({
    status: 409,
    body: { errors: [{ path: 'allowNegativeStock' }] },
  });
});
