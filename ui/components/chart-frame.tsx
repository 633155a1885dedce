import type { ECharts } from 'echarts/core';
import { type ReactNode, useRef, useState } from 'react';
import type { ApiProblem } from '../api.ts';
import { download, toCsv } from '../csv.ts';
import { texts } from '../texts.ts';
import { Chart, type ChartProps } from './chart.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { Panel } from './panel.tsx';

export interface ChartFrameProps<R> extends Omit<ChartProps, 'onReady'> {
  readonly title: string;
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
  readonly isLoading: boolean;
  readonly problem?: ApiProblem;
  readonly isStale: boolean;
  /** Shown when there are no rows: says what would be here. */
  readonly empty: string;
  readonly controls?: ReactNode;
  readonly fileName: string;
}

/** A chart with its title, the same figures as a table, and both as files. */
export function ChartFrame<R>(props: ChartFrameProps<R>) {
  const { title, rows, columns, isLoading, problem, isStale, empty, controls, fileName, ...chart } = props;
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const drawn = useRef<ECharts | null>(null);
  const frame = useRef<HTMLElement>(null);
  const png = () => {
    // On the theme's own ground: light letters on white could not be read.
    const backgroundColor = frame.current ? getComputedStyle(frame.current).backgroundColor : '#fff';
    const url = drawn.current?.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor });
    if (url) download(`${fileName}.png`, url);
  };
  return (
    <Panel
      ref={frame}
      title={title}
      of={isLoading ? undefined : rows}
      awaited={{ height: chart.height }}
      problem={problem}
      isStale={isStale}
      tools={
        <>
          {controls}
          <fieldset className="segmented">
            <legend className="visually-hidden">{title}</legend>
            {(['chart', 'table'] as const).map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                {texts[one]}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            className="text-button"
            onClick={() => download(`${fileName}.csv`, toCsv(rows, columns))}
          >
            {texts.downloadCsv}
          </button>
          {view === 'chart' ? (
            <button type="button" className="text-button" onClick={png}>
              {texts.downloadPng}
            </button>
          ) : null}
        </>
      }
    >
      {() =>
        rows.length === 0 ? (
          <p className="empty" style={{ minHeight: chart.height }}>
            {empty}
          </p>
        ) : view === 'chart' ? (
          <Chart
            {...chart}
            onReady={(made) => {
              drawn.current = made;
            }}
          />
        ) : (
          <DataTable
            rows={rows}
            columns={columns}
            caption={title}
            empty={empty}
            maxHeight={Math.max(chart.height, 320)}
          />
        )
      }
    </Panel>
  );
}
