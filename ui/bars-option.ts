// Rows become bar charts: pure, like chart-options.ts.
import type { EChartsCoreOption } from 'echarts/core';
import type { Colour } from './chart-options.ts';
import { numberFormat } from './intl.ts';

const text = (colour: Colour) => ({
  color: colour('text-3'),
  fontFamily: 'Inter Variable, sans-serif',
  fontSize: 11,
});
const count = (value: number) => numberFormat().format(value);

function tooltip(colour: Colour, lines: (index: number) => readonly string[]) {
  return {
    trigger: 'axis',
    axisPointer: { type: 'shadow', shadowStyle: { color: colour('text-3'), opacity: 0.08 } },
    backgroundColor: colour('surface'),
    borderColor: colour('border-strong'),
    textStyle: { color: colour('text'), fontFamily: 'Inter Variable, sans-serif', fontSize: 12 },
    // Text only: names from the data never become markup.
    renderMode: 'richText',
    formatter: (points: { dataIndex: number }[]) => lines(points[0]?.dataIndex ?? 0).join('\n'),
  };
}

export interface Histogram {
  readonly bars: readonly { readonly label: string; readonly count: number; readonly before: number | null }[];
  /** What is counted, and what the bars stand for. */
  readonly unit: string;
  readonly axis: string;
  readonly beforeLabel: string;
}

/** How many fall into each range; the period before as a mark on each bar. */
export function histogramOption({ bars, unit, axis, beforeLabel }: Histogram, colour: Colour): EChartsCoreOption {
  const hasBefore = bars.some(({ before }) => before !== null);
  return {
    animation: false,
    grid: { left: 8, right: 12, top: 12, bottom: 22, containLabel: true },
    xAxis: {
      type: 'category',
      data: bars.map(({ label }) => label),
      name: axis,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: text(colour),
      axisLabel: { ...text(colour), hideOverlap: true },
      axisLine: { lineStyle: { color: colour('border-strong') } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: { ...text(colour), formatter: count },
      splitLine: { lineStyle: { color: colour('border') } },
      splitNumber: 4,
    },
    tooltip: tooltip(colour, (index) => {
      const bar = bars[index];
      if (bar === undefined) return [];
      return [
        `${bar.label} ${axis}`,
        `${count(bar.count)} ${unit}`,
        ...(bar.before === null ? [] : [`${beforeLabel}: ${count(bar.before)}`]),
      ];
    }),
    series: [
      {
        type: 'bar',
        data: bars.map((bar) => bar.count),
        itemStyle: { color: colour('series-1'), borderRadius: [3, 3, 0, 0] },
        barMaxWidth: 44,
        barCategoryGap: '22%',
      },
      ...(hasBefore
        ? [
            {
              type: 'line',
              data: bars.map(({ before }) => before),
              showSymbol: false,
              step: 'middle',
              lineStyle: { color: colour('series-before'), width: 1.5, type: 'dashed' },
              itemStyle: { color: colour('series-before') },
            },
          ]
        : []),
    ],
  };
}

export interface StackedBars {
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly parts: readonly string[];
  readonly unit: string;
}

/** Lying bars, one per row, each made of its parts. */
export function stackedBarsOption({ rows, parts, unit }: StackedBars, colour: Colour): EChartsCoreOption {
  return {
    animation: false,
    grid: { left: 8, right: 20, top: 34, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: text(colour) },
    xAxis: {
      type: 'value',
      axisLabel: { ...text(colour), formatter: count },
      splitLine: { lineStyle: { color: colour('border') } },
      splitNumber: 4,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLabel: { ...text(colour), width: 110, overflow: 'truncate' },
      axisLine: { lineStyle: { color: colour('border-strong') } },
      axisTick: { show: false },
    },
    tooltip: tooltip(colour, (index) => {
      const row = rows[index];
      return row === undefined
        ? []
        : [row.name, ...parts.map((part, at) => `${part}: ${count(row.values[at] ?? 0)} ${unit}`)];
    }),
    series: parts.map((name, at) => ({
      type: 'bar',
      name,
      stack: 'all',
      data: rows.map(({ values }) => values[at] ?? 0),
      itemStyle: { color: colour(`series-${(at % 6) + 1}`) },
      barMaxWidth: 26,
    })),
  };
}
