import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { usePrinting } from '../print.ts';
import { useTheme } from '../theme.ts';

export interface ChartProps {
  /** Made of rows by a pure function; colours are read from the theme when it is drawn. */
  readonly option: (colour: (name: string) => string) => EChartsCoreOption;
  /** What the chart shows, for those who can't see it (the table view has the figures). */
  readonly label: string;
  readonly height: number;
  /** Called with the index of the bucket and the series that was clicked. */
  readonly onSelect?: (dataIndex: number, seriesIndex: number) => void;
  readonly onReady?: (chart: ECharts) => void;
}

/** Mounts, redraws, resizes and disposes one ECharts instance. */
export function Chart({ option, label, height, onSelect, onReady }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const theme = useTheme();
  const isPrinting = usePrinting();
  const select = useRef(onSelect);
  select.current = onSelect;

  // Once per mount.
  useEffect(() => {
    let disposed = false;
    let made: ECharts | null = null;
    const element = box.current;
    if (element === null) return;
    const sizes = new ResizeObserver(() => made?.resize());
    void import('./echarts.ts').then(({ init }) => {
      if (disposed) return;
      made = init(element);
      made.on('click', ({ dataIndex, seriesIndex }) => select.current?.(dataIndex ?? 0, seriesIndex ?? 0));
      sizes.observe(element);
      setChart(made);
      onReady?.(made);
    });
    return () => {
      disposed = true;
      sizes.disconnect();
      made?.dispose();
    };
  }, []);

  // Paper has a width of its own, and printing waits for no later frame.
  useLayoutEffect(() => chart?.resize(), [chart, isPrinting]);

  // Each theme has its own, and paper has.
  const colour = useMemo(() => coloursOfNow(), [theme, isPrinting]);
  // Not with the page's own drawing, but right after: together they would take longer than a frame. All of it anew: to merge what
  // changed costs ECharts as much, and leaves behind what is no longer said.
  useEffect(() => chart?.setOption(option(colour), { notMerge: true }), [chart, option, colour]);

  return (
    <div className="chart-box" style={{ height }} role="img" aria-label={label}>
      {chart === null ? <div className="skeleton chart-skeleton" aria-hidden="true" /> : null}
      <div ref={box} style={{ height, width: '100%' }} />
    </div>
  );
}

/** The theme's colours by name, each asked for once: for the answer the browser computes styles. */
function coloursOfNow(): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const colour =
      known.get(name) ?? resolveColour(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`));
    known.set(name, colour);
    return colour;
  };
}

/** ECharts knows no `light-dark()`: lets the browser resolve it. */
function resolveColour(value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
