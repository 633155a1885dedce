import { useCallback, useMemo } from 'react';
import type { ApiProblem } from '../../../ui/api.ts';
import { type Colour, stackedOption } from '../../../ui/chart-options.ts';
import { ChartFrame } from '../../../ui/components/chart-frame.tsx';
import { formatBucket, formatFigure } from '../../../ui/format.ts';
import type { KpiAnswer, Row } from '../../../ui/kpi.ts';
import { texts } from '../../texts.ts';

const t = texts.customersPage;
const COUNT = { id: 'customers', unit: 'count' } as const;
const SHOWN = [
  ['new_customers', t.new],
  ['returning_customers', t.returning],
] as const;

export interface NewAndReturningProps {
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly grain: string;
  readonly isStale: boolean;
  /** A part of a bar was clicked: which measure of which bucket. */
  readonly onBucket: (measure: string, row: Row) => void;
}

/** Customers of each bucket: those whose first order it holds, and those who had ordered before it. */
export function NewAndReturning({ answer, problem, grain, isStale, onBucket }: NewAndReturningProps) {
  const { rows = NO_ROWS, timezone = 'UTC' } = answer ?? {};
  const chart = useMemo(
    () => ({
      rows: rows.map((row) => ({
        time: String(row.time),
        values: Object.fromEntries(SHOWN.map(([id, name]) => [name, String(row[id] ?? 0)])),
      })),
      names: SHOWN.map(([, name]) => name),
    }),
    [rows],
  );
  const option = useCallback(
    (colour: Colour) => stackedOption({ ...chart, ...{ unit: 'count', currency: null, grain, timezone } }, colour),
    [chart, grain, timezone],
  );
  const isEmpty = rows.every(({ customers }) => Number(customers ?? 0) === 0);
  return (
    <ChartFrame
      title={t.newAndReturning}
      rows={isEmpty ? NO_ROWS : rows}
      columns={[
        {
          id: 'time',
          title: texts.time,
          cell: ({ time }) => formatBucket(String(time), grain, timezone),
          value: ({ time }) => time,
        },
        ...SHOWN.map(([id, title]) => ({
          ...{ id, title, isNumber: true },
          cell: (row: Row) => (
            <button type="button" className="figure-link" onClick={() => onBucket(id, row)}>
              {formatFigure(row[id], COUNT)}
            </button>
          ),
          value: (row: Row) => row[id],
        })),
      ]}
      option={option}
      label={t.newAndReturning}
      height={280}
      problem={problem}
      isLoading={answer === undefined}
      isStale={isStale && answer !== undefined}
      empty={t.noCustomers}
      fileName={`customers-${grain}`}
      onSelect={(index, series) => rows[index] && onBucket(SHOWN[series]?.[0] ?? 'customers', rows[index])}
    />
  );
}

const NO_ROWS: readonly Row[] = [];
