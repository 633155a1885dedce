import { expect, it } from 'vitest';
import { isUnusual, usualHours } from './quiet-brands.ts';

const brand = {
  ...{ id: 'x', slug: 'x', name: 'X', currency: 'GBP', timezone: 'Europe/London' },
  lastOrder: '2026-04-01T09:00:00Z',
};

it('usual hours are those of the same weekday by the brand’s own clock, also over a change of clocks', () => {
  const hours = usualHours(brand, new Date('2026-04-01T12:00:00Z'));
  // 1 April is summer time; a week before, London still had winter time.
  expect(hours.slice(0, 2).map(({ from, to }) => [from.toUTC().toISO(), to.toUTC().toISO()])).toEqual([
    ['2026-03-25T10:00:00.000Z', '2026-03-25T13:00:00.000Z'],
    ['2026-03-18T10:00:00.000Z', '2026-03-18T13:00:00.000Z'],
  ]);
  expect(usualHours(brand, new Date('2026-04-01T09:29:00Z'))).toEqual([]);
  const [last] = usualHours(brand, new Date('2026-04-08T12:00:00Z'));
  expect(last?.to.diff(last.from).as('hours')).toBe(24);
});

it('silence is unusual only where orders are many and in most weeks', () => {
  expect(isUnusual([5, 5, 5, 5])).toBe(true);
  expect(isUnusual([10, 10, 5])).toBe(true);
  expect(isUnusual([20, 20])).toBe(false);
  expect(isUnusual([4, 5, 5, 5])).toBe(false);
  expect(isUnusual([])).toBe(false);
});
