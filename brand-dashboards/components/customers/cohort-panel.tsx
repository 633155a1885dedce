import { useCallback, useMemo, useState } from 'react';
import type { ApiProblem } from '../../../ui/api.ts';
import { useCatalogue } from '../../../ui/catalogue.ts';
import type { Colour } from '../../../ui/chart-options.ts';
import { ChartFrame } from '../../../ui/components/chart-frame.tsx';
import type { Column } from '../../../ui/components/data-table.tsx';
import { Definition } from '../../../ui/components/definition.tsx';
import { SqlDialog } from '../../../ui/components/sql-dialog.tsx';
import { formatBucket, formatFigure } from '../../../ui/format.ts';
import type { KpiAnswer, KpiQuery, Row } from '../../../ui/kpi.ts';
import { texts } from '../../texts.ts';
import { type Cohort, cohortGrid, drawnCells } from './cohort-grid.ts';
import { cohortOption } from './cohort-option.ts';

const t = texts.customersPage;

export const COHORT_MEASURES = ['cohort_retention', 'cohort_active', 'ltv'] as const;
export type CohortMeasure = (typeof COHORT_MEASURES)[number];

export interface CohortPanelProps {
  readonly measure: CohortMeasure;
  readonly onMeasure: (measure: CohortMeasure) => void;
  readonly query: KpiQuery;
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  /** A cell was clicked. */
  readonly onCell: (row: Row) => void;
}

const ROW_HEIGHT = 38;

/** Who comes back: cohorts of first orders through the months since, as a heat map. */
export function CohortPanel({ measure, onMeasure, query, answer, problem, isStale, onCell }: CohortPanelProps) {
  const kpi = useCatalogue().get(measure);
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  const { cohorts, months } = useMemo(() => cohortGrid(answer?.rows ?? []), [answer]);
  const currency = answer?.currency ?? null;
  const [name, unit] = [kpi?.name ?? measure, kpi?.unit ?? 'count'];
  const option = useCallback(
    (colour: Colour) => cohortOption({ cohorts, months, measure: { id: measure, name, unit }, currency }, colour),
    [cohorts, months, measure, name, unit, currency],
  );
  const format = { id: measure, unit, currency };
  return (
    <>
      <ChartFrame
        title={t.cohorts}
        rows={cohorts}
        columns={[
          {
            id: 'cohort',
            title: t.cohort,
            cell: ({ month }) => formatBucket(month, 'month', 'UTC'),
            value: ({ month }) => month,
          },
          {
            id: 'size',
            title: t.size,
            isNumber: true,
            cell: ({ size }) => formatFigure(size, { id: 'cohort_size', unit: 'count' }),
            value: ({ size }) => size,
          },
          ...Array.from(
            { length: months },
            (_, k): Column<Cohort> => ({
              id: String(k),
              title: t.month(k),
              isNumber: true,
              cell: ({ cells }) =>
                cells[k] === undefined ? (
                  ''
                ) : (
                  <button type="button" className="figure-link" onClick={() => cells[k] && onCell(cells[k])}>
                    {formatFigure(cells[k][measure], format)}
                  </button>
                ),
              value: ({ cells }) => cells[k]?.[measure],
            }),
          ),
        ]}
        option={option}
        label={`${t.cohorts}: ${name}. ${t.cohortsHint}`}
        height={60 + ROW_HEIGHT * Math.max(cohorts.length, 4)}
        problem={problem}
        isLoading={answer === undefined || kpi === undefined}
        isStale={isStale && answer !== undefined}
        empty={t.noCohorts}
        fileName={measure}
        onSelect={(index) => {
          const row = drawnCells(cohorts, measure)[index];
          if (row) onCell(row);
        }}
        controls={
          <>
            <fieldset className="segmented">
              <legend className="visually-hidden">{texts.measure}</legend>
              {COHORT_MEASURES.map((one) => (
                <button key={one} type="button" aria-pressed={measure === one} onClick={() => onMeasure(one)}>
                  {t.cohortMeasures[one]}
                </button>
              ))}
            </fieldset>
            {kpi ? <Definition kpi={kpi} openAsSql={() => setSqlOf({ ...query, measures: [measure] })} /> : null}
          </>
        }
      />
      <SqlDialog query={sqlOf} onClose={() => setSqlOf(null)} />
    </>
  );
}
