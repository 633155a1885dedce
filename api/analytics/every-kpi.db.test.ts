import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiTest, brands, startApiTest } from '../testing.ts';
import { catalogue } from './catalogue.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  await test.model.given({
    tenants: brands,
    products: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'p1', name: 'Mug', category: 'Kitchen' })),
    product_variants: ['t1', 't2'].map((tenant_id) => ({
      tenant_id,
      id: 'v1',
      product_id: 'p1',
      sku: 'A',
      reorder_point: 5,
      unit_cost: '2',
      cost_currency: 'EUR',
    })),
    warehouses: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'w1', code: 'KTM', name: 'Kathmandu' })),
    inventory: ['t1', 't2'].map((tenant_id) => ({
      tenant_id,
      id: 'n1',
      variant_id: 'v1',
      warehouse_id: 'w1',
      on_hand: 9,
      allocated: 5,
      available: 4,
    })),
    fx_rates: [{ base_currency: 'EUR', quote_currency: 'GBP', rate_date: '2024-01-01', rate: '0.5' }],
    inventory_movements: ['t1', 't2'].map((tenant_id) => ({
      tenant_id,
      id: 'm1',
      variant_id: 'v1',
      warehouse_id: 'w1',
      state: 'on_hand',
      quantity: -14,
      reason: 'shipment',
      moved_at: '2024-03-02 00:00:00',
    })),
    // On time, late, and overdue.
    orders: ['t1', 't2'].flatMap((tenant_id) => [
      { tenant_id, id: 'o1', customer_id: 'c1', promised_at: '2024-03-04 00:00:00' },
      { tenant_id, id: 'o2', customer_id: 'c1', promised_at: '2024-03-02 00:00:00' },
      { tenant_id, id: 'o3', customer_id: 'c1', promised_at: '2024-03-10 00:00:00' },
    ]),
    order_items: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'i1', order_id: 'o1', unit_cost: '1' })),
    shipments: ['t1', 't2'].flatMap((tenant_id) =>
      ['o1', 'o2'].map((order_id) => ({
        tenant_id,
        id: `s${order_id}`,
        order_id,
        warehouse_id: 'w1',
        status: 'delivered',
        shipped_at: '2024-03-02 00:00:00',
        delivered_at: '2024-03-03 00:00:00',
      })),
    ),
    returns: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'r1', order_id: 'o1' })),
    return_items: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'ri1', return_id: 'r1', amount: '2.5' })),
    adjustments: ['t1', 't2'].map((tenant_id) => ({
      tenant_id,
      id: 'a1',
      currency: 'EUR',
      amount: '-3',
      adjusted_at: '2024-03-02 00:00:00',
    })),
    payments: ['t1', 't2'].map((tenant_id) => ({
      tenant_id,
      id: 'y1',
      order_id: 'o1',
      currency: 'EUR',
      status: 'received',
      attempted_at: '2024-03-02 00:00:00',
    })),
  });
  const at = new Date('2024-03-15T11:59:59Z');
  for (const tenant of [undefined, 't1', 't2']) await test.progress({ tenant, commit: at, applied: at });
});
afterAll(() => test?.stop());

/** Values of filters are text. */
const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value);

const timeRange = { from: '2024-03-01', to: '2024-03-08' };

describe.each(catalogue)('$id', (kpi) => {
  // Mutation: a dimension that a source of the KPI lacks; a column that a mart does not have.
  it('answers as a total, by all its dimensions, and as a series', async () => {
    const asking = { role: 'platform_admin' } as const;
    const base = { measures: [kpi.id], timeRange, reportingCurrency: 'GBP' };
    const { rows, measures } = await test.answer(base, asking);
    expect(measures).toEqual([
      { id: kpi.id, name: kpi.name, unit: kpi.unit, definitionVersion: kpi.definitionVersion },
    ]);
    expect(rows.length).toBe(kpi.id === 'stock_by_state' ? 6 : 1);
    expect(rows.map((row) => row[kpi.id])).not.toContain(null);

    const sliced = await test.answer({ ...base, dimensions: kpi.dimensions }, asking);
    const [first] = sliced.rows;
    expect(Object.keys(first ?? {}).sort()).toEqual([...kpi.dimensions, kpi.id].sort());
    const filters = kpi.dimensions.map((dimension) => ({ dimension, op: 'in', values: [asText(first?.[dimension])] }));
    const filtered = await test.answer({ ...base, dimensions: kpi.dimensions, filters }, asking);
    expect(filtered.rows).toEqual([first]);
    if (kpi.isState) return;

    const series = await test.answer({ ...base, grain: 'week' }, asking);
    expect(series.rows.map(({ time }) => time)).toEqual(['2024-02-26', '2024-03-04']);
  });

  if (kpi.isState) return;
  // Mutation: rows of the span that is compared with are counted as the figures' own, or the other way round.
  it('is compared with what the same question gives for the span before', async () => {
    const asking = { role: 'platform_admin' } as const;
    const base = { measures: [kpi.id], reportingCurrency: 'GBP' };
    const next = { from: '2024-03-08', to: '2024-03-15' };
    const limited = { dimensions: kpi.dimensions, orderBy: [{ by: kpi.id, direction: 'desc' }], limit: 1 };
    for (const shape of [{}, { grain: 'day' }, limited]) {
      const before = await test.answer({ ...base, ...shape, timeRange }, asking);
      const alone = await test.answer({ ...base, ...shape, timeRange: next }, asking);
      const both = await test.answer({ ...base, ...shape, timeRange: next, compareTo: 'previous_period' }, asking);
      expect(both.comparison).toEqual(before.rows);
      expect(both.rows).toEqual(alone.rows);
    }
  });

  // Mutation: a total is the sum of its buckets (ratios, customers), or of another span.
  it('has totals beside a series: the figures without a grain', async () => {
    const asking = { role: 'platform_admin' } as const;
    const base = { measures: [kpi.id], reportingCurrency: 'GBP', timeRange: { from: '2024-03-03', to: '2024-03-17' } };
    const sliced = { dimensions: kpi.dimensions, orderBy: [{ by: kpi.id, direction: 'desc' }], limit: 2 };
    for (const shape of [{}, { compareTo: 'previous_period' }, { ...sliced, compareTo: 'previous_year' }]) {
      const { rows, comparison } = await test.answer({ ...base, ...shape }, asking);
      const series = await test.answer({ ...base, ...shape, grain: 'day', withTotals: true }, asking);
      expect(series.totals).toEqual({ rows, comparison });
      const alone = await test.answer({ ...base, ...shape, grain: 'day' }, asking);
      expect([series.rows, series.comparison]).toEqual([alone.rows, alone.comparison]);
    }
  });
});
