import { useCallback, useMemo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { histogramOption } from '../../ui/bars-option.ts';
import type { Colour } from '../../ui/chart-options.ts';
import { ChartFrame } from '../../ui/components/chart-frame.tsx';
import { formatFigure } from '../../ui/format.ts';
import type { KpiAnswer, Row } from '../../ui/kpi.ts';
import type { Comparison } from '../../ui/page-state.ts';
import { texts } from '../texts.ts';
import { barsOf } from './day-bars.ts';
import { FigureButton } from './figure-button.tsx';

export interface DaysHistogramProps {
  readonly title: string;
  /** A dimension of whole days, and what is counted by it. */
  readonly dimension: 'ship_days' | 'delivery_days' | 'age_days';
  readonly measure: string;
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly compare: Comparison;
  readonly isStale: boolean;
  /** Shows the orders of a bar: those whose dimension has one of the values. */
  readonly onBar: (values: readonly string[]) => void;
}

const NO_ROWS: readonly Row[] = [];

/** How many orders took (or wait) how many days. Long tails are one last bar. */
export function DaysHistogram(props: DaysHistogramProps) {
  const { title, dimension, measure, answer, problem, compare, isStale, onBar } = props;
  const { rows = NO_ROWS, comparison = null } = answer ?? {};
  const bars = useMemo(() => barsOf(rows, comparison, dimension, measure), [rows, comparison, dimension, measure]);
  const option = useCallback(
    (colour: Colour) =>
      histogramOption(
        { bars, unit: texts.ordersUnit, axis: texts.daysAxis, beforeLabel: texts.periodBefore[compare] },
        colour,
      ),
    [bars, compare],
  );
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const format = { id: measure, unit: 'count' } as const;
  return (
    <ChartFrame
      title={title}
      rows={total === 0 ? [] : bars}
      columns={[
        { id: 'days', title: texts.days, cell: ({ label }) => label, value: ({ label }) => label },
        {
          id: 'orders',
          title: texts.orders,
          isNumber: true,
          cell: ({ count, values }) => (
            <FigureButton
              text={formatFigure(count, format)}
              onOpen={values.length === 0 ? undefined : () => onBar(values)}
            />
          ),
          value: ({ count }) => count,
        },
        {
          id: 'share',
          title: texts.share,
          isNumber: true,
          cell: ({ count }) => formatFigure(count / total, { id: 'share', unit: 'ratio' }),
          value: ({ count }) => (count / total).toFixed(6),
        },
        ...(comparison === null
          ? []
          : [
              {
                id: 'before',
                title: texts.periodBefore[compare],
                isNumber: true,
                cell: ({ before }: (typeof bars)[number]) => formatFigure(before, format),
                value: ({ before }: (typeof bars)[number]) => before,
              },
            ]),
      ]}
      option={option}
      label={title}
      height={230}
      problem={problem}
      isLoading={answer === undefined}
      isStale={isStale && answer !== undefined}
      empty={dimension === 'age_days' ? texts.noBacklog : texts.noDeliveries}
      fileName={dimension}
      onSelect={(index) => bars[index] && bars[index].values.length > 0 && onBar(bars[index].values)}
    />
  );
}
