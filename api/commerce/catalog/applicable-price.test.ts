import { expect, test } from 'vitest';
import { applicablePrice, type Price } from './applicable-price.ts';

const price = (id: string, amount: string, more: Partial<Price> = {}): Price => ({
  id,
  variantId: 'v',
  currency: 'EUR',
  kind: 'list',
  minQuantity: 1,
  amount: `${amount}.0000`,
  validFrom: null,
  validUntil: null,
  ...more,
});
const NOON = '2024-06-01T12:00:00.000000Z';
const chosen = (prices: Price[], quantity = 1, at = NOON) => {
  const found = applicablePrice(prices, { quantity, at });
  return found && [found.list.id, found.promotion?.id ?? null, found.unitPrice, found.discount];
};

test('of list prices the one of the highest quantity that is reached', () => {
  const tiers = [price('ten', '9', { minQuantity: 10 }), price('one', '12'), price('fifty', '10', { minQuantity: 50 })];
  expect([1, 9, 10, 49, 50, 1_000_000].map((quantity) => chosen(tiers, quantity)?.[0])).toEqual([
    'one',
    'one',
    'ten',
    'ten',
    'fifty',
    'fifty',
  ]);
});

test('from is inclusive, until exclusive, to the microsecond', () => {
  const prices = [price('before', '5', { validUntil: NOON }), price('after', '6', { validFrom: NOON })];
  expect(chosen(prices, 1, '2024-06-01T11:59:59.999999Z')?.[0]).toBe('before');
  expect(chosen(prices)?.[0]).toBe('after');
});

test('the lowest promotion, if it is below the list price: the difference is the discount of all units', () => {
  const promotions = [
    price('dear', '11', { kind: 'promotion' }),
    price('cheap', '8', { kind: 'promotion', minQuantity: 3 }),
    price('over', '1', { kind: 'promotion', validUntil: '2024-01-01T00:00:00.000000Z' }),
  ];
  expect(chosen([price('list', '10'), ...promotions], 2)).toEqual(['list', null, '10.0000', '0.0000']);
  expect(chosen([price('list', '10'), ...promotions], 3)).toEqual(['list', 'cheap', '10.0000', '6.0000']);
});

test('amounts are compared as numbers, and the discount is exact', () => {
  const prices = [price('list', '100'), price('promotion', '99', { kind: 'promotion', amount: '99.9999' })];
  expect(chosen(prices, 1_000_000)).toEqual(['list', 'promotion', '100.0000', '100.0000']);
  expect(chosen([price('a', '9'), price('b', '10', { kind: 'promotion' })])).toEqual(['a', null, '9.0000', '0.0000']);
});

test('a promotion alone is no price', () => {
  expect(chosen([price('promotion', '1', { kind: 'promotion' })])).toBeNull();
  expect(chosen([price('ten', '1', { minQuantity: 10 })], 9)).toBeNull();
});
