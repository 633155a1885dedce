import type { EChartsCoreOption } from 'echarts/core';
import type { Colour } from '../../../ui/chart-options.ts';
import { formatBucket, formatFigure, formatShort } from '../../../ui/format.ts';
import type { Unit } from '../../../ui/kpi.ts';
import { texts } from '../../texts.ts';
import type { Cohort } from './cohort-grid.ts';

const t = texts.customersPage;

export interface CohortChart {
  readonly cohorts: readonly Cohort[];
  readonly months: number;
  readonly measure: { readonly id: string; readonly name: string; readonly unit: Unit };
  readonly currency: string | null;
}

/** How much of the accent each step of the scale has. None lies where neither dark nor light text is readable. */
const STEPS = [0, 0.22, 0.44, 0.85, 1];

/** Cohorts × months since the first order, darker where there is more. Pure. */
export function cohortOption({ cohorts, months, measure, currency }: CohortChart, colour: Colour): EChartsCoreOption {
  const format = { ...measure, currency };
  const [soft, strong] = [colour('accent-soft'), colour('accent')];
  // Month 0 is 100 % by definition and would drown what is to be seen.
  const isPlain = (k: number) => measure.id === 'cohort_retention' && k === 0;
  const values = cohorts.flatMap(({ cells }) =>
    cells.flatMap((row, k) => (isPlain(k) ? [] : [Number(row?.[measure.id] ?? 0)])),
  );
  const most = Math.max(...values, Number.MIN_VALUE);
  const stepOf = (value: number) => Math.min(STEPS.length - 1, Math.floor((value / most) * STEPS.length));
  const cell = (y: number, x: number, value: string | number) => {
    const step = stepOf(Number(value));
    const isDark = !isPlain(x) && (STEPS[step] ?? 0) > 0.5;
    return {
      value: [x, y, Number(value)],
      visualMap: false,
      itemStyle: { color: isPlain(x) ? colour('surface-2') : mix(soft, strong, STEPS[step] ?? 0) },
      label: { color: colour(isPlain(x) ? 'text-2' : isDark ? 'on-accent' : 'text') },
    };
  };
  const axis = { fontFamily: 'Inter Variable, sans-serif', fontSize: 12, color: colour('text-2') };
  return {
    animation: false,
    grid: { left: 4, right: 4, top: 46, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      position: 'top',
      name: t.monthsSince,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { ...axis, fontSize: 11, color: colour('text-3') },
      data: Array.from({ length: months }, (_, k) => String(k)),
      axisLabel: axis,
      ...{ axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: cohorts.map(({ month, size }) => t.sizeOf(formatBucket(month, 'month', 'UTC'), formatFigure(size, COUNT))),
      axisLabel: axis,
      ...{ axisLine: { show: false }, axisTick: { show: false } },
    },
    // The series wants one; each cell has its own colour, chosen with the text on it.
    visualMap: { show: false, min: 0, max: most },
    tooltip: {
      backgroundColor: colour('surface'),
      borderColor: colour('border-strong'),
      textStyle: { color: colour('text'), fontFamily: 'Inter Variable, sans-serif', fontSize: 12 },
      renderMode: 'richText',
      formatter: ({ value: [x, y] }: { value: [number, number, number] }) => tooltip(cohorts[y], x, format),
    },
    series: [
      {
        type: 'heatmap',
        data: cohorts.flatMap(({ cells }, y) =>
          cells.flatMap((row, x) =>
            row?.[measure.id] == null ? [] : [cell(y, x, row[measure.id] as string | number)],
          ),
        ),
        label: {
          show: true,
          fontFamily: 'Inter Variable, sans-serif',
          fontSize: 12,
          formatter: ({ data }: { data: { value: [number, number, number] } }) => formatShort(data.value[2], format),
        },
        itemStyle: { borderColor: colour('surface'), borderWidth: 3, borderRadius: 6 },
        emphasis: { itemStyle: { borderColor: colour('accent') } },
      },
    ],
  };
}

const COUNT = { id: 'cohort_size', unit: 'count' } as const;

function tooltip(
  cohort: Cohort | undefined,
  k: number,
  format: { id: string; name: string; unit: Unit; currency: string | null },
): string {
  const row = cohort?.cells[k];
  if (cohort === undefined || row === undefined) return '';
  return [
    `${t.cohort} ${formatBucket(cohort.month, 'month', 'UTC')}, ${t.month(k).toLowerCase()}`,
    `${format.name}: ${formatFigure(row[format.id], format)}`,
    t.ofCohort(formatFigure(row.cohort_active, COUNT), formatFigure(row.cohort_size, COUNT)),
  ].join('\n');
}

/** A colour between two `rgb(…)`s. */
function mix(from: string, to: string, share: number): string {
  const parts = (text: string) => (text.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [parts(from), parts(to)];
  return `rgb(${a.map((value, i) => Math.round(value + ((b[i] ?? value) - value) * share)).join(', ')})`;
}
