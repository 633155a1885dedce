/** Changes to rows that are there, whatever they mean: columns, keys, whole brands at once. */
import { columnValues } from './column-values.ts';
import { instant, someId, someTime, type Turn, update } from './turn.ts';

/** One to three random columns of one random row; several times over in one transaction now and then. */
export async function changeColumns(turn: Turn): Promise<void> {
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
export async function changeKey(turn: Turn): Promise<void> {
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

export async function remove(turn: Turn): Promise<void> {
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

/** Many rows in one transaction, as an import writes them, or one statement that touches all orders of a brand. */
export async function burst(turn: Turn): Promise<void> {
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
export async function moveLines(turn: Turn): Promise<void> {
  const { brand, client } = turn;
  const [from, to] = [await someId(turn, 'orders'), await someId(turn, 'orders')];
  await client.query(
    `UPDATE commerce.order_items SET order_id = $3, line_no = line_no + 20000 WHERE tenant_id = $1 AND order_id = $2`,
    [brand.id, from, to],
  );
}
