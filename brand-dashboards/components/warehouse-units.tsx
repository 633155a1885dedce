import { memo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { Awaited } from '../../ui/components/panel.tsx';
import { formatFigure } from '../../ui/format.ts';
import type { KpiAnswer, KpiQuery, Row } from '../../ui/kpi.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

const SHOWN = 4;

/** What can be sold, by warehouse. */
export const warehouseUnitsQuery: KpiQuery = {
  measures: ['available_units'],
  dimensions: ['warehouse'],
  orderBy: [{ by: 'available_units', direction: 'desc' }],
};

export interface WarehouseUnitsProps {
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
}

/** A tile with the units of each warehouse, most first; where there are many, what the others have together. */
export const WarehouseUnits = memo(function WarehouseUnits({ answer, problem, isStale }: WarehouseUnitsProps) {
  const { open } = useRowsQuestion();
  const units = (count: Row[string]) => formatFigure(count, { id: 'available_units', unit: 'count' });
  return (
    <section
      className="tile tile-wide"
      aria-label={texts.unitsByWarehouse}
      data-stale={(isStale && answer) || undefined}
    >
      <header>
        <h3>{texts.unitsByWarehouse}</h3>
      </header>
      <Awaited of={answer} awaited={{ rows: 1, rowHeight: 25 }} problem={problem}>
        {({ rows }) => {
          const shown = rows.length > SHOWN ? rows.slice(0, SHOWN - 1) : rows;
          const others = rows.slice(shown.length);
          return rows.length === 0 ? (
            <p className="muted">{texts.noStock}</p>
          ) : (
            <dl className="facts">
              {shown.map((row) => (
                <div key={String(row.warehouse)}>
                  <dt>{row.warehouse ?? texts.unknown}</dt>
                  <dd className="number">
                    <FigureButton
                      text={units(row.available_units ?? null)}
                      onOpen={() => open(questionOf(warehouseUnitsQuery, 'available_units', row))}
                    />
                  </dd>
                </div>
              ))}
              {others.length > 0 ? (
                <div>
                  <dt className="muted">{texts.otherWarehouses(others.length)}</dt>
                  <dd className="number">
                    {units(others.reduce((sum, { available_units }) => sum + Number(available_units ?? 0), 0))}
                  </dd>
                </div>
              ) : null}
            </dl>
          );
        }}
      </Awaited>
    </section>
  );
});
