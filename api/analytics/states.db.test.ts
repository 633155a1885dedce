import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const platform = { role: 'executive' } as const;
const march = { from: '2024-03-01', to: '2024-04-01' };

describe('fulfilment', () => {
  // Mutation: durations rounded towards zero, or taken for unsigned.
  it('counts whole days down, also of what is said to have been shipped before it was placed', async () => {
    await test.model.given({
      orders: [{ id: 'o', placed_at: '2024-03-10 06:00:00' }],
      order_items: [{ id: 'i', order_id: 'o' }],
      shipments: [{ id: 's', order_id: 'o', shipped_at: '2024-03-08 00:00:00' }],
    });
    const query = { measures: ['shipped_orders'], timeRange: march, dimensions: ['ship_days'] };
    expect((await test.answer(query)).rows).toEqual([{ ship_days: '-3', shipped_orders: 1 }]);
  });

  // Mutations: cancelled orders counted; percentiles of floats; delivery by the first shipment.
  it('is measured exactly, by the date it happened', async () => {
    const hours = [1, 2, 4, 10];
    await test.model.given({
      warehouses: [{ tenant_id: 't1', id: 'w1', code: 'KTM', name: 'Kathmandu' }],
      orders: [
        ...hours.map((_, n) => ({ id: `o${n}`, placed_at: '2024-03-01 00:00:00', promised_at: '2024-03-01 04:00:00' })),
        { id: 'gone', placed_at: '2024-03-01 00:00:00', status: 'cancelled', promised_at: '2024-03-09 00:00:00' },
      ],
      order_items: [...hours.map((_, n) => ({ id: `i${n}`, order_id: `o${n}` })), { id: 'ig', order_id: 'gone' }],
      shipments: [
        ...hours.map((hour, n) => ({
          id: `s${n}`,
          order_id: `o${n}`,
          warehouse_id: 'w1',
          status: 'delivered',
          shipped_at: '2024-03-01 00:00:00.000001',
          delivered_at: `2024-03-01 ${String(hour).padStart(2, '0')}:00:00`,
        })),
        {
          id: 'sg',
          order_id: 'gone',
          status: 'delivered',
          shipped_at: '2024-03-02 00:00:00',
          delivered_at: '2024-03-03 00:00:00',
        },
      ],
    });
    const spread = await test.answer({
      measures: ['delivered_orders', 'delivered_on_time', 'late_deliveries', 'avg_lateness'],
      timeRange: march,
      dimensions: ['delivery_days', 'days_late'],
    });
    expect(spread.rows).toEqual([
      {
        ...{ delivery_days: '0', days_late: '0', delivered_orders: 3, delivered_on_time: 3, late_deliveries: 0 },
        avg_lateness: null,
      },
      {
        ...{ delivery_days: '0', days_late: '1', delivered_orders: 1, delivered_on_time: 0, late_deliveries: 1 },
        avg_lateness: '6.000000',
      },
    ]);
    const measures = ['on_time_rate', 'delivery_time_p50', 'delivery_time_p90', 'ship_time_p50', 'avg_ship_time'];
    const { rows } = await test.answer({ measures, timeRange: march, dimensions: ['warehouse'] });
    expect(rows).toEqual([
      {
        warehouse: 'KTM',
        on_time_rate: '0.750000',
        delivery_time_p50: '3.000000',
        // 4 + 0.7 × (10 − 4)
        delivery_time_p90: '8.200000',
        ship_time_p50: '0.000000',
        avg_ship_time: '0.000000',
      },
    ]);
  });

  it('counts payments and what is open', async () => {
    await test.model.given({
      orders: [
        { id: 'o1' },
        { id: 'o2', status: 'shipped' },
        { id: 'o3', status: 'placed', is_test: true },
        { id: 'o4', status: 'packed' },
        { id: 'o5', status: 'partially_shipped' },
        { id: 'o6', status: 'delivered' },
        { id: 'o7', status: 'cancelled' },
      ],
      payments: ['received', 'failed', 'pending'].map((status, n) => ({
        tenant_id: 't1',
        id: `y${n}`,
        order_id: 'o1',
        currency: 'EUR',
        status,
        attempted_at: '2024-03-02 00:00:00',
      })),
    });
    expect((await test.answer({ measures: ['backlog'] })).rows).toEqual([{ backlog: 3 }]);
    expect((await test.answer({ measures: ['payment_success_rate'], timeRange: march })).rows).toEqual([
      { payment_success_rate: '0.333333' },
    ]);
  });
});

describe('open orders', () => {
  // Mutations: a begun day of age counted whole, of lateness not; what has arrived still overdue.
  it('are as old as they are, and as late, at the moment of the question', async () => {
    await test.model.given({
      orders: [
        // Now is 15 March, noon.
        { id: 'o1', placed_at: '2024-03-14 12:00:00', promised_at: '2024-03-15 12:00:00' },
        { id: 'o2', placed_at: '2024-03-14 12:00:01', promised_at: '2024-03-15 11:00:00' },
        { id: 'o3', placed_at: '2024-03-10 12:00:00', promised_at: '2024-03-13 12:00:00', status: 'shipped' },
        { id: 'o4', placed_at: '2024-03-10 12:00:00', promised_at: '2024-03-11 12:00:00', status: 'shipped' },
        { id: 'o5', placed_at: '2024-03-10 12:00:00', promised_at: '2024-03-11 12:00:00', status: 'cancelled' },
      ],
      shipments: [
        { id: 's3', order_id: 'o3', status: 'shipped', shipped_at: '2024-03-11 00:00:00' },
        ...[{ id: 's4', order_id: 'o4', status: 'delivered', shipped_at: '2024-03-11 00:00:00' }].map((shipment) => ({
          ...shipment,
          delivered_at: '2024-03-14 00:00:00',
        })),
      ],
    });
    const backlog = await test.answer({ measures: ['backlog', 'backlog_age_p90'], dimensions: ['age_days'] });
    expect(backlog.rows).toEqual([
      { age_days: '0', backlog: 1, backlog_age_p90: '23.999722' },
      { age_days: '1', backlog: 1, backlog_age_p90: '24.000000' },
    ]);
    const late = await test.answer({ measures: ['overdue_orders', 'avg_overdue'], dimensions: ['days_late'] });
    expect(late.rows).toEqual([
      { days_late: '1', overdue_orders: 1, avg_overdue: '1.000000' },
      { days_late: '2', overdue_orders: 1, avg_overdue: '48.000000' },
    ]);
    const only = { dimension: 'days_late', op: 'in', values: ['2'] };
    expect((await test.answer({ measures: ['overdue_orders'], filters: [only] })).rows).toEqual([
      { overdue_orders: 1 },
    ]);
  });
});

describe('stock', () => {
  // Mutations: today counted; movements of another reason; days of UTC instead of the brand's zone.
  it('lasts as long as the last 28 days say', async () => {
    const moved = (id: string, moved_at: string, quantity: number, more: Record<string, unknown> = {}) => ({
      ...{ tenant_id: 't1', id, variant_id: 'v1', warehouse_id: 'w1', state: 'on_hand', reason: 'shipment' },
      ...{ moved_at, quantity, ...more },
    });
    await test.model.given({
      products: [{ tenant_id: 't1', id: 'p1', name: 'Mug', category: 'Kitchen' }],
      product_variants: [
        { tenant_id: 't1', id: 'v1', product_id: 'p1', sku: 'A', reorder_point: 3 },
        { tenant_id: 't1', id: 'v2', product_id: 'p1', sku: 'B' },
      ],
      warehouses: [{ tenant_id: 't1', id: 'w1', code: 'KTM', name: 'Kathmandu' }],
      inventory: [
        { tenant_id: 't1', id: 'n1', variant_id: 'v1', warehouse_id: 'w1', on_hand: 12, available: 10 },
        { tenant_id: 't1', id: 'n2', variant_id: 'v2', warehouse_id: 'w1' },
      ],
      inventory_movements: [
        // Kathmandu is 5:45 ahead: its 16 February begins at 18:15 the day before, its 15 March too.
        moved('m1', '2024-02-15 18:14:59', -100),
        moved('m2', '2024-02-15 18:15:00', -2),
        moved('m3', '2024-03-14 18:14:59', -5),
        moved('m4', '2024-03-14 18:15:00', -100),
        moved('m5', '2024-03-01 00:00:00', -100, { reason: 'adjustment' }),
        moved('m6', '2024-03-01 00:00:00', -100, { state: 'allocated' }),
        moved('m7', '2024-03-01 00:00:00', 100, { reason: 'return' }),
      ],
    });
    const measures = ['days_of_inventory', 'daily_units_shipped', 'available_units', 'reorder_point'];
    const { rows } = await test.answer({ measures: [...measures, 'out_of_stock_skus'], dimensions: ['sku'] });
    expect(rows).toEqual([
      {
        ...{ sku: 'A', days_of_inventory: '40.000000', daily_units_shipped: '0.250000', available_units: 10 },
        ...{ reorder_point: 3, out_of_stock_skus: 0 },
      },
      {
        ...{ sku: 'B', days_of_inventory: null, daily_units_shipped: '0.000000', available_units: 0 },
        ...{ reorder_point: 0, out_of_stock_skus: 1 },
      },
    ]);
    const still = { measures: ['days_of_inventory'], filters: [{ dimension: 'sku', op: 'in', values: ['B'] }] };
    const answer = await test.answer(still);
    expect(answer.rows).toEqual([{ days_of_inventory: null }]);
    expect(answer.measures[0]?.notComputable).toMatch(/28 days/);
  });

  // Mutations: variants × warehouses counted; a brand's SKU taken for another's of the same name.
  it('counts a variant once, in however many warehouses it is', async () => {
    const variant = (tenant_id: string, id: string, sku: string) => ({ tenant_id, id, product_id: 'p1', sku });
    const stock = (tenant_id: string, id: string, variant_id: string, warehouse_id: string) => ({
      ...{ tenant_id, id, variant_id, warehouse_id },
    });
    await test.model.given({
      products: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'p1', name: 'Mug', category: 'Kitchen' })),
      product_variants: [variant('t1', 'v1', 'A'), variant('t1', 'v2', 'B'), variant('t2', 'v1', 'A')],
      warehouses: [
        { tenant_id: 't1', id: 'w1', code: 'KTM', name: 'Kathmandu' },
        { tenant_id: 't1', id: 'w2', code: 'PKR', name: 'Pokhara' },
        { tenant_id: 't2', id: 'w1', code: 'KTM', name: 'Kathmandu' },
      ],
      inventory: [
        ...[stock('t1', 'n1', 'v1', 'w1'), stock('t1', 'n2', 'v1', 'w2'), stock('t1', 'n3', 'v2', 'w2')],
        stock('t2', 'n1', 'v1', 'w1'),
      ],
    });
    const measures = ['stocked_skus'];
    expect((await test.answer({ measures })).rows).toEqual([{ stocked_skus: 2 }]);
    expect((await test.answer({ measures, dimensions: ['warehouse'] })).rows).toEqual([
      { warehouse: 'KTM', stocked_skus: 1 },
      { warehouse: 'PKR', stocked_skus: 2 },
    ]);
    expect((await test.answer({ measures }, platform)).rows).toEqual([{ stocked_skus: 3 }]);
  });

  it('is a state by state, valued and watched', async () => {
    await test.model.given({
      products: [{ tenant_id: 't1', id: 'p1', name: 'Mug', category: 'Kitchen' }],
      product_variants: [
        {
          tenant_id: 't1',
          id: 'v1',
          product_id: 'p1',
          sku: 'A',
          unit_cost: '2.5',
          cost_currency: 'EUR',
          reorder_point: 3,
        },
        { tenant_id: 't1', id: 'v2', product_id: 'p1', sku: 'B' },
      ],
      warehouses: [{ tenant_id: 't1', id: 'w1', code: 'KTM', name: 'Kathmandu' }],
      inventory: [
        {
          tenant_id: 't1',
          id: 'n1',
          variant_id: 'v1',
          warehouse_id: 'w1',
          on_hand: 9,
          allocated: 5,
          damaged: 1,
          available: 3,
        },
        { tenant_id: 't1', id: 'n2', variant_id: 'v2', warehouse_id: 'w1', on_hand: 4, available: 4 },
      ],
    });
    const states = await test.answer({
      measures: ['stock_by_state'],
      filters: [{ dimension: 'sku', op: 'in', values: ['A'] }],
    });
    expect(Object.fromEntries(states.rows.map((row) => [row.status, row.stock_by_state]))).toEqual({
      on_hand: 9,
      allocated: 5,
      reserved: 0,
      available: 3,
      incoming: 0,
      damaged: 1,
    });
    const worth = await test.answer({
      measures: ['inventory_value', 'low_stock_skus'],
      dimensions: ['category', 'warehouse'],
    });
    expect(worth.rows).toEqual([
      { category: 'Kitchen', warehouse: 'KTM', inventory_value: '22.5000', low_stock_skus: 1 },
    ]);
  });

  it('has no past: a grain is refused by name', async () => {
    const response = await test.ask({ measures: ['orders', 'inventory_value'], timeRange: march, grain: 'day' });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { errors: unknown }).errors).toEqual([
      { path: 'measures[1]', message: 'inventory_value is a state as of now and has no grain' },
    ]);
  });
});

describe('the platform', () => {
  it('counts active brands and orders per hour up to now', async () => {
    await test.model.given({
      orders: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'o1', placed_at: '2024-03-15 03:00:00' })),
      order_items: ['t1', 't2'].map((tenant_id) => ({ tenant_id, id: 'i1', order_id: 'o1' })),
    });
    const query = {
      measures: ['active_tenants', 'orders_per_hour'],
      timeRange: { from: '2024-03-14', to: '2024-03-17' },
      grain: 'day',
    };
    expect((await test.answer(query, platform)).rows).toEqual([
      { time: '2024-03-14', active_tenants: 0, orders_per_hour: '0.000000' },
      { time: '2024-03-15', active_tenants: 2, orders_per_hour: '0.166667' },
      { time: '2024-03-16', active_tenants: 0, orders_per_hour: null },
    ]);
    const byBrand = await test.answer({ measures: ['orders'], timeRange: march, dimensions: ['brand'] }, platform);
    expect(byBrand.rows).toEqual([
      { brand: 'atlas', orders: 1 },
      { brand: 'borea', orders: 1 },
    ]);
    const narrowed = await test.answer(
      { measures: ['orders'], timeRange: march, dimensions: ['brand'] },
      { ...platform, header: 'borea' },
    );
    expect(narrowed.rows).toEqual([{ brand: 'borea', orders: 1 }]);
  });

  // Mutation: reading progress after the figures, or a brand's row for the stream's.
  it('says how fresh it is, and by which state', async () => {
    expect((await test.answer({ measures: ['backlog'] })).asOf).toEqual({
      commitTime: null,
      position: null,
      state: 'stalled',
    });
    const ago = (ms: number) => new Date(test.now.getTime() - ms);
    await test.progress({ commit: ago(1_500), applied: ago(100), position: 0x16_b374d848n });
    await test.progress({ tenant: 't1', commit: ago(61_000), applied: ago(100) });
    expect((await test.answer({ measures: ['backlog'] })).asOf).toEqual({
      commitTime: '2024-03-15T11:59:58.500000Z',
      position: '16/B374D848',
      state: 'live',
    });
    expect((await test.answer({ measures: ['freshness'] }, platform)).rows).toEqual([{ freshness: '1.500000' }]);
    expect((await test.answer({ measures: ['freshness'], dimensions: ['brand'] }, platform)).rows).toEqual([
      { brand: 'atlas', freshness: '61.000000' },
    ]);
    const stateAfter = async (row: { commit: Date; applied: Date; lag?: bigint }) => {
      await test.progress(row);
      // The position of an answer may be a tenth of a second old.
      await sleep(110);
      return (await test.answer({ measures: ['backlog'] })).asOf.state;
    };
    expect(await stateAfter({ commit: ago(11_000), applied: ago(50) })).toBe('idle');
    expect(await stateAfter({ commit: ago(3_000), applied: ago(40), lag: 1n })).toBe('lagging');
    test.now = new Date(test.now.getTime() + 6_000);
    expect((await test.answer({ measures: ['backlog'] })).asOf.state).toBe('stalled');
    test.now = new Date('2024-03-15T12:00:00Z');
  });
});
