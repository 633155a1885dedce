import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportReport } from './import-report.ts';
import { type ImportBench, startImportBench } from './testing.ts';

/**
 * The whole of Online Retail against figures that were counted from the file by other means. In a checkout without the data the
 * test says so and ends; in continuous integration it fails.
 */
const FILE = join(import.meta.dirname, '../../../../shared/data/online_retail/online_retail.csv.gz');
const MAP = join(import.meta.dirname, '../../../examples/online-retail.map.json');
const present = existsSync(FILE) || process.env.CI === 'true';

const wholeFile = () => {
  let bench: ImportBench;
  let report: ImportReport;

  beforeAll(async () => {
    bench = await startImportBench();
    report = await bench.import(FILE, { tenant: 'retail', map: MAP });
  }, 600_000);
  afterAll(() => bench?.stop());

  it('sorts lines by the rules of the map', () => {
    expect(report.problems).toEqual([]);
    expect(report.lines).toBe(541_909);
    expect(report.byType).toEqual({ adjustment: 3, stock_adjustment: 2_515, return: 9_288, sale: 530_103 });
  });

  // Red when a surplus duplicate row is dropped, an order loses a line, or money passes through a float.
  it('stores the figures to the last digit', async () => {
    const [figures] = await bench.rows(`
      SELECT (SELECT trim_scale(sum(unit_price * quantity))::text FROM commerce.order_items) AS gross_sales,
        (SELECT trim_scale(sum(amount))::text FROM commerce.return_items) AS returns,
        (SELECT trim_scale(sum(amount))::text FROM commerce.adjustments) AS adjustments,
        (SELECT count(*)::int FROM commerce.orders) AS orders,
        (SELECT count(DISTINCT customer_id)::int FROM commerce.orders) AS customers,
        (SELECT count(*)::int FROM (SELECT customer_id FROM commerce.orders WHERE customer_id IS NOT NULL
          GROUP BY customer_id HAVING count(*) > 1) repeat) AS repeat_customers,
        (SELECT sum(quantity)::int FROM commerce.order_items WHERE sku = '23843') AS units_of_23843,
        (SELECT count(*)::int FROM commerce.product_variants WHERE sku IN ('85123A', '85123a')) AS cased_skus`);
    expect(figures).toEqual({
      gross_sales: '10655622.484',
      returns: '896812.49',
      adjustments: '-11062.06',
      orders: 19_959,
      customers: 4_338,
      repeat_customers: 2_845,
      units_of_23843: 80_995,
      cased_skus: 2,
    });
  });

  // Red when an order is dated by its last row, or local time is taken for UTC.
  it('dates orders in the zone of the brand', async () => {
    const months = await bench.rows(`
      SELECT to_char(o.placed_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month, trim_scale(sum(i.unit_price * i.quantity))::text AS gross
      FROM commerce.orders o JOIN commerce.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id GROUP BY 1`);
    const gross = Object.fromEntries(months.map(({ month, gross }) => [month, gross]));
    expect(gross).toMatchObject({
      '2010-12': '823746.14',
      '2011-04': '537808.621',
      '2011-07': '719221.191',
      '2011-09': '1058590.172',
      '2011-12': '638792.68',
    });
  });

  it('keeps stock at or above zero, as the sum of its movements', async () => {
    const [stock] = await bench.rows(`
      SELECT min(i.on_hand)::int AS least, bool_and(i.on_hand = m.total) AS agrees
      FROM commerce.inventory i JOIN (SELECT tenant_id, variant_id, warehouse_id, sum(quantity) AS total
        FROM commerce.inventory_movements WHERE state = 'on_hand' GROUP BY 1, 2, 3) m USING (tenant_id, variant_id, warehouse_id)`);
    expect(stock).toEqual({ least: 0, agrees: true });
  });

  it('changes nothing when it is imported again', { timeout: 300_000 }, async () => {
    const marks = `SELECT (SELECT sum(xmin::text::bigint * (line_no % 97)) FROM commerce.order_items)::text AS items,
      (SELECT sum(xmin::text::bigint) FROM commerce.orders)::text AS orders, (SELECT count(*) FROM commerce.events) AS events,
      (SELECT count(*) FROM commerce.audit_logs) AS audit, (SELECT sum(xmin::text::bigint) FROM commerce.inventory)::text AS stock,
      (SELECT count(*) FROM commerce.inventory_movements) AS movements, (SELECT count(*) FROM commerce.return_items) AS returns`;
    const before = await bench.rows(marks);
    const again = await bench.import(FILE, { tenant: 'retail', map: MAP });
    expect(Object.values(again.written).every((count) => count === 0)).toBe(true);
    expect(again.conflicts).toEqual([]);
    expect(await bench.rows(marks)).toEqual(before);
  });
};

if (present) describe('online retail, all 541,909 lines', wholeFile);
else {
  it('online retail is not tested here: ../shared/data/online_retail is absent', () => {
    console.warn(`No ${FILE}: the import of Online Retail was not tested.`);
  });
}
