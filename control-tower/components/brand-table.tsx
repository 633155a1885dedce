import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { useCatalogue } from '../../ui/catalogue.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { Sparkline } from '../../ui/components/sparkline.tsx';
import { changeOf, formatFigure, isOpenBucket } from '../../ui/format.ts';
import type { KpiAnswer, KpiQuery, Row } from '../../ui/kpi.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import type { BrandState, BrandStates } from '../platform.ts';
import { texts } from '../texts.ts';
import { HealthPill } from './health-pill.tsx';
import { HealthRules } from './health-rules.tsx';
import { LastChange } from './last-change.tsx';

export interface BrandTableProps {
  readonly answer: KpiAnswer | undefined;
  readonly trend: KpiAnswer | undefined;
  readonly states: BrandStates | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  /** That of the answer. */
  readonly query: KpiQuery;
  /** Of `trend`. */
  readonly grain: string;
}

interface Line {
  readonly brand: BrandState;
  readonly row: Row | undefined;
  readonly before: Row | undefined;
}

/** Every brand with its figures and its health, what needs a look first. */
export const BrandTable = memo(function BrandTable(props: BrandTableProps) {
  const { answer, trend, states, problem, isStale, grain, query } = props;
  const catalogue = useCatalogue();
  const { open } = useRowsQuestion();
  // The table's days are UTC, whatever the brand's own are.
  const openRows = (measure: string, slug: string) =>
    open(questionOf({ ...query, dimensions: [], timezone: 'UTC' }, measure, undefined, slug));
  const leads = (id: string) => (catalogue.get(id)?.rows.length ?? 0) > 0;
  const last = trend?.rows.at(-1)?.time;
  const isOpen = last != null && isOpenBucket(String(last), grain, trend?.timezone ?? 'UTC');
  const by = (rows: readonly Row[] | null | undefined) => new Map((rows ?? []).map((row) => [row.brand, row]));
  const [rows, before, courses] = [
    by(answer?.rows),
    by(answer?.comparison),
    Map.groupBy(trend?.rows ?? [], ({ brand }) => brand),
  ];
  const lines = (states?.items ?? [])
    .map((brand): Line => ({ brand, row: rows.get(brand.slug), before: before.get(brand.slug) }))
    .sort(
      (a, b) =>
        a.brand.health.rank - b.brand.health.rank || Number(b.row?.net_sales ?? 0) - Number(a.row?.net_sales ?? 0),
    );
  return (
    <Panel
      title={texts.brands}
      tools={<HealthRules rules={states?.rules ?? []} />}
      of={states && answer}
      awaited={{ rows: 6, rowHeight: 50 }}
      problem={problem}
      isStale={isStale}
    >
      {(figures) => (
        <DataTable
          rows={lines}
          caption={texts.brands}
          empty={texts.noBrands}
          keyOf={({ brand }) => brand.slug}
          columns={columnsOf(figures, courses, isOpen, (id) => (leads(id) ? openRows : null))}
        />
      )}
    </Panel>
  );
});

function columnsOf(
  answer: KpiAnswer,
  courses: ReadonlyMap<unknown, readonly Row[]>,
  isOpen: boolean,
  rowsOf: (measure: string) => ((measure: string, slug: string) => void) | null,
): Column<Line>[] {
  const format = (id: string) => ({
    ...{ id, currency: answer.currency },
    unit: answer.measures.find((measure) => measure.id === id)?.unit ?? 'count',
  });
  // A brand without a row has sold nothing: of what is counted that is none, and a share of nothing there is not.
  const cellOf = (row: Row | undefined, id: string) => row?.[id] ?? (/^(orders|net_sales)$/.test(id) ? '0' : null);
  const figure = (id: string): Column<Line> => ({
    ...{ id, title: answer.measures.find((measure) => measure.id === id)?.name ?? id, isNumber: true },
    cell: ({ row, brand }) => {
      const text = formatFigure(cellOf(row, id), format(id));
      const openRows = rowsOf(id);
      if (row === undefined || cellOf(row, id) === null || openRows === null) return text;
      return (
        <button type="button" className="figure-link" onClick={() => openRows(id, brand.slug)}>
          {text}
        </button>
      );
    },
    value: ({ row }) => cellOf(row, id),
  });
  return [
    {
      id: 'brand',
      title: texts.brand,
      cell: ({ brand }) => (
        <Link to="/brands/$brand" params={{ brand: brand.slug }} search={true} className="brand-link">
          {brand.name}
        </Link>
      ),
      value: ({ brand }) => brand.slug,
    },
    {
      id: 'health',
      title: texts.health,
      cell: ({ brand }) => <HealthPill health={brand.health} />,
      value: ({ brand }) => brand.health.reasons.join('; '),
    },
    figure('net_sales'),
    {
      id: 'change',
      title: texts.change,
      isNumber: true,
      cell: ({ row, before }) => {
        const change = changeOf(cellOf(row, 'net_sales'), before?.net_sales, format('net_sales'), 'up is good');
        return (
          <span className="change" data-sense={change.sense}>
            {change.text ?? '–'}
          </span>
        );
      },
      value: ({ before }) => before?.net_sales,
    },
    {
      id: 'course',
      title: texts.course,
      cell: ({ brand }) => (
        <div className="course">
          <Sparkline
            values={(courses.get(brand.slug) ?? []).map((one) => one.net_sales)}
            isOpen={isOpen}
            label={`${brand.name}: ${texts.course}`}
          />
        </div>
      ),
      value: () => null,
    },
    figure('orders'),
    figure('on_time_rate'),
    figure('return_rate_value'),
    {
      id: 'changed',
      title: texts.changed,
      isNumber: true,
      cell: ({ brand }) => <LastChange at={brand.changedAt} />,
      value: ({ brand }) => brand.changedAt,
    },
  ];
}
