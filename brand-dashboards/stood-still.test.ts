import { expect, it } from 'vitest';
import type { KpiAnswer, Row } from '../ui/kpi.ts';
import { MOST_UNIT_ROWS, stoodStill } from './stood-still.ts';

const NOW = new Date('2026-03-11T12:00:00Z');
const day = (index: number) => `2026-03-${String(index + 1).padStart(2, '0')}`;

/** Units sold of each product from 1 March on. */
const units = (courses: Readonly<Record<string, readonly number[]>>) => {
  const rows = Object.entries(courses).flatMap(([product, course]) =>
    course.map((sold, index): Row => ({ time: day(index), product, units_sold: sold })),
  );
  return { rows, timezone: 'UTC' } as unknown as KpiAnswer;
};
const before = (...products: string[]) =>
  ({ comparison: products.map((product) => ({ product })) }) as unknown as KpiAnswer;
const steady = [8, 9, 7, 8, 9, 10, 8, 7, 9, 8];

it('names the product that sells every day and for some sold nothing: of two the one that missed more', () => {
  const answer = units({
    Boots: steady,
    Tent: [8, 9, 0, 0, 0, 10, 8, 7, 9, 8],
    Stove: [20, 20, 0, 0, 20, 20, 20, 20, 20, 20],
  });
  expect(stoodStill(answer, before(), 'day', NOW)).toEqual({
    ...{ product: 'Stove', from: '2026-03-03', until: '2026-03-04', missed: 40 },
  });
});

it('names one that sells no more, and one that did not from the start if it sold before', () => {
  const ended = units({ Tent: [8, 9, 7, 8, 9, 10, 8, 0, 0, 0] });
  expect(stoodStill(ended, before(), 'day', NOW)).toMatchObject({ from: '2026-03-08', until: '2026-03-10' });
  const late = units({ Tent: [0, 0, 0, 8, 9, 10, 8, 9, 9, 9] });
  expect(stoodStill(late, before('Tent'), 'day', NOW)).toMatchObject({ from: '2026-03-01', until: '2026-03-03' });
});

it('names none that is new, sells now and then, missed little, or whose day is not over', () => {
  const none = (course: readonly number[]) =>
    expect(stoodStill(units({ Tent: course }), before(), 'day', NOW)).toBeNull();
  none([0, 0, 0, 8, 9, 10, 8, 9, 9, 9]);
  none([30, 0, 0, 0, 30, 0, 30, 0, 30, 30]);
  none([2, 3, 2, 0, 0, 2, 3, 2, 2, 3]);
  none([...steady, 0]);
  none([0, 0, 0]);
});

it('names none where not all rows came, or none yet', () => {
  const { rows } = units({ Tent: [8, 9, 0, 0, 0, 10, 8, 7, 9, 8] });
  const cut = { rows: Array.from({ length: MOST_UNIT_ROWS }, (_, at) => rows[at % rows.length]), timezone: 'UTC' };
  expect(stoodStill(cut as unknown as KpiAnswer, before(), 'day', NOW)).toBeNull();
  expect(stoodStill(undefined, undefined, 'day', NOW)).toBeNull();
});
