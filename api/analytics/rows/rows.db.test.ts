import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiTest, type Asking, brands, startApiTest } from '../../testing.ts';
import { catalogue } from '../catalogue.ts';
import type { KpiRows } from './query-rows.ts';
import { rowsBehind } from './rows-behind.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  const both = (rows: readonly Record<string, string | number | boolean | null>[]) =>
    ['t1', 't2'].flatMap((tenant_id) => rows.map((row) => ({ tenant_id, ...row })));
  const shipped = (id: string, order_id: string, shipped_at: string, delivered_at: string) => ({
    ...{ id, order_id, shipped_at, delivered_at, warehouse_id: 'w1', status: 'delivered' },
  });
  await test.model.given({
    tenants: brands,
    products: both([{ id: 'p1', name: 'Mug', category: 'Kitchen' }]),
    product_variants: both([
      { id: 'v1', product_id: 'p1', sku: 'A', reorder_point: 5, unit_cost: '2', cost_currency: 'EUR' },
      { id: 'v2', product_id: 'p1', sku: 'B', reorder_point: 5 },
    ]),
    warehouses: both([{ id: 'w1', code: 'KTM', name: 'Kathmandu' }]),
    inventory: both([
      { id: 'n1', variant_id: 'v1', warehouse_id: 'w1', on_hand: 9, allocated: 5, available: 4 },
      { id: 'n2', variant_id: 'v2', warehouse_id: 'w1', on_hand: 60, available: 60 },
    ]),
    fx_rates: [
      { base_currency: 'USD', quote_currency: 'EUR', rate_date: '2024-01-01', rate: '0.3333333333' },
      { base_currency: 'EUR', quote_currency: 'GBP', rate_date: '2024-01-01', rate: '0.8571428571' },
      { base_currency: 'USD', quote_currency: 'GBP', rate_date: '2024-01-01', rate: '0.7142857143' },
    ],
    orders: both([
      { id: 'o0', order_number: 'N-0', customer_id: 'c1', placed_at: '2024-02-20 00:00:00' },
      { id: 'o1', order_number: 'N-1', customer_id: 'c1', promised_at: '2024-03-04 00:00:00' },
      { id: 'o2', order_number: 'N-2', customer_id: 'c1', currency: 'USD', placed_at: '2024-03-06 00:00:00' },
      { id: 'o3', order_number: 'N-3', customer_id: 'c2', promised_at: '2024-03-02 00:00:00', status: 'delivered' },
      { id: 'o4', order_number: 'N-4', status: 'cancelled' },
      { id: 'test', order_number: 'TEST', is_test: true },
    ]),
    order_items: both([
      { id: 'i0', order_id: 'o0' },
      { id: 'i1', order_id: 'o1', unit_price: '0.3333', quantity: 3, discount: '0.0001', tax: '1', unit_cost: '0.1' },
      { id: 'i2', order_id: 'o2', unit_price: '0.0001', sku: 'B', shipping: '0.0002' },
      { id: 'i3', order_id: 'o3', unit_price: '19.99', unit_cost: '7' },
      { id: 'i4', order_id: 'o4' },
      { id: 'i5', order_id: 'test', unit_price: '999' },
    ]),
    shipments: both([
      shipped('s1', 'o1', '2024-03-02 00:00:00', '2024-03-03 00:00:00'),
      shipped('s3', 'o3', '2024-03-03 07:00:00', '2024-03-05 00:00:00'),
    ]),
    returns: both([
      { id: 'r0', order_id: 'o0', refunded_at: '2024-03-02 09:00:00' },
      { id: 'r1', order_id: 'o1', refunded_at: '2024-03-06 09:00:00' },
      { id: 'r9', order_id: null, refunded_at: '2024-03-06 09:00:00', currency: 'USD' },
    ]),
    return_items: both([
      { id: 'ri0', return_id: 'r0', amount: '2.5' },
      { id: 'ri1', return_id: 'r1', amount: '0.3333', unit_cost: '0.1' },
      { id: 'ri9', return_id: 'r9', amount: '0.0001' },
    ]),
    adjustments: both([{ id: 'a1', currency: 'EUR', amount: '-3', adjusted_at: '2024-03-02 00:00:00' }]),
    payments: both([
      { id: 'y1', order_id: 'o1', currency: 'EUR', status: 'received', attempted_at: '2024-03-02 00:00:00' },
      { id: 'y2', order_id: 'o1', currency: 'EUR', status: 'failed', attempted_at: '2024-03-01 12:00:00' },
      { id: 'y3', order_id: 'test', currency: 'EUR', status: 'failed', attempted_at: '2024-03-01 12:00:00' },
    ]),
  });
  const at = new Date('2024-03-15T11:59:59Z');
  for (const tenant of [undefined, 't1', 't2']) await test.progress({ tenant, commit: at, applied: at });
});
afterAll(() => test?.stop());

const timeRange = { from: '2024-03-01', to: '2024-03-08' };
const executive = { role: 'executive' } as const;
const manager = { role: 'brand_manager', tenant: 't1' } as const;
const rowsOf = (body: object, asking: Asking = manager) =>
  test.answer(body, { ...asking, path: 'rows' }) as unknown as Promise<KpiRows>;

const sum = (values: readonly unknown[]) =>
  values.reduce<Decimal>((total, one) => total.plus(String(one)), new Decimal(0));

const byBucket = new Set(['net_sales', 'aov', 'returning_customer_share', 'on_time_rate', 'ship_time_p50']);
const asked = catalogue
  .filter((kpi) => rowsBehind(kpi).length > 0)
  .flatMap((kpi) => {
    const ofAllBrands = kpi.platformOnly === true || ['net_sales', 'customers', 'low_stock_skus'].includes(kpi.id);
    return [...(kpi.platformOnly ? [] : [manager]), ...(ofAllBrands ? [executive] : [])].map(
      (asking) => [kpi.id, asking.role, kpi, asking] as const,
    );
  });

describe('rows behind a figure', () => {
  // Mutations: rows rounded before they are added up; returns joined to orders by INNER JOIN; sums taken after the limit.
  it.each(asked)('%s adds up, for %s, whole and by bucket', async (_id, _role, kpi, asking) => {
    const base = { timeRange, reportingCurrency: 'GBP' };
    const figuresOf = async (more: object) =>
      (await test.answer({ measures: [kpi.id], ...base, ...more }, asking)).rows;
    const check = (answer: KpiRows, figure: unknown) => {
      expect(answer.figure).toEqual(figure);
      expect(answer.count).toBe(answer.rows.length);
      const totals = answer.parts.map(({ id }) => {
        expect(sum(answer.rows.map((row) => row[id]))).toEqual(new Decimal(answer.total[id] ?? ''));
        return new Decimal(answer.total[id] ?? '');
      });
      if (figure === null || totals.length === 0) return;
      if (kpi.compute.kind === 'sum') expect(totals[0]?.toDP(4).equals(String(figure))).toBe(true);
      if (kpi.compute.kind === 'ratio') {
        const divisor = totals[1]?.times(String(kpi.compute.perUnit ?? 1n)) ?? new Decimal(0);
        expect(totals[0]?.div(divisor).toFixed(6)).toBe(figure);
      }
    };
    const filters = kpi.id === 'stock_by_state' ? [{ dimension: 'status', op: 'in', values: ['available'] }] : [];
    const [figure] = await figuresOf({ filters });
    check(await rowsOf({ measure: kpi.id, ...base, filters }, asking), figure?.[kpi.id]);
    if (asking === executive || !byBucket.has(kpi.id)) return;
    for (const bucket of await figuresOf({ grain: 'week' })) {
      check(await rowsOf({ measure: kpi.id, ...base, grain: 'week', time: bucket.time }, asking), bucket[kpi.id]);
    }
  });
});

describe('rows', () => {
  it('are named, dated and ordered, and beyond the limit still counted', async () => {
    const asked = { measure: 'net_sales', timeRange };
    const { rows, count, total, figure, currency } = await rowsOf({ ...asked, limit: 2 });
    expect({ count, currency }).toEqual({ count: 6, currency: 'EUR' });
    // 0.9999 − 0.0001 − 0.3333 + (0.0001 − 0.0001) / 3 + 19.99 + 10 − 2.5
    expect([figure, Number(total.value)]).toEqual(['28.1565', 28.1565]);
    expect(rows[0]).toMatchObject({
      order_number: 'N-1',
      time: '2024-03-06T09:00:00.000000Z',
      value: '0.66650000000000',
    });
    expect(rows[1]).toMatchObject({ order_number: null, time: '2024-03-06T09:00:00.000000Z' });
    const largest = await rowsOf({ ...asked, orderBy: { by: 'value' } });
    expect(largest.rows.map(({ order_number }) => order_number)).toEqual(['N-3', 'N-4', 'N-1', 'N-2', null, 'N-0']);
  });

  it('are stock by sku and warehouse, and customers where those are counted', async () => {
    const low = await rowsOf({ measure: 'low_stock_skus' });
    expect(low).toMatchObject({ rowsAre: ['sku', 'warehouse'], count: 1, span: null });
    expect(low.rows).toEqual([{ sku: 'A', warehouse: 'KTM', time: null, value: '1' }]);
    const fresh = await rowsOf({ measure: 'new_customers', timeRange });
    expect([fresh.rowsAre, fresh.count]).toEqual([['customer_id'], 1]);
  });

  it('name the brand before anything else where all brands are asked', async () => {
    const { rows, rowsAre } = await rowsOf(
      { measure: 'units_sold', timeRange: { from: '2024-03-06', to: '2024-03-07' } },
      { role: 'executive' },
    );
    expect(rowsAre).toEqual(['brand', 'order_number']);
    expect(rows.map(({ brand, order_number }) => [brand, order_number])).toEqual([
      ['atlas', 'N-2'],
      ['borea', 'N-2'],
    ]);
  });

  it.each([
    [{ measure: 'nonsense' }, 'measure'],
    [{ measure: 'freshness' }, 'measure'],
    [{ measure: 'net_sales' }, 'timeRange'],
    [{ measure: 'net_sales', timeRange, grain: 'week' }, 'time'],
    [{ measure: 'net_sales', timeRange, time: '2024-03-04' }, 'grain'],
    [{ measure: 'net_sales', timeRange, grain: 'week', time: '2024-03-05' }, 'time'],
    [
      { measure: 'net_sales', timeRange, filters: [{ dimension: 'warehouse', op: 'in', values: ['x'] }] },
      'filters[0].dimension',
    ],
    [{ measure: 'net_sales', timeRange, limit: 50_001 }, 'limit'],
  ])('%j is refused and named', async (body, path) => {
    const response = await test.ask(body, { role: 'executive', path: 'rows' });
    const problem = (await response.json()) as { status: number; errors: { path: string }[] };
    expect([problem.status, problem.errors.map((error) => error.path)]).toEqual([400, [path]]);
  });

  it('as a dimension need their brand, and are not live', async () => {
    const query = { measures: ['orders'], timeRange, dimensions: ['order_number'] };
    const mixed = await test.ask(query, { role: 'executive' });
    expect([mixed.status, await mixed.text()]).toEqual([400, expect.stringContaining('dimensions[0]')]);
    const { rows } = await test.answer(query, manager);
    expect(rows.map(({ order_number }) => order_number)).toEqual(['N-1', 'N-2', 'N-3', 'N-4']);
  });
});
