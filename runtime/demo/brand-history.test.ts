import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { brandHistory } from './brand-history.ts';
import { demoBrands } from './brands.ts';
import { type Rows, TABLES, type TableName, tableNames } from './tables.ts';

const end = new Date('2026-06-30T12:00:00Z');
const histories = new Map(demoBrands.map((plan) => [plan.slug, brandHistory(plan, { seed: 1, end, volume: 0.2 })]));

const rowsOf = (rows: Rows, table: TableName) =>
  rows[table].lines.map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(TABLES[table].map((column, index) => [column, values[index] as string]));
  });

test('the same seed and end yield the same rows on every machine', () => {
  // Red when anything depends on the clock, the locale, the order of a map or Math's transcendental functions. When a brand or the
  // generator is changed on purpose, the new digest belongs here.
  const digest = createHash('sha256');
  for (const [slug, rows] of histories) {
    for (const table of tableNames) digest.update(`${slug} ${table}\n${rows[table].lines.join('\n')}\n`);
  }
  expect(digest.digest('hex').slice(0, 16)).toBe('f85b2191e6de90da');
});

describe.each(demoBrands.map(({ slug }) => slug))('the history of %s', (slug) => {
  const rows = histories.get(slug) as Rows;

  test('keeps stock as the sum of its movements, and never below zero', () => {
    // Red when a sale is shipped that was never on the shelf, or an open order holds no allocation.
    const sums = new Map<string, number>();
    const movements = rowsOf(rows, 'inventory_movements').sort((a, b) =>
      (a.moved_at ?? '') < (b.moved_at ?? '') ? -1 : 1,
    );
    for (const { variant_id, warehouse_id, state, quantity } of movements) {
      const key = `${variant_id} ${warehouse_id} ${state}`;
      const sum = (sums.get(key) ?? 0) + Number(quantity);
      if (sum < 0) expect.fail(`${key} falls to ${sum}`);
      sums.set(key, sum);
    }
    for (const level of rowsOf(rows, 'inventory')) {
      for (const state of ['on_hand', 'allocated', 'incoming'] as const) {
        expect(Number(level[state])).toBe(sums.get(`${level.variant_id} ${level.warehouse_id} ${state}`) ?? 0);
      }
      expect(Number(level.on_hand)).toBeGreaterThanOrEqual(Number(level.allocated));
    }
  });

  test('charges what its lines add up to, and ships what was sold', () => {
    const totals = new Map<string, number>();
    const cents = (amount = '') => Math.round(Number(amount) * 10_000);
    for (const { order_id = '', quantity, unit_price, discount, tax, shipping } of rowsOf(rows, 'order_items')) {
      const total = Number(quantity) * cents(unit_price) - cents(discount) + cents(tax) + cents(shipping);
      totals.set(order_id, (totals.get(order_id) ?? 0) + total);
    }
    for (const { order_id = '', amount } of rowsOf(rows, 'payments'))
      if (cents(amount) !== totals.get(order_id)) expect.fail(`order ${order_id} is charged ${amount}`);
    const shipped = new Set(rowsOf(rows, 'shipment_items').map(({ order_item_id }) => order_item_id));
    const status = new Map(rowsOf(rows, 'orders').map(({ id, status }) => [id, status]));
    for (const { id, order_id } of rowsOf(rows, 'order_items')) {
      const is = status.get(order_id) ?? '';
      if (shipped.has(id) ? ['placed', 'confirmed', 'cancelled'].includes(is) : is === 'delivered') {
        expect.fail(`line ${id} of an order that is ${is}`);
      }
    }
  });

  test('tells of nothing after its end', () => {
    const columns = [
      'placed_at',
      'cancelled_at',
      'attempted_at',
      'shipped_at',
      'delivered_at',
      'refunded_at',
      'moved_at',
    ];
    const late = tableNames.flatMap((table) =>
      rowsOf(rows, table).flatMap((row) =>
        columns.filter((column) => (row[column] ?? '\\N') !== '\\N' && String(row[column]) > end.toISOString()),
      ),
    );
    expect(late).toEqual([]);
  });
});
