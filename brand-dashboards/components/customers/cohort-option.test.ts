import { expect, it } from 'vitest';
import { cohortGrid } from './cohort-grid.ts';
import { cohortOption } from './cohort-option.ts';

const row = (cohort_month: string, months_since_first: number, cohort_size: number, cohort_retention: string) => ({
  ...{ cohort_month, months_since_first, cohort_size, cohort_active: 1, cohort_retention },
});
const rows = [
  row('2024-02-01', 0, 1, '1.000000'),
  row('2024-01-01', 0, 20, '1.000000'),
  row('2024-01-01', 1, 20, '0.500000'),
  row('2024-02-01', 1, 1, '0.000000'),
  row('2024-01-01', 2, 20, '0.250000'),
];
const colours: Record<string, string> = { 'accent-soft': 'rgb(0, 0, 0)', accent: 'rgb(200, 100, 50)' };
const colour = (name: string) => colours[name] ?? name;

// Red when a cell stands at another cohort or month than its row says, or a month that has not begun is drawn.
it('a cell of the heat map is a row of the answer, darker where there is more', () => {
  const { cohorts, months } = cohortGrid(rows);
  const measure = { id: 'cohort_retention', name: 'Retention', unit: 'ratio' } as const;
  const option = cohortOption({ cohorts, months, measure, currency: null }, colour) as {
    yAxis: { data: string[] };
    series: { data: { value: number[]; itemStyle: { color: string } }[] }[];
  };
  expect(option.yAxis.data).toEqual(['Jan 2024  ·  20 new', 'Feb 2024  ·  1 new']);
  const data = option.series[0]?.data ?? [];
  expect(data.map(({ value }) => value)).toEqual([
    [0, 0, 1],
    [1, 0, 0.5],
    [2, 0, 0.25],
    [0, 1, 1],
    [1, 1, 0],
  ]);
  // Month 0, which is always whole, has no part in the scale.
  expect(data.map(({ itemStyle }) => itemStyle.color)).toEqual([
    'surface-2',
    'rgb(200, 100, 50)',
    'rgb(88, 44, 22)',
    'surface-2',
    'rgb(0, 0, 0)',
  ]);
});
