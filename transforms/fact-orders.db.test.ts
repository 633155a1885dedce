import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ModelTest, startModelTest, uuid } from './testing.ts';

let test: ModelTest;
beforeAll(async () => {
  test = await startModelTest();
});
beforeEach(() => test.reset());
afterAll(() => test?.stop());

const SUMS = 'gross_sales AS gross, discounts AS discount, units_sold AS units';

describe('facts.orders', () => {
  // Mutation: sum(unit_price) instead of unit_price * quantity, or a float in between.
  it('sums whole lines exactly', async () => {
    await test.given({
      orders: [{ id: 'o1', order_number: '1', channel: 'web', country: 'DE', customer_id: 'c1' }],
      order_items: [
        { id: 'i2', order_id: 'o1', line_no: 2, sku: 'B', quantity: 3, unit_price: '0.1', tax: '0.02', shipping: '1' },
        {
          id: 'i1',
          order_id: 'o1',
          quantity: 2,
          unit_price: '900000000000000.0001',
          discount: '0.0003',
          unit_cost: '4',
        },
      ],
    });
    expect(
      await test.rows(
        'facts.orders',
        `order_id, customer_id, channel, country, currency, ${SUMS}, taxes AS tax, shipping_charged AS
         shipping, cogs AS cost, net_with_cost AS net_with_cost, lines_without_cost,
         lines.sku, lines.line_no, lines.gross_sales AS line_gross, lines.cogs AS line_cogs`,
      ),
    ).toEqual([
      {
        order_id: 'o1',
        customer_id: 'c1',
        channel: 'web',
        country: 'DE',
        currency: 'EUR',
        gross: '1800000000000000.3002',
        discount: '0.0003',
        units: '5',
        tax: '0.0200',
        shipping: '1.0000',
        cost: '8.0000',
        net_with_cost: '1799999999999999.9999',
        lines_without_cost: 1,
        'lines.sku': ['A', 'B'],
        'lines.line_no': [1, 2],
        line_gross: ['1800000000000000.0002', '0.3000'],
        line_cogs: ['8.0000', null],
      },
    ]);
  });

  // Mutation: joining shipments to lines (each shipment would multiply the quantity).
  it('counts a line once however many shipments the order has', async () => {
    await test.given({
      orders: [{ id: 'o1' }],
      order_items: [{ id: 'i1', order_id: 'o1', quantity: 4 }],
      shipments: [
        { id: 's1', order_id: 'o1', shipped_at: '2024-03-03 00:00:00' },
        { id: 's2', order_id: 'o1', shipped_at: '2024-03-02 00:00:00' },
        { id: 's3', order_id: 'o1' },
      ],
    });
    expect(await test.rows('facts.orders', SUMS)).toEqual([{ gross: '40.0000', discount: '0.0000', units: '4' }]);
  });

  // Mutations: min(delivered_at); forgetting shipments under way; argMin without the tuple, which skips a null warehouse.
  it('is delivered when its last shipment is, and shipped with its first', async () => {
    const dates = () =>
      test.rows('facts.orders', 'first_shipped_at AS shipped, delivered_at AS delivered, warehouse_id');
    const late = { id: 's1', order_id: 'o1', warehouse_id: 'w1', shipped_at: '2024-03-03 08:00:00' };
    const early = { id: 's2', order_id: 'o1', shipped_at: '2024-03-02 08:00:00' };
    await test.given({ orders: [{ id: 'o1' }] });
    expect(await dates()).toEqual([{ shipped: null, delivered: null, warehouse_id: null }]);
    await test.given({ shipments: [{ ...late, status: 'delivered', delivered_at: '2024-03-06 00:00:00' }, early] });
    expect(await dates()).toEqual([{ shipped: '2024-03-02 08:00:00.000000', delivered: null, warehouse_id: null }]);
    await test.given({ shipments: [{ ...early, status: 'delivered', delivered_at: '2024-03-04 00:00:00' }] });
    expect(await dates()).toEqual([
      { shipped: '2024-03-02 08:00:00.000000', delivered: '2024-03-06 00:00:00.000000', warehouse_id: null },
    ]);
    // What came of a part of an order is no delivery of it.
    await test.given({ orders: [{ id: 'o1', status: 'partially_shipped' }] });
    expect(await dates()).toMatchObject([{ delivered: null }]);
    await test.given({ orders: [{ id: 'o1', status: 'shipped' }] });
    await test.given({ shipments: [{ ...early, _deleted: 1 }] });
    expect(await dates()).toEqual([
      { shipped: '2024-03-03 08:00:00.000000', delivered: '2024-03-06 00:00:00.000000', warehouse_id: 'w1' },
    ]);
  });

  // Mutation: selecting from orders instead of the changed keys (the old row would stay for ever).
  it('leaves a tombstone when the order goes, and lines alone make no fact', async () => {
    await test.given({
      orders: [{ id: 'o1' }],
      order_items: [
        { id: 'i1', order_id: 'o1' },
        { id: 'i9', order_id: 'o9' },
      ],
    });
    expect(await test.rows('facts.orders', 'order_id')).toEqual([{ order_id: 'o1' }]);
    await test.given({ orders: [{ id: 'o1', _deleted: 1 }] });
    expect(await test.rows('facts.orders', 'order_id')).toEqual([]);
  });

  // Mutation: reporting only the new key of a moved line.
  it('follows a line that moves to another order', async () => {
    await test.given({
      orders: [{ id: 'o1' }, { id: 'o2' }],
      order_items: [{ id: 'i1', order_id: 'o1', quantity: 7 }],
    });
    await test.given({
      order_items: [
        { id: 'i1', order_id: 'o1', _deleted: 1 },
        { id: 'i1', order_id: 'o2', quantity: 7 },
      ],
    });
    expect(await test.rows('facts.orders', 'units_sold AS units, order_id')).toEqual([
      { units: '0', order_id: 'o1' },
      { units: '7', order_id: 'o2' },
    ]);
  });

  // Mutation: matching keys without the tenant.
  it('keeps orders of two brands with one id apart', async () => {
    await test.given({
      orders: [{ id: 'o1' }, { id: 'o1', tenant_id: 't2' }],
      order_items: [
        { id: 'i1', order_id: 'o1', quantity: 1 },
        { id: 'i1', order_id: 'o1', tenant_id: 't2', quantity: 2 },
      ],
    });
    await test.given({ orders: [{ id: 'o1', tenant_id: 't2', _deleted: 1 }] });
    expect(await test.rows('facts.orders', 'tenant_id, units_sold AS units')).toEqual([
      { tenant_id: 't1', units: '1' },
    ]);
  });

  it('is the same after a replay, and a newer refresh wins over one that comes late', async () => {
    await test.given({ orders: [{ id: 'o1' }], order_items: [{ id: 'i1', order_id: 'o1', quantity: 1 }] });
    const keys = new Map([['orders', new Set([`${uuid('t1')}\t${uuid('o1')}`])]]);
    await test.given({ order_items: [{ id: 'i1', order_id: 'o1', quantity: 5 }] });
    const before = await test.rows('facts.orders', '*');
    await test.refresher.refresh(keys, test.version());
    await test.refresher.refresh(keys, test.version() - 1n);
    expect(await test.rows('facts.orders', '*')).toEqual(before);
  });
});
