/** Orders from their placing to their return. */
import { currencies } from './brands.ts';
import { largeText, money, text, uuidAt } from './random.ts';
import { insert, instant, someId, someTime, type Turn, update } from './turn.ts';

const hour = 3_600_000;

async function insertLine(turn: Turn, order: string, lineNo: number, time: number): Promise<string> {
  const { random } = turn;
  const id = uuidAt(random, time);
  await insert(turn, 'order_items', {
    tenant_id: turn.brand.id,
    id,
    order_id: order,
    line_no: lineNo,
    variant_id: await someId(turn, 'product_variants'),
    sku: `SKU-${random.integer(0, 11)}`,
    quantity: random.integer(1, 12),
    unit_price: money(random, 90),
    discount: random.chance(0.4) ? money(random, 5) : '0',
    tax: money(random, 20),
    shipping: random.chance(0.5) ? money(random, 9) : '0',
    unit_cost: random.chance(0.7) ? money(random, 40) : null,
  });
  return id;
}

export async function placeOrder(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  const time = someTime(turn);
  const id = uuidAt(random, time);
  await insert(turn, 'orders', {
    tenant_id: brand.id,
    id,
    order_number: `O${random.integer(1, 2 ** 40)}`,
    customer_id: random.chance(0.8) ? await someId(turn, 'customers') : null,
    status: random.pick(['placed', 'placed', 'confirmed', 'picked', 'packed', 'cancelled']),
    channel: random.pick(['web', 'store', null]),
    country: random.pick(['United Kingdom', 'France', 'EIRE', null]),
    currency: random.chance(0.7) ? brand.currency : random.pick(currencies),
    is_test: random.chance(0.08),
    placed_at: instant(random, time),
    promised_at: random.chance(0.6) ? instant(random, time + random.integer(24, 120) * hour) : null,
    note: random.chance(0.1) ? largeText(random, 5_000) : text(random),
  });
  const lines = random.chance(0.05) ? 0 : random.integer(1, 5);
  for (let line = 1; line <= lines; line++) await insertLine(turn, id, line, time);
  if (random.chance(0.7)) await pay(turn, id, time);
}

async function pay(turn: Turn, order: string, time: number): Promise<void> {
  const { random, brand } = turn;
  await insert(turn, 'payments', {
    tenant_id: brand.id,
    id: uuidAt(random, time),
    order_id: order,
    amount: money(random),
    currency: brand.currency,
    method: random.pick(['card', 'transfer', null]),
    status: random.pick(['pending', 'received', 'received', 'failed']),
    attempted_at: instant(random, time),
  });
}

/** One to three shipments of one order: its lines are split over them, and two may leave in the same moment. */
export async function ship(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  const order = await someId(turn, 'orders');
  if (!order) return;
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM commerce.order_items WHERE tenant_id = $1 AND order_id = $2 ORDER BY id',
    [brand.id, order],
  );
  let time = someTime(turn);
  for (let count = random.integer(1, 3); count > 0; count--) {
    const id = uuidAt(random, time);
    const status = random.pick(['created', 'shipped', 'delivered', 'delivered']);
    await insert(turn, 'shipments', {
      tenant_id: brand.id,
      id,
      order_id: order,
      warehouse_id: await someId(turn, 'warehouses'),
      status,
      shipped_at: status === 'created' ? null : new Date(time).toISOString(),
      delivered_at: status === 'delivered' ? instant(random, time + random.integer(1, 200) * hour) : null,
    });
    for (const line of rows) {
      if (random.chance(0.3)) continue;
      const quantity = random.integer(1, 3);
      await insert(turn, 'shipment_items', {
        tenant_id: brand.id,
        id: uuidAt(random, time),
        shipment_id: id,
        order_item_id: line.id,
        quantity,
      });
    }
    if (random.chance(0.6)) time += random.integer(1, 48) * hour;
  }
  await update(turn, 'orders', order, { status: random.pick(['partially_shipped', 'shipped', 'delivered']) });
}

export async function takeBack(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  const time = someTime(turn);
  const order = random.chance(0.7) ? await someId(turn, 'orders') : null;
  const { rows } = await client.query<{ is_test: boolean; item: string | null }>(
    `SELECT o.is_test, i.id AS item FROM commerce.orders o LEFT JOIN commerce.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
     WHERE o.tenant_id = $1 AND o.id = $2 ORDER BY i.id LIMIT 1`,
    [brand.id, order],
  );
  const id = uuidAt(random, time);
  const status = random.pick(['requested', 'received', 'refunded', 'refunded']);
  await insert(turn, 'returns', {
    tenant_id: brand.id,
    id,
    return_number: `R${random.integer(1, 2 ** 40)}`,
    order_id: order,
    customer_id: await someId(turn, 'customers'),
    status,
    country: random.pick(['United Kingdom', 'France', null]),
    channel: random.pick(['web', null]),
    currency: random.chance(0.7) ? brand.currency : random.pick(currencies),
    is_test: rows[0]?.is_test ?? random.chance(0.05),
    refunded_at: status === 'refunded' ? instant(random, time) : null,
  });
  for (let line = random.integer(1, 3); line > 0; line--) {
    await insert(turn, 'return_items', {
      tenant_id: brand.id,
      id: uuidAt(random, time),
      return_id: id,
      line_no: line,
      order_item_id: rows[0]?.item ?? null,
      variant_id: await someId(turn, 'product_variants'),
      sku: `SKU-${random.integer(0, 11)}`,
      quantity: random.integer(1, 4),
      amount: money(random, 60),
      unit_cost: random.chance(0.6) ? money(random, 30) : null,
    });
  }
}
