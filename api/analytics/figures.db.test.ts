import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuid } from '../../transforms/testing.ts';
import { type ApiTest, brands, startApiTest } from '../testing.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
});
beforeEach(async () => {
  await test.model.reset();
  await test.model.given({ tenants: brands });
});
afterAll(() => test?.stop());

const march = { from: '2024-03-01', to: '2024-04-01' };

/** Brand t1 is in Asia/Kathmandu (+05:45), so that 18:20 UTC on the 1st is the 2nd there. */
async function givenSales(): Promise<void> {
  await test.model.given({
    orders: [
      { id: 'o0', placed_at: '2024-02-01 00:00:00', customer_id: 'c1', channel: 'web', country: 'NP' },
      { id: 'o1', placed_at: '2024-03-01 10:00:00', customer_id: 'c1', channel: 'web', country: 'NP' },
      { id: 'o2', placed_at: '2024-03-01 18:20:00', customer_id: 'c2', channel: 'shop', country: 'NP' },
      { id: 'o3', placed_at: '2024-03-04 10:00:00', customer_id: 'c2', channel: 'web', status: 'cancelled' },
      { id: 'test', placed_at: '2024-03-04 10:00:00', is_test: true },
    ],
    order_items: [
      { id: 'i0', order_id: 'o0', unit_price: '5' },
      {
        id: 'i1',
        order_id: 'o1',
        unit_price: '10',
        quantity: 3,
        discount: '1',
        tax: '2',
        shipping: '4',
        unit_cost: '6',
      },
      { id: 'i2', order_id: 'o1', line_no: 2, sku: 'B', unit_price: '0.3333', quantity: 1 },
      { id: 'i3', order_id: 'o2', unit_price: '7', unit_cost: '2' },
      { id: 'i4', order_id: 'o3', sku: 'B', unit_price: '1' },
      { id: 'i5', order_id: 'test', unit_price: '999' },
    ],
    returns: [
      { id: 'r1', order_id: 'o1', refunded_at: '2024-03-05 00:00:00', channel: 'web', country: 'NP' },
      { id: 'r2', status: 'requested', refunded_at: null },
    ],
    return_items: [
      { id: 'ri1', return_id: 'r1', order_item_id: 'i1', quantity: 1, amount: '9.6667', unit_cost: '6' },
      { id: 'ri2', return_id: 'r2', amount: '100' },
    ],
    adjustments: [{ tenant_id: 't1', id: 'a1', currency: 'EUR', amount: '-2.5', adjusted_at: '2024-03-02 00:00:00' }],
  });
}

describe('figures', () => {
  // Mutations: test orders counted; returns by order date; adjustments in net sales; ratios of rounded figures.
  it('follow the definitions', async () => {
    await givenSales();
    const measures = [
      'gross_sales',
      'discounts',
      'returns',
      'adjustments',
      'net_sales',
      'taxes',
      'shipping_charged',
      'total_sales',
      'orders',
      'units_sold',
      'units_returned',
      'aov',
      'aov_net',
      'units_per_order',
      'discount_rate',
      'return_rate_value',
      'cancellation_rate',
      'cogs',
      'gross_margin',
      'gross_margin_rate',
      'cost_coverage',
      'customers',
      'new_customers',
      'returning_customer_share',
      'repeat_purchase_rate',
      'return_rate_units_cohort',
    ];
    const answer = await test.answer({ measures, timeRange: march });
    expect(answer.rows).toEqual([
      {
        gross_sales: '38.3333',
        discounts: '1.0000',
        returns: '9.6667',
        adjustments: '-2.5000',
        net_sales: '27.6666',
        taxes: '2.0000',
        shipping_charged: '4.0000',
        total_sales: '33.6666',
        orders: 3,
        units_sold: 6,
        units_returned: 1,
        aov: '12.444433',
        aov_net: '9.222200',
        units_per_order: '2.000000',
        discount_rate: '0.026087',
        return_rate_value: '0.252175',
        cancellation_rate: '0.333333',
        // 6 × 3 + 2 − 6 = 14; lines with cost: 29 + 7 − 9.6667 = 26.3333 of 27.6666.
        cogs: '14.0000',
        gross_margin: '13.6666',
        gross_margin_rate: '0.493975',
        cost_coverage: '0.951808',
        customers: 2,
        new_customers: 1,
        returning_customer_share: '0.500000',
        repeat_purchase_rate: '0.500000',
        return_rate_units_cohort: '0.166667',
      },
    ]);
    expect(answer).toMatchObject({ comparison: null, timezone: 'Asia/Kathmandu', currency: 'EUR' });
  });

  // Mutation: buckets in UTC.
  it('fall on days of the brand, gaps filled', async () => {
    await givenSales();
    const timeRange = { from: '2024-03-01', to: '2024-03-06' };
    const { rows } = await test.answer({ measures: ['gross_sales', 'orders', 'aov'], timeRange, grain: 'day' });
    expect(rows).toEqual([
      { time: '2024-03-01', gross_sales: '30.3333', orders: 1, aov: '29.333300' },
      { time: '2024-03-02', gross_sales: '7.0000', orders: 1, aov: '7.000000' },
      { time: '2024-03-03', gross_sales: '0.0000', orders: 0, aov: null },
      { time: '2024-03-04', gross_sales: '1.0000', orders: 1, aov: '1.000000' },
      { time: '2024-03-05', gross_sales: '0.0000', orders: 0, aov: null },
    ]);
    const hours = await test.answer({
      measures: ['orders'],
      timeRange: { from: '2024-03-01T18:00:00Z', to: '2024-03-01T19:00:00Z' },
      grain: 'hour',
    });
    expect(hours.rows).toEqual([
      { time: '2024-03-01T23:00:00+05:45', orders: 0 },
      { time: '2024-03-02T00:00:00+05:45', orders: 1 },
    ]);
  });

  it('are sliced by lines without counting an order twice, ordered and cut', async () => {
    await givenSales();
    const query = { measures: ['orders', 'net_sales'], timeRange: march, dimensions: ['sku'] };
    const byNet = await test.answer({ ...query, orderBy: [{ by: 'net_sales', direction: 'desc' }] });
    expect(byNet.rows).toEqual([
      { sku: 'A', orders: 2, net_sales: '26.3333' },
      { sku: 'B', orders: 2, net_sales: '1.3333' },
    ]);
    expect((await test.answer({ ...query, orderBy: [{ by: 'sku', direction: 'desc' }], limit: 1 })).rows).toEqual([
      byNet.rows[1],
    ]);
    const series = await test.answer({
      ...query,
      grain: 'week',
      orderBy: [{ by: 'net_sales', direction: 'desc' }],
      limit: 2,
    });
    expect(series.rows.map(({ time, sku, net_sales }) => [time, sku, net_sales])).toEqual([
      ['2024-02-26', 'A', '36.0000'],
      ['2024-03-04', 'B', '1.0000'],
    ]);
  });

  // Mutation: `NOT IN` with three-valued logic, which drops the orders whose country is not known.
  it('are filtered, what is not known included', async () => {
    await givenSales();
    const count = async (op: string, values: (string | null)[]) =>
      (await test.answer({ measures: ['orders'], timeRange: march, filters: [{ dimension: 'country', op, values }] }))
        .rows[0]?.orders;
    expect([await count('in', ['NP']), await count('not_in', ['NP']), await count('in', [null])]).toEqual([2, 1, 1]);
    expect([
      await count('not_in', [null]),
      await count('in', ['NP', null]),
      await count('not_in', ['NP', null]),
    ]).toEqual([2, 3, 0]);
  });

  // Mutation: platform roles are given the days of the brand they narrow to.
  it('fall on UTC days for platform roles, and on the brand’s when asked for', async () => {
    await givenSales();
    const query = { measures: ['orders'], timeRange: { from: '2024-03-01', to: '2024-03-03' }, grain: 'day' };
    const asking = { role: 'executive', header: uuid('t1') } as const;
    const utc = await test.answer(query, asking);
    expect([utc.timezone, utc.rows.map(({ orders }) => orders)]).toEqual(['UTC', [2, 0]]);
    const own = await test.answer({ ...query, timezone: 'brand' }, asking);
    expect([own.timezone, own.rows.map(({ orders }) => orders)]).toEqual(['Asia/Kathmandu', [1, 1]]);
    const nobodys = await test.ask({ ...query, timezone: 'brand' }, { role: 'executive' });
    expect(nobodys.status).toBe(400);
    expect(await nobodys.json()).toMatchObject({ errors: [{ path: 'timezone' }] });
  });

  // Mutation: comparing with another definition or a whole period.
  it('compare with what was', async () => {
    await givenSales();
    test.now = new Date('2024-03-01T18:00:00Z');
    const { rows, comparison } = await test.answer({
      measures: ['orders', 'gross_sales'],
      timeRange: { preset: 'month_to_date' },
      compareTo: 'previous_period',
      timezone: 'UTC',
    });
    test.now = new Date('2024-03-15T12:00:00Z');
    expect(rows).toEqual([{ orders: 2, gross_sales: '37.3333' }]);
    expect(comparison).toEqual([{ orders: 1, gross_sales: '5.0000' }]);
  });

  // Mutation: returning by the first order of the slice, or by bucket start only in UTC.
  it('tell new customers from returning ones in every bucket', async () => {
    await givenSales();
    const measures = ['customers', 'new_customers', 'returning_customer_share'];
    const { rows } = await test.answer({ measures, timeRange: march, grain: 'week' });
    expect(rows.slice(0, 3)).toEqual([
      { time: '2024-02-26', customers: 2, new_customers: 1, returning_customer_share: '0.500000' },
      { time: '2024-03-04', customers: 1, new_customers: 0, returning_customer_share: '1.000000' },
      { time: '2024-03-11', customers: 0, new_customers: 0, returning_customer_share: null },
    ]);
  });

  it('say why they can not be computed', async () => {
    await test.model.given({
      orders: [{ id: 'o1', placed_at: '2024-03-01 10:00:00' }],
      order_items: [{ id: 'i1', order_id: 'o1' }],
      returns: [{ id: 'r1', refunded_at: '2024-03-05 00:00:00' }],
      return_items: [{ id: 'ri1', return_id: 'r1' }],
    });
    const measures = ['gross_margin', 'cost_coverage', 'return_rate_units_cohort', 'orders'];
    const answer = await test.answer({ measures, timeRange: march });
    expect(answer.rows).toEqual([
      { gross_margin: null, cost_coverage: null, return_rate_units_cohort: null, orders: 1 },
    ]);
    expect(answer.measures.map(({ id, notComputable }) => [id, notComputable !== undefined])).toEqual([
      ['gross_margin', true],
      ['cost_coverage', false],
      ['return_rate_units_cohort', true],
      ['orders', false],
    ]);
  });
});
