import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queryRows } from '../ingestion/clickhouse.ts';
import { cloneDatabases } from './databases.ts';
import { loadModels } from './model.ts';
import { createMarts } from './schema.ts';
import { type ModelTest, startModelTest } from './testing.ts';

let test: ModelTest;
beforeAll(async () => {
  test = await startModelTest();
});
beforeEach(() => test.reset());
afterAll(() => test?.stop());

describe('marts', () => {
  it('are all readable when nothing is there', async () => {
    for (const { name } of loadModels().filter(({ layer }) => layer === 'marts')) {
      expect(await test.rows(name, '*'), name).toEqual([]);
    }
  });

  // Mutation: the test filter left out of one of the two.
  it('orders and their lines leave out tests, keep cancelled ones, and add up alike', async () => {
    await test.given({
      orders: [
        { id: 'o1', order_number: '1', status: 'cancelled', placed_at: '2024-03-01 10:59:59.999999' },
        { id: 'o2', order_number: '2', is_test: true },
      ],
      order_items: [
        { id: 'i1', order_id: 'o1', sku: 'A', unit_price: '3', unit_cost: '1', discount: '0.5' },
        { id: 'i2', order_id: 'o1', line_no: 2, sku: 'a', unit_price: '4', discount: '0.25' },
        { id: 'i3', order_id: 'o2' },
      ],
    });
    expect(
      await test.rows('marts.orders', 'order_number, status, hour, gross_sales, net_with_cost, units_sold'),
    ).toEqual([
      {
        order_number: '1',
        status: 'cancelled',
        hour: '2024-03-01 10:00:00',
        gross_sales: '7.0000',
        net_with_cost: '2.5000',
        units_sold: '2',
      },
    ]);
    expect(await test.rows('marts.order_lines', 'sku, gross_sales, discounts, cogs, net_with_cost')).toEqual([
      { sku: 'A', gross_sales: '3.0000', discounts: '0.5000', cogs: '1.0000', net_with_cost: '2.5000' },
      { sku: 'a', gross_sales: '4.0000', discounts: '0.2500', cogs: null, net_with_cost: '0.0000' },
    ]);
  });

  // Mutation: an inner join to products, or the variant's reorder point before the warehouse's.
  it('stock joins names and falls back to the variant’s reorder point', async () => {
    await test.given({
      products: [{ tenant_id: 't1', id: 'p1', name: 'Mug', category: 'Kitchen' }],
      product_variants: [
        {
          tenant_id: 't1',
          id: 'v1',
          product_id: 'p1',
          sku: 'A',
          unit_cost: '2.5',
          cost_currency: 'EUR',
          reorder_point: 5,
        },
      ],
      warehouses: [
        { tenant_id: 't1', id: 'w1', code: 'BER' },
        { tenant_id: 't2', id: 'w1', code: 'XXX' },
      ],
      inventory: [
        { tenant_id: 't1', id: 's1', variant_id: 'v1', warehouse_id: 'w1', on_hand: 7, available: 6 },
        { tenant_id: 't1', id: 's2', variant_id: 'v1', warehouse_id: 'w1', on_hand: 8, available: 8, reorder_point: 0 },
      ],
    });
    expect(
      await test.rows('marts.stock', 'on_hand, sku, product, category, warehouse, unit_cost, reorder_point'),
    ).toEqual([
      {
        on_hand: 7,
        sku: 'A',
        product: 'Mug',
        category: 'Kitchen',
        warehouse: 'BER',
        unit_cost: '2.5000',
        reorder_point: 5,
      },
      {
        on_hand: 8,
        sku: 'A',
        product: 'Mug',
        category: 'Kitchen',
        warehouse: 'BER',
        unit_cost: '2.5000',
        reorder_point: 0,
      },
    ]);
  });

  it('a customer’s first order is the earliest that is not a test', async () => {
    const order = { customer_id: 'c1' };
    await test.given({
      orders: [
        { id: 'o1', ...order, placed_at: '2024-03-02 00:00:00' },
        { id: 'o2', ...order, placed_at: '2024-03-01 00:00:00' },
        { id: 'o3', ...order, placed_at: '2024-02-01 00:00:00', is_test: true },
        { id: 'o4' },
      ],
    });
    expect(await test.rows('marts.customer_first_orders', 'customer_id, first_placed_at, orders')).toEqual([
      { customer_id: 'c1', first_placed_at: '2024-03-01 00:00:00.000000', orders: '2' },
    ]);
  });

  it('events and the audit trail have the documented columns', async () => {
    await test.given({
      events: [
        {
          tenant_id: 't1',
          id: 'e1',
          event_type: 'order.created',
          entity_type: 'order',
          entity_id: 'o1',
          occurred_at: '2024-03-01 00:00:00',
          data: '{"a":1}',
          metadata: '{}',
        },
      ],
      audit_logs: [
        {
          tenant_id: 't1',
          id: 'a1',
          resource_type: 'orders',
          resource_id: 'o1',
          action: 'UPDATE',
          old_values: '{"a":1}',
          created_at: '2024-03-01 00:00:00',
        },
      ],
    });
    const columns = 'timestamp, tenant_id, event_type, entity_type, entity_id, actor_id, payload, metadata';
    const common = { timestamp: '2024-03-01 00:00:00.000000', tenant_id: 't1', entity_id: 'o1', actor_id: null };
    expect(await test.rows('marts.events', columns)).toEqual([
      { ...common, event_type: 'order.created', entity_type: 'order', payload: '{"a":1}', metadata: '{}' },
    ]);
    expect(await test.rows('marts.audit_trail', columns)).toEqual([
      {
        ...common,
        event_type: 'orders.update',
        entity_type: 'orders',
        payload: '{"old":{"a":1},"new":null}',
        metadata: '{"action":"UPDATE"}',
      },
    ]);
  });

  it('a clone’s views read the clone', async () => {
    const databases = cloneDatabases('c1');
    for (const layer of ['raw', 'facts'] as const) {
      await test.clickhouse.command({ query: `CREATE DATABASE ${databases[layer]}` });
      const tables = await queryRows<{ name: string }>(
        test.clickhouse,
        `SELECT name FROM system.tables WHERE database = '${layer}'`,
      );
      for (const { name } of tables) {
        await test.clickhouse.command({ query: `CREATE TABLE ${databases[layer]}.${name} CLONE AS ${layer}.${name}` });
      }
    }
    await createMarts(test.clickhouse, { databases });
    await test.given({ orders: [{ id: 'o1' }] });
    expect(await queryRows(test.clickhouse, `SELECT * FROM ${databases.marts}.orders`)).toEqual([]);
    expect(await test.rows('marts.orders', 'order_id')).toEqual([{ order_id: 'o1' }]);
  });
});
