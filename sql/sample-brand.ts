import type { AdminClient } from './postgres.ts';

/** A brand for tests with one row in every table that belongs to a brand. Ids of what later steps refer to. */
export interface SampleBrand {
  readonly tenantId: string;
  readonly productId: string;
  readonly variantId: string;
  readonly warehouseId: string;
  readonly customerId: string;
  readonly orderId: string;
  readonly orderItemId: string;
  readonly shipmentId: string;
  readonly returnId: string;
}

/** Values of personal data in the sample: none of them may show up in audit entries or events. */
export const PERSONAL_VALUES = ['Ada Lovelace', 'ada@example.org', '+44 20 1234', '12 St James Square', 'SW1Y 4JH'];

async function insert(client: AdminClient, table: string, row: Record<string, unknown>): Promise<string> {
  const columns = Object.keys(row);
  const parameters = columns.map((_column, index) => `$${index + 1}`);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO commerce.${table} (${columns.join(', ')}) VALUES (${parameters.join(', ')}) RETURNING id`,
    Object.values(row),
  );
  return (rows[0] as { id: string }).id;
}

/** Creates the brand through an administrative client, in the transaction that it is in, if any. */
export async function createSampleBrand(client: AdminClient, slug: string): Promise<SampleBrand> {
  const tenant_id = await insert(client, 'tenants', { slug, name: slug, currency: 'GBP', timezone: 'Europe/London' });
  const add = (table: string, row: Record<string, unknown>) => insert(client, table, { tenant_id, ...row });
  const [name, email, phone, line1, postal_code] = PERSONAL_VALUES;

  await add('users', { email, name, role: 'operator' });
  const key = { name: 'Shop', prefix: 'uco_1234', permissions: ['orders.write'] };
  await add('api_keys', { ...key, key_hash: `not a hash, ${slug}` });
  const customer_id = await add('customers', { customer_number: 'C1', country: 'GB' });
  await add('customer_contacts', { customer_id, name, email, phone });
  const product_id = await add('products', { name: 'Teapot', category: 'Kitchen' });
  const variant_id = await add('product_variants', {
    product_id,
    sku: 'TEA-1',
    unit_cost: '2.5',
    cost_currency: 'GBP',
  });
  await add('prices', { variant_id, currency: 'GBP', amount: '7.55' });
  const warehouse_id = await add('warehouses', { code: 'w1', name: 'Warehouse 1' });
  await add('inventory_movements', { variant_id, warehouse_id, state: 'on_hand', quantity: 10, reason: 'receipt' });
  const order_id = await add('orders', { order_number: 'O1', customer_id, currency: 'GBP', country: 'GB' });
  await add('order_addresses', { order_id, kind: 'shipping', name, line1, postal_code });
  const line = { order_id, variant_id, sku: 'TEA-1' };
  const order_item_id = await add('order_items', { ...line, line_no: 1, quantity: 2, unit_price: '7.55', tax: '3.02' });
  await add('order_allocations', { order_item_id, warehouse_id, quantity: 2 });
  await add('reservations', { variant_id, warehouse_id, quantity: 1, expires_at: '2100-01-01' });
  await client.query("INSERT INTO commerce.number_counters (tenant_id, kind, next) VALUES ($1, 'order', 1)", [
    tenant_id,
  ]);
  await add('payments', { order_id, amount: '18.12', currency: 'GBP', method: 'card', status: 'received' });
  const shipment_id = await add('shipments', { order_id, warehouse_id, status: 'created' });
  await add('shipment_items', { shipment_id, order_item_id, quantity: 2 });
  const returned = { order_id, customer_id, currency: 'GBP', status: 'requested' };
  const return_id = await add('returns', { return_number: 'R1', ...returned });
  const returnLine = { return_id, order_item_id, variant_id, sku: 'TEA-1', line_no: 1, quantity: 1 };
  await add('return_items', { ...returnLine, amount: '7.55' });
  await client.query("INSERT INTO commerce.idempotency_keys (tenant_id, key, request_hash) VALUES ($1, 'k', 'h')", [
    tenant_id,
  ]);
  await add('adjustments', { adjustment_number: 'A1', currency: 'GBP', amount: '-1.5' });
  return {
    tenantId: tenant_id,
    productId: product_id,
    variantId: variant_id,
    warehouseId: warehouse_id,
    customerId: customer_id,
    orderId: order_id,
    orderItemId: order_item_id,
    shipmentId: shipment_id,
    returnId: return_id,
  };
}
