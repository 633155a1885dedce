/** What can happen in a shop, each inside an open transaction. A refused statement (a constraint) is the caller's to bear. */
import { currencies } from './brands.ts';
import { columnValues } from './column-values.ts';
import { largeText, money, text, uuidAt } from './random.ts';
import { insert, instant, someId, someTime, type Turn, update } from './turn.ts';

export interface Operation {
  readonly name: string;
  readonly weight: number;
  run(turn: Turn): Promise<void>;
}

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

async function placeOrder(turn: Turn): Promise<void> {
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
async function ship(turn: Turn): Promise<void> {
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

async function takeBack(turn: Turn): Promise<void> {
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

/** One to three random columns of one random row; several times over in one transaction now and then. */
async function changeColumns(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  const tables = Object.keys(columnValues).filter((table) => table !== 'inventory_movements' && table !== 'tenants');
  const table = random.chance(0.02)
    ? 'tenants'
    : random.pick([...tables, 'orders', 'orders', 'order_items', 'order_items']);
  const id = table === 'tenants' ? brand.id : await someId(turn, table);
  const makers = columnValues[table] ?? {};
  if (!id) return;
  for (let times = random.chance(0.2) ? 3 : 1; times > 0; times--) {
    const names = Object.keys(makers).filter((name) => name !== 'id' && name !== 'tenant_id');
    const chosen = new Set(Array.from({ length: random.integer(1, 3) }, () => random.pick(names)));
    const row: Record<string, unknown> = {};
    for (const name of chosen) row[name] = await makers[name]?.(turn);
    await update(turn, table, id, row);
  }
}

/** A new primary key: for the mirror a tombstone and an insert. Refused where others refer to the row. */
async function changeKey(turn: Turn): Promise<void> {
  const { random } = turn;
  const table = random.pick([
    'order_items',
    'payments',
    'shipment_items',
    'return_items',
    'adjustments',
    'inventory',
    'orders',
  ]);
  const id = await someId(turn, table);
  const column = table === 'adjustments' && random.chance(0.5) ? 'tenant_id' : 'id';
  if (!id) return;
  const value = await columnValues[table]?.[column]?.(turn);
  await update(turn, table, id, column === 'tenant_id' ? { tenant_id: value, customer_id: null } : { id: value });
}

async function remove(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  const table = random.pick([
    'orders',
    'order_items',
    'payments',
    'shipments',
    'shipment_items',
    'returns',
    'return_items',
    'adjustments',
    'customers',
    'inventory',
  ]);
  const id = await someId(turn, table);
  await client.query(`DELETE FROM commerce.${table} WHERE tenant_id = $1 AND id = $2`, [brand.id, id]);
}

async function addCustomers(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  for (let count = random.integer(1, 3); count > 0; count--) {
    await insert(turn, 'customers', {
      tenant_id: brand.id,
      id: uuidAt(random, someTime(turn)),
      customer_number: `C${random.integer(1, 2 ** 40)}`,
      country: random.pick(['United Kingdom', 'France', null]),
    });
  }
}

async function adjust(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  const time = someTime(turn);
  await insert(turn, 'adjustments', {
    tenant_id: brand.id,
    id: uuidAt(random, time),
    adjustment_number: `A${random.integer(1, 2 ** 40)}`,
    currency: random.pick(currencies),
    amount: `${random.pick(['', '-'])}${money(random)}`,
    country: random.pick(['France', null]),
    adjusted_at: instant(random, time),
  });
}

async function moveStock(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  const [variant, warehouse] = [await someId(turn, 'product_variants'), await someId(turn, 'warehouses')];
  await client.query('SELECT commerce.move_stock($1, $2, $3, $4, $5, $6)', [
    brand.id,
    variant,
    warehouse,
    random.pick(['on_hand', 'incoming', 'damaged', 'reserved']),
    random.pick([-3, -1, 1, 5, 20]),
    'adjustment',
  ]);
}

async function setRate(turn: Turn): Promise<void> {
  const { random, client } = turn;
  const [base, quote] = [random.pick(currencies), random.pick(currencies)];
  if (base === quote) return;
  await client.query(
    `INSERT INTO commerce.fx_rates VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (base_currency, quote_currency, rate_date) DO UPDATE SET rate = excluded.rate, source = excluded.source`,
    [
      base,
      quote,
      new Date(someTime(turn)).toISOString().slice(0, 10),
      `0.${random.integer(1, 999_999_999)}`,
      text(random),
    ],
  );
}

/** Many rows in one transaction, as an import writes them, or one statement that touches all orders of a brand. */
async function burst(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  if (random.chance(0.5)) {
    await client.query(
      `UPDATE commerce.orders SET note = left(coalesce(note, '') || ${random.integer(0, 9)}::text, 70000) WHERE tenant_id = $1`,
      [brand.id],
    );
    return;
  }
  await client.query(`SELECT set_config('app.import_batch', 'burst', true)`);
  await client.query(
    `INSERT INTO commerce.adjustments (tenant_id, id, adjustment_number, line_no, currency, amount, adjusted_at)
     SELECT $1, uuidv7($5::timestamptz - clock_timestamp()), $2, n, $3, n / 7.0, $5::timestamptz + n * interval '1 minute'
     FROM generate_series(1, $4::int) n`,
    [
      brand.id,
      `B${random.integer(1, 2 ** 40)}`,
      brand.currency,
      random.integer(200, 1500),
      instant(random, someTime(turn)),
    ],
  );
  await client.query(`SELECT set_config('app.import_batch', '', true)`);
}

/** Moves lines from one order to another: both orders' figures change. */
async function moveLines(turn: Turn): Promise<void> {
  const { brand, client } = turn;
  const [from, to] = [await someId(turn, 'orders'), await someId(turn, 'orders')];
  await client.query(
    `UPDATE commerce.order_items SET order_id = $3, line_no = line_no + 20000 WHERE tenant_id = $1 AND order_id = $2`,
    [brand.id, from, to],
  );
}

export const operations: readonly Operation[] = [
  { name: 'place order', weight: 30, run: placeOrder },
  { name: 'ship', weight: 12, run: ship },
  { name: 'take back', weight: 8, run: takeBack },
  { name: 'change columns', weight: 25, run: changeColumns },
  { name: 'change key', weight: 4, run: changeKey },
  { name: 'remove', weight: 5, run: remove },
  { name: 'add customers', weight: 6, run: addCustomers },
  { name: 'adjust', weight: 3, run: adjust },
  { name: 'move stock', weight: 4, run: moveStock },
  { name: 'set rate', weight: 1, run: setRate },
  { name: 'burst', weight: 0.4, run: burst },
  { name: 'move lines', weight: 3, run: moveLines },
];
