import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from './allocate.ts';

const [variants, warehouses] = [
  ['a', 'b', 'c'],
  ['w1', 'w2', 'w3'],
];
const lines = fc.array(
  fc.record({ variantId: fc.constantFrom(...variants), quantity: fc.integer({ min: 1, max: 20 }) }),
  { minLength: 1, maxLength: 8 },
);
const levels = fc.tuple(
  ...variants.flatMap((variantId) =>
    warehouses.map((warehouseId) =>
      fc.integer({ min: -5, max: 30 }).map((available) => ({ variantId, warehouseId, available })),
    ),
  ),
);
const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

// Red when two lines of a variant are allocated each for itself.
test('every line gets its units, no warehouse gives what it does not have, or what is short is told', () => {
  fc.assert(
    fc.property(lines, levels, fc.boolean(), (wanted, stock, allowNegative) => {
      const { shares, short } = allocate(wanted, stock, { warehouses, allowNegative });
      const demand = (variant: string) =>
        total(wanted.filter(({ variantId }) => variantId === variant).map(({ quantity }) => quantity));
      const supply = (variant: string) =>
        total(stock.filter(({ variantId }) => variantId === variant).map(({ available }) => Math.max(0, available)));
      const lacking = allowNegative ? [] : variants.filter((variant) => demand(variant) > supply(variant));
      expect(short.map(({ variantId }) => variantId).sort()).toEqual(lacking);
      for (const { variantId, wanted: units, available } of short)
        expect([units, available]).toEqual([demand(variantId), supply(variantId)]);
      if (short.length > 0) {
        expect(shares).toEqual([]);
        return;
      }
      for (const [line, { variantId, quantity }] of wanted.entries()) {
        const mine = shares.filter((share) => share.line === line);
        expect(total(mine.map((share) => share.quantity))).toBe(quantity);
        expect(mine.every((share) => share.variantId === variantId && share.quantity > 0)).toBe(true);
        expect(new Set(mine.map(({ warehouseId }) => warehouseId)).size).toBe(mine.length);
      }
      for (const { variantId, warehouseId, available } of stock) {
        const given = total(
          shares
            .filter((share) => share.variantId === variantId && share.warehouseId === warehouseId)
            .map(({ quantity }) => quantity),
        );
        if (!(allowNegative && warehouseId === 'w1')) expect(given).toBeLessThanOrEqual(Math.max(0, available));
      }
    }),
  );
});

test('warehouses give in their order', () => {
  const stock = [
    { variantId: 'a', warehouseId: 'w1', available: 2 },
    { variantId: 'a', warehouseId: 'w2', available: 9 },
  ];
  const wanted = [{ variantId: 'a', quantity: 3 }];
  const from = (order: string[]) =>
    allocate(wanted, stock, { warehouses: order, allowNegative: false }).shares.map(({ warehouseId, quantity }) => [
      warehouseId,
      quantity,
    ]);
  expect(from(['w1', 'w2'])).toEqual([
    ['w1', 2],
    ['w2', 1],
  ]);
  expect(from(['w2', 'w1'])).toEqual([['w2', 3]]);
});
