// The last hour of the path as chart options: pure.
import type { EChartsCoreOption } from 'echarts/core';
import type { Colour } from '../ui/chart-options.ts';
import { formatSpan, formatTime } from '../ui/format.ts';
import type { Beat } from './platform.ts';
import { texts } from './texts.ts';

const HOUR_MS = 3_600_000;

export interface PulseChart {
  readonly beats: readonly Beat[];
  readonly value: (beat: Beat) => number | null;
  /** Of a value; on the axis like its largest. */
  readonly format: (value: number, like?: number) => string;
  /** The axis reaches at least so far, so that calm does not look like a storm. */
  readonly least: number;
  readonly colour: string;
  /** The axis ends here, ISO 8601. */
  readonly until: string;
}

/** Freshness: how long figures were behind the shops. */
export const behindChart = (beats: readonly Beat[], until: string): PulseChart => ({
  ...{ beats, until, value: ({ behindMs }) => behindMs, format: formatSpan, least: 1_000, colour: 'series-1' },
});

/** Changes per second that reached raw. */
export const flowChart = (beats: readonly Beat[], until: string): PulseChart => ({
  ...{
    beats,
    until,
    value: ({ rowsPerSecond }) => rowsPerSecond,
    format: (value) => String(Math.round(value)),
    least: 10,
  },
  colour: 'series-3',
});

export function pulseOption({ beats, value, format, least, colour, until }: PulseChart, of: Colour): EChartsCoreOption {
  const text = { color: of('text-3'), fontFamily: 'Inter Variable, sans-serif', fontSize: 11 };
  const end = Date.parse(until);
  const most = Math.max(least, ...beats.map((beat) => value(beat) ?? 0));
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: 'value',
      min: end - HOUR_MS,
      max: end,
      interval: HOUR_MS / 6,
      axisLabel: {
        ...text,
        hideOverlap: true,
        formatter: (at: number) => formatTime(new Date(at).toISOString(), 'UTC', false),
      },
      axisLine: { lineStyle: { color: of('border-strong') } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      // Null: as the data ask for.
      max: ({ max }: { max: number }) => (max > least ? null : least),
      axisLabel: { ...text, formatter: (of: number) => format(of, most) },
      splitLine: { lineStyle: { color: of('border') } },
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: 2,
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: of('surface'),
      borderColor: of('border-strong'),
      textStyle: { color: of('text'), fontFamily: 'Inter Variable, sans-serif', fontSize: 12 },
      renderMode: 'richText',
      formatter: (points: { dataIndex: number }[]) => {
        const beat = beats[points[0]?.dataIndex ?? 0];
        if (beat === undefined) return '';
        const now = value(beat);
        return `${formatTime(beat.at, 'UTC')} ${texts.utc}\n${now === null ? '–' : format(now)} · ${texts.streamState[beat.state]}`;
      },
    },
    series: [
      {
        type: 'line',
        data: beats.map((beat) => [Date.parse(beat.at), value(beat)]),
        symbol: 'circle',
        symbolSize: 4,
        showSymbol: beats.length < 120,
        lineStyle: { color: of(colour), width: 1.5 },
        itemStyle: { color: of(colour) },
        areaStyle: { color: of(colour), opacity: 0.1 },
      },
    ],
  };
}
