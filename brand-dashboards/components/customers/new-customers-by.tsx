import type { ApiProblem } from '../../../ui/api.ts';
import { DataTable } from '../../../ui/components/data-table.tsx';
import { Panel } from '../../../ui/components/panel.tsx';
import { changeOf, formatFigure, NO_FIGURE } from '../../../ui/format.ts';
import type { KpiAnswer, Row } from '../../../ui/kpi.ts';
import { texts } from '../../texts.ts';

const t = texts.customersPage;
const COUNT = { id: 'new_customers', unit: 'count' } as const;
const SHOWN = 8;

export interface NewCustomersByProps {
  readonly dimension: 'channel' | 'country';
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly onPick: (value: string) => void;
  /** A figure was clicked. */
  readonly onFigure: (measure: string, row: Row) => void;
}

/** Where new customers come from, and how that changed. */
export function NewCustomersBy({ dimension, answer, problem, isStale, onPick, onFigure }: NewCustomersByProps) {
  const before = new Map(answer?.comparison?.map((row) => [row[dimension], row.new_customers]));
  const change = (row: Row) => changeOf(row.new_customers, before.get(row[dimension] ?? null), COUNT, 'up is good');
  return (
    <Panel title={t.newBy[dimension]} of={answer} awaited={{ rows: 4 }} problem={problem} isStale={isStale}>
      {({ rows }) => (
        <DataTable
          rows={rows.slice(0, SHOWN)}
          caption={t.newBy[dimension]}
          empty={t.noCustomers}
          keyOf={(row) => String(row[dimension])}
          columns={[
            {
              id: dimension,
              title: texts.changedBy[dimension],
              cell: (row) => (
                <button type="button" className="figure-link" onClick={() => onPick(String(row[dimension] ?? ''))}>
                  {row[dimension] ?? texts.unknown}
                </button>
              ),
              value: (row) => row[dimension],
            },
            ...(['new_customers', 'customers'] as const).map((id) => ({
              ...{ id, title: id === 'customers' ? t.all : t.newCustomers, isNumber: true },
              cell: (row: Row) => (
                <button type="button" className="figure-link" onClick={() => onFigure(id, row)}>
                  {formatFigure(row[id], COUNT)}
                </button>
              ),
              value: (row: Row) => row[id],
            })),
            {
              id: 'change',
              title: t.change,
              isNumber: true,
              cell: (row) => (
                <span className="change" data-sense={change(row).sense}>
                  {change(row).text ?? NO_FIGURE}
                </span>
              ),
              value: (row) => before.get(row[dimension] ?? null),
            },
          ]}
        />
      )}
    </Panel>
  );
}
