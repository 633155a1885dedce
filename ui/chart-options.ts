// Rows become chart options: pure functions, so that a chart can be tested without a browser.
import type { EChartsCoreOption } from 'echarts/core';
import { type FigureFormat, formatBucket, formatFigure, formatShort, isOpenBucket } from './format.ts';
import { isPercentage, type Row, type Unit } from './kpi.ts';
import { texts } from './texts.ts';

export type Colour = (name: string) => string;

export interface SeriesChart {
  readonly rows: readonly Row[];
  /** Of the period before, by place: its first bucket lies behind the first of `rows`. */
  readonly before: readonly Row[] | null;
  readonly measure: { readonly id: string; readonly name: string; readonly unit: Unit };
  readonly currency: string | null;
  readonly grain: string;
  readonly timezone: string;
  readonly beforeLabel: string;
}

const axisText = (colour: Colour) => ({
  color: colour('text-3'),
  fontFamily: 'Inter Variable, sans-serif',
  fontSize: 11,
});

/**
 * The axis of figures. Where a few dip a little below nothing (a day of more returns than sales) it begins there,
 * rather than a whole empty step lower.
 */
function figureAxis(low: number, high: number, format: FigureFormat, colour: Colour) {
  const dips = low < 0 && low > -high / 10;
  return {
    type: 'value',
    ...(dips ? { min: Math.min(low, -high / 50) } : {}),
    axisLabel: {
      ...axisText(colour),
      formatter: (value: number) => formatShort(value, { ...format, like: high }),
      showMinLabel: !dips,
    },
    splitLine: { lineStyle: { color: colour('border') }, showMinLine: !dips },
    splitNumber: 4,
  };
}

/** One measure over time as a line, the period before it behind, dashed. */
export function seriesOption(chart: SeriesChart, colour: Colour): EChartsCoreOption {
  const { rows, before, measure, currency, grain, timezone } = chart;
  const format = { id: measure.id, unit: measure.unit, currency };
  const known = [...rows, ...(before ?? []).slice(0, rows.length)].flatMap((row) => row[measure.id] ?? []).map(Number);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const isNearWhole = isPercentage(measure.id, measure.unit) && high > 0.75 && high <= 1;
  const values = (of: readonly Row[]) => of.map((row) => (row[measure.id] === null ? null : Number(row[measure.id])));
  const label = (row: Row | undefined) => (row ? formatBucket(String(row.time), grain, timezone) : '');
  const last = rows.at(-1);
  const isOpen = last !== undefined && isOpenBucket(String(last.time), grain, timezone);
  const closed = isOpen ? rows.length - 1 : rows.length;
  return {
    animation: false,
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      data: rows.map(label),
      boundaryGap: false,
      axisLabel: { ...axisText(colour), hideOverlap: true },
      axisLine: { lineStyle: { color: colour('border-strong') } },
      axisTick: { show: false },
    },
    yAxis: {
      ...figureAxis(low, high, format, colour),
      // A share that comes near the whole is seen against the whole, and no axis promises more.
      ...(isNearWhole ? { max: 1, interval: 0.25 } : {}),
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: colour('surface'),
      borderColor: colour('border-strong'),
      textStyle: { color: colour('text'), fontFamily: 'Inter Variable, sans-serif', fontSize: 12 },
      // Text only: labels and brand names never become markup.
      renderMode: 'richText',
      formatter: (points: { dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0;
        const [now, then] = [rows[index], before?.[index]];
        const line = (row: Row | undefined, name: string) =>
          row ? `${name}: ${formatFigure(row[measure.id], format)}` : '';
        const soFar = isOpen && index === closed ? ` ${texts.soFar}` : '';
        return [
          `${label(now)}${soFar}`,
          line(now, measure.name),
          then ? line(then, `${chart.beforeLabel} (${label(then)})`) : '',
        ]
          .filter((text) => text !== '')
          .join('\n');
      },
    },
    series: [
      {
        type: 'line',
        data: values(rows.slice(0, closed)),
        symbol: 'circle',
        symbolSize: 5,
        showSymbol: rows.length <= 31,
        lineStyle: { color: colour('series-1'), width: 2 },
        itemStyle: { color: colour('series-1') },
        areaStyle: { color: colour('series-1'), opacity: 0.07 },
        z: 3,
      },
      // What is still filling hangs on by a dotted line: it is no fall.
      ...(isOpen
        ? [
            {
              type: 'line',
              data: values(rows).map((value, index) => (index < closed - 1 ? null : value)),
              symbol: 'emptyCircle',
              // The last closed one has its own.
              symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (dataIndex === closed ? 5 : 0),
              lineStyle: { color: colour('series-1'), width: 2, type: 'dotted' },
              itemStyle: { color: colour('series-1') },
              z: 3,
            },
          ]
        : []),
      ...(before === null
        ? []
        : [
            {
              type: 'line',
              data: values(before.slice(0, rows.length)),
              showSymbol: false,
              lineStyle: { color: colour('series-before'), width: 1.5, type: 'dashed' },
              itemStyle: { color: colour('series-before') },
              z: 2,
            },
          ]),
    ],
  };
}

export interface StackedChart {
  readonly rows: readonly { readonly time: string; readonly values: Readonly<Record<string, string>> }[];
  readonly names: readonly string[];
  /** Default: money. */
  readonly unit?: Unit;
  readonly currency: string | null;
  readonly grain: string;
  readonly timezone: string;
}

/** Figures of several series over time, one bar per bucket, stacked: the whole is read first, then its parts. */
export function stackedOption(
  { rows, names, unit = 'money', currency, grain, timezone }: StackedChart,
  colour: Colour,
): EChartsCoreOption {
  const format = { id: 'stacked', unit, currency };
  // How far the bars reach up, and how far down.
  const heights = (sign: 1 | -1) =>
    rows.map(
      ({ values }) => sign * names.reduce((sum, name) => sum + Math.max(0, sign * Number(values[name] ?? 0)), 0),
    );
  const label = (time: string) => formatBucket(time, grain, timezone);
  return {
    animation: false,
    grid: { left: 8, right: 12, top: 32, bottom: 4, containLabel: true },
    // On a narrow screen it is leafed through rather than wrapped over the bars.
    legend: {
      type: 'scroll',
      top: 0,
      left: 0,
      pageTextStyle: axisText(colour),
      icon: 'roundRect',
      itemWidth: 10,
      itemHeight: 10,
      textStyle: axisText(colour),
    },
    xAxis: {
      type: 'category',
      data: rows.map(({ time }) => label(time)),
      axisLabel: { ...axisText(colour), hideOverlap: true },
      axisLine: { lineStyle: { color: colour('border-strong') } },
      axisTick: { show: false },
    },
    yAxis: figureAxis(Math.min(0, ...heights(-1)), Math.max(0, ...heights(1)), format, colour),
    tooltip: {
      trigger: 'axis',
      backgroundColor: colour('surface'),
      borderColor: colour('border-strong'),
      textStyle: { color: colour('text'), fontFamily: 'Inter Variable, sans-serif', fontSize: 12 },
      renderMode: 'richText',
      formatter: (points: { dataIndex: number }[]) => {
        const row = rows[points[0]?.dataIndex ?? 0];
        if (row === undefined) return '';
        return [
          label(row.time),
          ...names.map((name) => `${name}: ${formatFigure(row.values[name] ?? '0', format)}`),
        ].join('\n');
      },
    },
    series: names.map((name, index) => ({
      type: 'bar',
      name,
      stack: 'all',
      data: rows.map(({ values }) => Number(values[name] ?? '0')),
      itemStyle: { color: colour(`series-${(index % 6) + 1}`) },
      barMaxWidth: 36,
    })),
  };
}
