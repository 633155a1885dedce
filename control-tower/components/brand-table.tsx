import type { ApiProblem } from '../../ui/api.ts';
import { DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { Sparkline } from '../../ui/components/sparkline.tsx';
import { changeOf, formatFigure } from '../../ui/format.ts';
import type { KpiAnswer, Row } from '../../ui/kpi.ts';
import { healthOf } from '../health.ts';
import { texts } from '../texts.ts';

export interface BrandTableProps {
  readonly answer: KpiAnswer | undefined;
  readonly trend: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
}

/** Every brand with its figures and its health, what needs a look first. */
export function BrandTable({ answer, trend, problem, isStale }: BrandTableProps) {
  const before = new Map((answer?.comparison ?? []).map((row) => [row.brand, row]));
  const courses = Map.groupBy(trend?.rows ?? [], ({ brand }) => brand);
  const rows = (answer?.rows ?? [])
    .map((row) => ({
      row,
      before: before.get(row.brand ?? null),
      health: healthOf(row, before.get(row.brand ?? null)),
    }))
    .sort((a, b) => a.health.rank - b.health.rank || Number(b.row.net_sales) - Number(a.row.net_sales));
  const format = (id: string) => ({
    ...{ id, currency: answer?.currency },
    unit: answer?.measures.find((measure) => measure.id === id)?.unit ?? 'count',
  });
  const figure = (id: string) => ({
    ...{ id, title: answer?.measures.find((measure) => measure.id === id)?.name ?? id, isNumber: true },
    cell: ({ row }: { row: Row }) => formatFigure(row[id], format(id)),
    value: ({ row }: { row: Row }) => row[id],
  });
  return (
    <section className="panel" data-stale={(isStale && answer !== undefined) || undefined}>
      <h2>{texts.brands}</h2>
      {problem ? (
        <Failure problem={problem} />
      ) : answer === undefined ? (
        <div className="skeleton" style={{ height: 280 }} aria-hidden="true" />
      ) : (
        <div className="table-scroll">
          <DataTable
            rows={rows}
            caption={texts.brands}
            empty={texts.noBrands}
            keyOf={({ row }) => String(row.brand)}
            columns={[
              {
                id: 'brand',
                title: texts.brand,
                cell: ({ row }) => <strong>{row.brand}</strong>,
                value: ({ row }) => row.brand,
              },
              {
                id: 'health',
                title: texts.health,
                cell: ({ health }) => (
                  <span className="pill" data-tone={health.tone}>
                    <span aria-hidden="true">{{ good: '●', warn: '▲', bad: '■' }[health.tone]}</span> {health.reason}
                  </span>
                ),
                value: ({ health }) => health.reason,
              },
              figure('net_sales'),
              {
                id: 'change',
                title: texts.change,
                isNumber: true,
                cell: ({ row, before }) => {
                  const change = changeOf(row.net_sales, before?.net_sales, format('net_sales'), 'up is good');
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
                cell: ({ row }) => (
                  <div className="course">
                    <Sparkline
                      values={(courses.get(row.brand ?? null) ?? []).map((one) => one.net_sales)}
                      label={`${row.brand}: ${texts.course}`}
                    />
                  </div>
                ),
                value: () => null,
              },
              figure('orders'),
              figure('on_time_rate'),
              figure('return_rate_value'),
              figure('cancellation_rate'),
            ]}
          />
        </div>
      )}
    </section>
  );
}
