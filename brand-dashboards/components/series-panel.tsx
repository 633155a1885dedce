import { memo, type ReactNode, useCallback } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { useCatalogue } from '../../ui/catalogue.ts';
import { type Colour, seriesOption } from '../../ui/chart-options.ts';
import { ChartFrame } from '../../ui/components/chart-frame.tsx';
import { formatBucket, formatFigure } from '../../ui/format.ts';
import { type KpiAnswer, type KpiQuery, largestOf, type Row } from '../../ui/kpi.ts';
import type { Comparison } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { texts } from '../texts.ts';

export interface SeriesPanelProps {
  readonly measure: string;
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly grain: string;
  readonly compare: Comparison;
  readonly isStale: boolean;
  readonly height: number;
  /** That of the answer: a bucket leads to the rows behind it. */
  readonly query: KpiQuery;
  readonly controls?: ReactNode;
}

/** One measure over time, with the comparison behind it. */
export const SeriesPanel = memo(function SeriesPanel(props: SeriesPanelProps) {
  const { measure, answer, problem, grain, compare, isStale, height, query, controls } = props;
  const { open } = useRowsQuestion();
  const openBucket = (row: Row) => open(questionOf(query, measure, row));
  const kpi = useCatalogue().get(measure);
  const title = texts.overTime(kpi?.name ?? measure);
  const { rows = NO_ROWS, comparison = null, currency = null, timezone = 'UTC' } = answer ?? {};
  const unit = kpi?.unit ?? 'count';
  const option = useCallback(
    (colour: Colour) =>
      seriesOption(
        {
          ...{ rows, before: comparison, currency, grain, timezone, beforeLabel: texts.periodBefore[compare] },
          measure: { id: measure, name: kpi?.name ?? measure, unit },
        },
        colour,
      ),
    [rows, comparison, currency, grain, timezone, compare, measure, kpi, unit],
  );
  const format = { id: measure, unit, currency, like: largestOf(measure, rows, comparison) };
  const isEmpty = rows.every((row) => row[measure] === null || Number(row[measure]) === 0);
  const beforeOf = (row: Row) => comparison?.[rows.indexOf(row)]?.[measure];
  return (
    <ChartFrame
      title={title}
      rows={isEmpty ? NO_ROWS : rows}
      columns={[
        {
          id: 'time',
          title: texts.time,
          cell: (row) => formatBucket(String(row.time), grain, timezone),
          value: (row) => row.time,
        },
        {
          id: 'now',
          title: kpi?.name ?? measure,
          isNumber: true,
          cell: (row) => (
            <button type="button" className="figure-link" onClick={() => openBucket(row)}>
              {formatFigure(row[measure], format)}
            </button>
          ),
          value: (row) => row[measure],
        },
        ...(comparison === null
          ? []
          : [
              {
                id: 'before',
                title: texts.periodBefore[compare],
                isNumber: true,
                cell: (row: Row) => formatFigure(beforeOf(row), format),
                value: beforeOf,
              },
            ]),
      ]}
      option={option}
      label={title}
      height={height}
      controls={controls}
      problem={problem}
      isLoading={answer === undefined || kpi === undefined}
      isStale={isStale && answer !== undefined}
      empty={texts.noSeries(kpi?.name ?? measure)}
      fileName={`${measure}-${grain}`}
      onSelect={(index) => rows[index] && openBucket(rows[index])}
    />
  );
});

const NO_ROWS: readonly Row[] = [];
