import { expect, it } from 'vitest';
import { barsOf } from './day-bars.ts';

it('has a bar for every day up to the longest, and one for the tail', () => {
  const rows = [
    { ship_days: '2', shipped_orders: 5 },
    { ship_days: '10', shipped_orders: 1 },
    { ship_days: '0', shipped_orders: 3 },
  ];
  const bars = barsOf(rows, [{ ship_days: '1', shipped_orders: 7 }], 'ship_days', 'shipped_orders');
  expect(bars).toHaveLength(11);
  expect(bars.slice(0, 3)).toEqual([
    { label: '0', values: ['0'], count: 3, before: 0 },
    { label: '1', values: [], count: 0, before: 7 },
    { label: '2', values: ['2'], count: 5, before: 0 },
  ]);
  const long = barsOf([...rows, { ship_days: '400', shipped_orders: 2 }], null, 'ship_days', 'shipped_orders');
  expect(long.at(-1)).toEqual({ label: '20+', values: ['400'], count: 2, before: null });
  expect(long.reduce((sum, { count }) => sum + count, 0)).toBe(11);
});
