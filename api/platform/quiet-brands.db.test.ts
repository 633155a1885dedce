import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiTest, brands, startApiTest } from '../testing.ts';
import { quietBrands } from './quiet-brands.ts';

let test: ApiTest;
let number = 0;

/** Orders with one line of 10.00 each, a minute apart. */
async function given(tenant_id: string, currency: string, begins: readonly [string, count: number][], is_test = false) {
  const placed = begins.flatMap(([time, count]) =>
    Array.from({ length: count }, (_, minute) => new Date(Date.parse(time) + minute * 60_000)),
  );
  const all = placed.map((at) => ({ id: `q${number++}`, at: at.toISOString().slice(0, 19).replace('T', ' ') }));
  await test.model.given({
    orders: all.map(({ id, at }) => ({ ...{ tenant_id, id, order_number: id, currency, placed_at: at, is_test } })),
    order_items: all.map(({ id }) => ({ tenant_id, id: `i${id}`, order_id: id })),
  });
}

const weeks = ['2024-02-29', '2024-03-07', '2024-03-14', '2024-03-21'];

beforeAll(async () => {
  test = await startApiTest();
  await test.model.given({ tenants: brands });
}, 120_000);
afterAll(() => test?.stop());

// Mutations: weeks of 7 × 24 hours in UTC; test orders counted; the brand's other currencies added up.
it('finds brands that are silent in hours in which they usually trade, and says what is usual', async () => {
  const now = new Date('2024-03-28T12:00:00Z');
  const reader = test.reader.forPlatform();
  await given('t1', 'EUR', [
    ['2024-03-28T09:00:00Z', 1],
    ...weeks.map((day) => [`${day}T09:30:00Z`, 5] as [string, number]),
  ]);
  // Not in these hours: before the last order, and after now.
  await given(
    't1',
    'EUR',
    weeks.flatMap(
      (day) =>
        [
          [`${day}T08:00:00Z`, 3],
          [`${day}T12:00:00Z`, 3],
        ] as [string, number][],
    ),
  );
  await given('t1', 'USD', [['2024-03-21T10:00:00Z', 2]]);
  // Few orders: their absence says nothing; test orders are no trade.
  await given('t2', 'GBP', [
    ['2024-03-28T09:00:00Z', 1],
    ...weeks.map((day) => [`${day}T09:30:00Z`, 4] as [string, number]),
  ]);
  await given(
    't2',
    'GBP',
    weeks.map((day) => [`${day}T10:30:00Z`, 9] as [string, number]),
    true,
  );
  expect(await quietBrands(reader, now)).toMatchObject([
    { slug: 'atlas', lastOrder: '2024-03-28T09:00:00.000000Z', expectedOrders: '5.5', expectedSales: '50.00' },
  ]);
  expect(await quietBrands(reader, new Date('2024-03-28T09:20:00Z'))).toEqual([]);
  await test.model.given({ tenants: [{ ...brands[0], status: 'suspended' }] });
  expect(await quietBrands(reader, now)).toEqual([]);
}, 120_000);
