// Cohorts, worked out by hand. Brand t1 is in Asia/Kathmandu (+05:45) and reports in EUR; now is 15 March 2024.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiTest, brands, startApiTest } from '../testing.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  const order = (id: string, customer_id: string | null, placed_at: string, price: string, more = {}) => ({
    order: { id, customer_id, placed_at, channel: 'web', country: 'NP', ...more },
    item: { id: `i${id}`, order_id: id, unit_price: price },
  });
  const placed = [
    order('o1', 'c1', '2024-01-10 10:00:00', '10'),
    order('o2', 'c1', '2024-02-05 10:00:00', '10', { currency: 'GBP', channel: 'shop' }),
    order('o3', 'c1', '2024-03-01 10:00:00', '5'),
    // In a month that has not begun.
    order('o4', 'c1', '2024-04-02 10:00:00', '1000'),
    // 1 February in Kathmandu.
    order('o5', 'c2', '2024-01-31 18:20:00', '3'),
    order('o6', 'c2', '2024-02-20 10:00:00', '4', { status: 'cancelled' }),
    order('o7', 'c3', '2024-01-20 10:00:00', '7', { channel: 'shop' }),
    order('o8', 'c4', '2024-03-03 10:00:00', '6'),
    order('o9', 'c5', '2024-04-02 10:00:00', '1000'),
    order('guest', null, '2024-01-20 10:00:00', '1000'),
    order('test', 'c6', '2024-01-20 10:00:00', '1000', { is_test: true }),
  ];
  await test.model.given({
    tenants: brands,
    fx_rates: [
      { base_currency: 'GBP', quote_currency: 'EUR', rate_date: '2024-01-01', rate: '1' },
      { base_currency: 'GBP', quote_currency: 'EUR', rate_date: '2024-02-01', rate: '2' },
    ],
    orders: placed.map(({ order }) => order),
    order_items: placed.map(({ item }) => ({ ...item, ...(item.id === 'io1' ? { discount: '1' } : {}) })),
  });
});
afterAll(() => test?.stop());

const measures = ['cohort_size', 'cohort_active', 'cohort_retention', 'ltv'];
const timeRange = { from: '2024-01-01', to: '2025-01-01' };
const rows = async (more: object) =>
  (await test.answer({ measures, timeRange, ...more })).rows.map((row) => Object.values(row));

// Mutations: cohorts of UTC's months; a month that has not begun counted; money at the rate of the first order's day.
it('follow customers by the month of their first order through the months since', async () => {
  expect(await rows({ dimensions: ['cohort_month', 'months_since_first'] })).toEqual([
    ['2024-01-01', 0, 2, 2, '1.000000', '8.000000'],
    ['2024-01-01', 1, 2, 1, '0.500000', '18.000000'],
    ['2024-01-01', 2, 2, 1, '0.500000', '20.500000'],
    ['2024-02-01', 0, 1, 1, '1.000000', '7.000000'],
    ['2024-02-01', 1, 1, 0, '0.000000', '7.000000'],
    ['2024-03-01', 0, 1, 1, '1.000000', '6.000000'],
  ]);
});

it('add up over cohorts, each with those for whom the month has begun', async () => {
  expect(await rows({ dimensions: ['months_since_first'] })).toEqual([
    [0, 4, 4, '1.000000', '7.250000'],
    [1, 3, 1, '0.333333', '14.333333'],
    [2, 2, 1, '0.500000', '20.500000'],
  ]);
  expect(await rows({})).toEqual([[4, 6, '0.666667', '13.500000']]);
});

it('are chosen by the first order, whatever was ordered after it', async () => {
  const web = { filters: [{ dimension: 'channel', op: 'in', values: ['web'] }] };
  // c1 came by web; what c1 ordered in the shop belongs to it.
  expect(await rows({ dimensions: ['cohort_month'], ...web })).toEqual([
    ['2024-01-01', 1, 3, '1.000000', '34.000000'],
    ['2024-02-01', 1, 1, '0.500000', '7.000000'],
    ['2024-03-01', 1, 1, '1.000000', '6.000000'],
  ]);
  expect(await rows({ timeRange: { from: '2024-01-15', to: '2024-01-25' } })).toEqual([[1, 1, '0.333333', '7.000000']]);
  const second = { filters: [{ dimension: 'months_since_first', op: 'in', values: ['1'] }] };
  expect(await rows(second)).toEqual([[3, 1, '0.333333', '14.333333']]);
});

it('are a series by the month of the first order', async () => {
  expect(await rows({ grain: 'month', timeRange: { preset: 'last_12_months' } })).toEqual([
    ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((month) => [`2023-${String(month).padStart(2, '0')}-01`, 0, 0, null, null]),
    ['2024-01-01', 2, 4, '0.666667', '20.500000'],
    ['2024-02-01', 1, 1, '0.500000', '7.000000'],
    ['2024-03-01', 1, 1, '1.000000', '6.000000'],
  ]);
});

it('say who came again and how often', async () => {
  const february = { from: '2024-02-01', to: '2024-03-01' };
  const asked = ['customers', 'new_customers', 'returning_customers', 'purchase_frequency'];
  expect(await rows({ measures: asked, timeRange: february })).toEqual([[2, 1, 1, '1.500000']]);
  const [first] = (
    await test.answer({
      ...{ measures: ['net_sales', 'orders'], timeRange: february, dimensions: ['customer_id'] },
      orderBy: [{ by: 'net_sales', direction: 'desc' }],
    })
  ).rows;
  expect(first).toMatchObject({ net_sales: '20.0000', orders: 1 });
});
