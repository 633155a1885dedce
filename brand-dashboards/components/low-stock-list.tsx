import { memo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatFigure } from '../../ui/format.ts';
import type { KpiAnswer, KpiQuery, Row } from '../../ui/kpi.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

const SHOWN = 8;

/** Stock at or below its reorder point, least first. */
export const lowStockQuery: KpiQuery = {
  measures: ['low_stock_skus', 'available_units', 'reorder_point', 'days_of_inventory'],
  dimensions: ['sku', 'warehouse'],
  orderBy: [
    { by: 'low_stock_skus', direction: 'desc' },
    { by: 'available_units', direction: 'asc' },
  ],
  limit: 40,
};

export interface LowStockListProps {
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
}

export const LowStockList = memo(function LowStockList({ answer, problem, isStale }: LowStockListProps) {
  const { open } = useRowsQuestion();
  const low = (answer?.rows ?? []).filter((row) => Number(row.low_stock_skus) > 0);
  const figure = (id: string, title: string, unit: 'count' | 'days') => ({
    id,
    title,
    isNumber: true,
    cell: (row: Row) => (
      <FigureButton
        text={formatFigure(row[id], { id, unit })}
        onOpen={row[id] === null ? undefined : () => open(questionOf(lowStockQuery, id, row))}
      />
    ),
    value: (row: Row) => row[id],
  });
  const text = (id: string, title: string) => ({
    id,
    title,
    cell: (row: Row) => row[id] ?? texts.unknown,
    value: (row: Row) => row[id],
  });
  return (
    <Panel title={texts.lowStock} of={answer} awaited={{ rows: SHOWN }} problem={problem} isStale={isStale}>
      {() => (
        <DataTable
          rows={low.slice(0, SHOWN)}
          caption={texts.lowStock}
          empty={texts.noLowStock}
          keyOf={(row) => `${row.sku} ${row.warehouse}`}
          columns={[
            text('sku', texts.sku),
            text('warehouse', texts.warehouse),
            figure('available_units', texts.available, 'count'),
            figure('reorder_point', texts.reorderPoint, 'count'),
            figure('days_of_inventory', texts.daysLeft, 'days'),
          ]}
        />
      )}
    </Panel>
  );
});
