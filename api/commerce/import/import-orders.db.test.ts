import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImportBench, startImportBench } from './testing.ts';

let bench: ImportBench;
beforeAll(async () => {
  bench = await startImportBench();
});
afterAll(() => bench?.stop());

const HEADER = 'order_id,placed_at,customer_id,sku,quantity,unit_price';
describe('import of a file', () => {
  it('reads BOM, CRLF, gzip and quoted line breaks, and writes the example', async () => {
    const text = `\uFEFF${HEADER},product_name\r\n1,2024-01-05T10:00:00,7,A1,2,1.5,"Two\r\nlines, ""quoted"""\r\n`;
    const report = await bench.import(bench.file('quoted.csv', gzipSync(text)), { tenant: 'quoted' });
    expect(report).toMatchObject({ ok: true, lines: 1, written: { orders: 1, orderItems: 1, customers: 1 } });
    expect(await bench.stored('quoted', 'SELECT name FROM commerce.products WHERE tenant_id = $brand')).toEqual([
      { name: 'Two\r\nlines, "quoted"' },
    ]);
    const example = await bench.import(join(import.meta.dirname, '../../../examples/online-retail-extract.csv'), {
      tenant: 'example',
      map: join(import.meta.dirname, '../../../examples/online-retail.map.json'),
    });
    expect(example.byType).toEqual({ sale: 371, return: 46, stock_adjustment: 26, adjustment: 3 });
    expect(
      await bench.stored(
        'example',
        'SELECT sum(unit_price * quantity)::text AS gross FROM commerce.order_items WHERE tenant_id = $brand',
      ),
    ).toEqual([{ gross: '12767.3300' }]);
  });

  // Red when the clocks' changes are ignored, or a promised day ends at its start.
  it('reads local times in the zone of the brand, and a promised day to its end', async () => {
    const report = await bench.import(
      `${HEADER},promised_at,shipped_at,delivered_at
winter,2024-01-05T10:00:00,7,A,1,1,2024-01-09,2024-01-06T09:00:00,2024-01-09T23:30:00
summer,2024-07-05 10:00:00,7,A,1,1,2024-07-09,,
offset,2024-07-05T10:00:00+05:30,7,A,1,1,2024-07-09T12:00:00,,
twice,2024-10-27T01:30:00,7,A,1,1,,,
`,
      { tenant: 'london' },
    );
    expect(report.problems).toEqual([]);
    const orders = await bench.stored(
      'london',
      `SELECT order_number, status, to_json(placed_at AT TIME ZONE 'UTC')#>>'{}' AS placed, to_json(promised_at AT TIME ZONE 'UTC')#>>'{}' AS promised
       FROM commerce.orders WHERE tenant_id = $brand ORDER BY order_number`,
    );
    expect(orders).toEqual([
      { order_number: 'offset', status: 'confirmed', placed: '2024-07-05T04:30:00', promised: '2024-07-09T11:00:00' },
      {
        order_number: 'summer',
        status: 'confirmed',
        placed: '2024-07-05T09:00:00',
        promised: '2024-07-09T22:59:59.999999',
      },
      // The earlier of the two.
      { order_number: 'twice', status: 'confirmed', placed: '2024-10-27T00:30:00', promised: null },
      {
        order_number: 'winter',
        status: 'delivered',
        placed: '2024-01-05T10:00:00',
        promised: '2024-01-09T23:59:59.999999',
      },
    ]);
    expect(
      await bench.stored(
        'london',
        'SELECT status, delivered_at <= (SELECT promised_at FROM commerce.orders o WHERE o.id = order_id) AS on_time FROM commerce.shipments WHERE tenant_id = $brand',
      ),
    ).toEqual([{ status: 'delivered', on_time: true }]);
    const gap = await bench.import(`${HEADER}\n1,2024-03-31T01:30:00,7,A,1,1\n`, { tenant: 'london' });
    expect(gap.problems).toMatchObject([{ line: 2, column: 'placed_at', code: 'local_time' }]);
  });

  it('puts many brands with their own zones and currencies where they belong', async () => {
    await bench.import(`${HEADER}\n0,2024-01-05T10:00:00,1,A,1,1\n`, {
      tenant: 'kolkata',
      currency: 'INR',
      timezone: 'Asia/Kolkata',
    });
    const report = await bench.import(`tenant,${HEADER},currency
kolkata,1,2024-01-05T00:15:00,1,A,1,1,
north,1,2024-01-05T00:15:00,1,A,2,3,
kolkata,2,2024-01-05T00:15:00,1,A,1,9,USD
north,1,2024-01-05T00:15:00,1,B,2,3,
`);
    expect(report).toMatchObject({ ok: true, brands: ['kolkata', 'north'], brandsCreated: ['north'] });
    expect(
      await bench.stored(
        'kolkata',
        `SELECT order_number, currency, to_json(placed_at AT TIME ZONE 'UTC')#>>'{}' AS placed FROM commerce.orders WHERE tenant_id = $brand AND order_number <> '0' ORDER BY 1`,
      ),
    ).toEqual([
      { order_number: '1', currency: 'INR', placed: '2024-01-04T18:45:00' },
      { order_number: '2', currency: 'USD', placed: '2024-01-04T18:45:00' },
    ]);
    expect(
      await bench.stored('north', 'SELECT sku, line_no FROM commerce.order_items WHERE tenant_id = $brand ORDER BY 2'),
    ).toEqual([
      { sku: 'A', line_no: 1 },
      { sku: 'B', line_no: 2 },
    ]);
  });

  it('links returns to the order they name, and dates each by its own line', async () => {
    const report = await bench.import(
      `${HEADER},unit_cost
o1,2024-01-05T10:00:00,7,A,5,2.5,1.25
o1,2024-01-05T10:00:00,7,B,1,4,
o1,2024-02-05T10:00:00,7,A,-1,2.5,
o1,2024-02-06T10:00:00,7,A,-2,2.5,
c9,2024-02-07T10:00:00,,A,-1,2.5,
`,
      { tenant: 'returns' },
    );
    expect(report.written).toMatchObject({ orders: 1, orderItems: 2, returns: 3, returnItems: 3 });
    expect(
      await bench.stored(
        'returns',
        `SELECT r.return_number, r.order_id IS NOT NULL AS linked, i.order_item_id IS NOT NULL AS item,
        i.quantity, i.amount::text, i.unit_cost::text AS cost, extract(day FROM r.refunded_at)::int AS day
        FROM commerce.returns r JOIN commerce.return_items i ON i.return_id = r.id WHERE r.tenant_id = $brand ORDER BY r.refunded_at`,
      ),
    ).toEqual([
      { return_number: 'o1', linked: true, item: true, quantity: 1, amount: '2.5000', cost: '1.2500', day: 5 },
      {
        return_number: 'o1@2024-02-06T10:00:00Z',
        linked: true,
        item: true,
        quantity: 2,
        amount: '5.0000',
        cost: '1.2500',
        day: 6,
      },
      { return_number: 'c9', linked: false, item: false, quantity: 1, amount: '2.5000', cost: null, day: 7 },
    ]);
  });

  // Red when the opening balance is the sum of all write-offs, or is left out.
  it('opens stock with the least that keeps its history at or above zero', async () => {
    const text = `${HEADER},type
s1,2024-01-01T10:00:00,,A,4,0,stock_adjustment
s2,2024-01-02T10:00:00,,A,-10,0,stock_adjustment
s3,2024-01-03T10:00:00,,A,7,0,stock_adjustment
s4,2024-01-04T10:00:00,,B,3,0,stock_adjustment
`;
    expect((await bench.import(text, { tenant: 'stock' })).written).toMatchObject({ movements: 4, openingBalances: 1 });
    const stock = `SELECT v.sku, i.on_hand, (SELECT string_agg(m.reason || ' ' || m.quantity, ', ' ORDER BY m.moved_at, m.quantity DESC)
      FROM commerce.inventory_movements m WHERE m.variant_id = v.id) AS moves
      FROM commerce.inventory i JOIN commerce.product_variants v ON v.id = i.variant_id WHERE i.tenant_id = $brand ORDER BY 1`;
    const expected = [
      { sku: 'A', on_hand: 7, moves: 'opening_balance 6, adjustment 4, adjustment -10, adjustment 7' },
      { sku: 'B', on_hand: 3, moves: 'adjustment 3' },
    ];
    expect(await bench.stored('stock', stock)).toEqual(expected);
    expect((await bench.import(text, { tenant: 'stock' })).written).toMatchObject({ movements: 0, openingBalances: 0 });
    expect(await bench.stored('stock', stock)).toEqual(expected);
  });

  it('leaves one audit entry per batch and an event per order, none per row', async () => {
    await bench.import(`${HEADER}\n1,2024-01-05T10:00:00,7,A,1,1\n1,2024-01-05T10:00:00,7,B,1,1\n`, {
      tenant: 'audited',
    });
    expect(
      await bench.stored(
        'audited',
        `SELECT resource_type, new_values - 'file' AS counts FROM commerce.audit_logs WHERE tenant_id = $brand AND action = 'IMPORT' ORDER BY id`,
      ),
    ).toEqual([
      { resource_type: 'import', counts: { step: 'reference', customers: 1, products: 2 } },
      { resource_type: 'import', counts: { step: 'orders', orders: 1, orderItems: 2 } },
    ]);
    expect(
      await bench.stored(
        'audited',
        `SELECT event_type, data ->> 'total_amount' AS total, data ->> 'line_count' AS lines FROM commerce.events WHERE tenant_id = $brand ORDER BY id`,
      ),
    ).toEqual([
      { event_type: 'order.created', total: '2.0000', lines: '2' },
      { event_type: 'order.confirmed', total: null, lines: null },
    ]);
  });
});
