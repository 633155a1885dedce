import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allot, DiscountTooLarge, lineAmounts, orderTotal, returnAmount } from './totals.ts';

const units = (max: bigint) => fc.bigInt({ min: 0n, max }).map((n) => new Decimal(n.toString()).div(10_000).toFixed(4));
const line = fc.record({
  quantity: fc.integer({ min: 1, max: 1_000_000 }),
  unitPrice: units(9_999_999_999_999n),
  taxRate: fc.integer({ min: 0, max: 1_000_000 }).map((n) => new Decimal(n).div(1_000_000).toFixed(6)),
});
const sum = (amounts: readonly (string | Decimal)[]) =>
  amounts.reduce<Decimal>((total, amount) => total.plus(amount), new Decimal(0));

Decimal.set({ precision: 60 });

// Red when shares are rounded each for itself, or the left units go to the first lines only.
test('shares add up exactly, are never negative, and never above what they are taken off', () => {
  fc.assert(
    fc.property(
      fc.array(units(10n ** 16n), { minLength: 1, maxLength: 40 }),
      fc.nat(1_000_000),
      (weights, millionth) => {
        const net = weights.map((weight) => new Decimal(weight));
        const amount = sum(net).times(millionth).div(1_000_000).toFixed(4, Decimal.ROUND_DOWN);
        const shares = allot(amount, net);
        expect(sum(shares).toFixed(4)).toBe(amount);
        for (const [index, share] of shares.entries()) {
          expect(share.gte(0) && share.lte(net[index] as Decimal) && share.decimalPlaces() <= 4).toBe(true);
          if (sum(net).gt(0)) {
            const exact = new Decimal(amount).times(net[index] as Decimal).div(sum(net));
            expect(share.minus(exact).abs().lt('0.0001')).toBe(true);
          }
        }
      },
    ),
  );
});

test('charges are split over the lines: nothing is lost, no line falls below zero', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.nat(100),
      units(10n ** 13n),
      (lines, percent, shipping) => {
        const gross = lines.map(({ unitPrice, quantity }) => new Decimal(unitPrice).times(quantity));
        const discount = sum(gross).times(percent).div(100).toFixed(4, Decimal.ROUND_DOWN);
        const priced = lines.map((each) => ({ ...each, discount: '0.0000' }));
        const amounts = lineAmounts(priced, { discount, shipping });
        expect(sum(amounts.map((each) => each.discount)).toFixed(4)).toBe(discount);
        expect(sum(amounts.map((each) => each.shipping)).toFixed(4)).toBe(shipping);
        const tax = sum(amounts.map((each) => each.tax));
        expect(orderTotal(amounts)).toBe(sum(gross).minus(discount).plus(shipping).plus(tax).toFixed(4));
        for (const [index, each] of amounts.entries()) {
          expect(new Decimal(each.discount).lte(each.gross)).toBe(true);
          const exact = new Decimal(each.gross).minus(each.discount).times(lines[index]?.taxRate ?? 0);
          expect(exact.minus(each.tax).abs().lte('0.00005')).toBe(true);
        }
      },
    ),
  );
});

// Red when each return is rounded for itself: five times 0.00006 would pay back 0.0005 of 0.0003.
test('returns of a line add up to what it was worth, whatever the steps', () => {
  fc.assert(
    fc.property(
      units(10n ** 12n),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      (net, steps) => {
        const quantity = steps.reduce((total, step) => total + step, 0);
        let [before, paidBack] = [0, '0.0000'];
        for (const step of steps) {
          const amount = returnAmount({ net, quantity }, { before, paidBack, quantity: step });
          expect(new Decimal(amount).gte(0)).toBe(true);
          before += step;
          paidBack = new Decimal(paidBack).plus(amount).toFixed(4);
        }
        expect(paidBack).toBe(net);
      },
    ),
  );
});

describe('by hand', () => {
  const of = (unitPrice: string, quantity = 1, taxRate = '0', discount = '0') => ({
    unitPrice,
    quantity,
    taxRate,
    discount,
  });

  // Red when tax is rounded down or to even.
  test('half a unit is rounded up', () => {
    const none = { discount: '0', shipping: '0' };
    expect(lineAmounts([of('0.0005', 1, '0.1'), of('0.0025', 1, '0.1')], none).map(({ tax }) => tax)).toEqual([
      '0.0001',
      '0.0003',
    ]);
  });

  test('the left units go to the largest remainders', () => {
    const amounts = lineAmounts([of('1'), of('1'), of('1')], { discount: '0.0002', shipping: '10' });
    expect(amounts.map(({ discount }) => discount)).toEqual(['0.0001', '0.0001', '0.0000']);
    expect(amounts.map(({ shipping }) => shipping)).toEqual(['3.3334', '3.3333', '3.3333']);
  });

  test('shipping of an order that costs nothing is split evenly', () => {
    const amounts = lineAmounts([of('0', 2), of('5', 1, '0.19', '5')], { discount: '0', shipping: '3' });
    expect(amounts).toEqual([
      { gross: '0.0000', discount: '0.0000', tax: '0.0000', shipping: '1.5000' },
      { gross: '5.0000', discount: '5.0000', tax: '0.0000', shipping: '1.5000' },
    ]);
  });

  test('tax is on what is left after the discounts, not on shipping', () => {
    const [amounts] = lineAmounts([of('100', 1, '0.19', '10')], { discount: '40', shipping: '5' });
    expect(amounts).toEqual({ gross: '100.0000', discount: '50.0000', tax: '9.5000', shipping: '5.0000' });
  });

  test.each([
    [[of('1', 1, '0', '1.0001')], '0', 0],
    [[of('1'), of('1')], '2.0001', null],
  ])('a discount above the price is refused', (lines, discount, at) => {
    const attempt = () => lineAmounts(lines, { discount, shipping: '0' });
    expect(attempt).toThrow(DiscountTooLarge);
    expect(attempt).toThrow(expect.objectContaining({ line: at }));
  });
});
