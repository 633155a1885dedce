import { useCallback, useMemo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { stackedBarsOption } from '../../ui/bars-option.ts';
import { useCatalogue } from '../../ui/catalogue.ts';
import type { Colour } from '../../ui/chart-options.ts';
import { ChartFrame } from '../../ui/components/chart-frame.tsx';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatFigure, NO_FIGURE } from '../../ui/format.ts';
import type { Cell, KpiAnswer, Row } from '../../ui/kpi.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

const STATES = ['on_hand', 'allocated', 'reserved', 'damaged', 'available', 'incoming'] as const;
/** What is on hand, in its parts: they do not overlap. */
const PARTS = ['available', 'allocated', 'reserved', 'damaged'] as const;
type State = (typeof STATES)[number];

interface Level {
  readonly warehouse: string;
  readonly units: Readonly<Partial<Record<State, number>>>;
  readonly worth: Readonly<Record<string, Cell>>;
}

export interface StockLevelsProps {
  readonly levels: KpiAnswer | undefined;
  readonly worth: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly onPick: (warehouse: string) => void;
  /** Shows the rows behind a figure: of a state, or of what `worth` holds. */
  readonly onFigure: (measure: string, row: Row) => void;
}

/** Units of each state in each warehouse, as bars and as figures, with what they are worth and how long they last. */
export function StockLevels({ levels, worth, problem, isStale, onPick, onFigure }: StockLevelsProps) {
  const rows = useMemo(() => levelsOf(levels, worth), [levels, worth]);
  const catalogue = useCatalogue();
  const isLoading = levels === undefined || worth === undefined;
  const option = useCallback(
    (colour: Colour) =>
      stackedBarsOption(
        {
          rows: rows.map(({ warehouse, units }) => ({
            name: warehouse,
            values: PARTS.map((part) => units[part] ?? 0),
          })),
          parts: PARTS.map((part) => texts.stockStates[part]),
          unit: texts.units,
        },
        colour,
      ),
    [rows],
  );
  const figure = (id: string, unit: 'money' | 'count' | 'days'): Column<Level> => ({
    id,
    title: catalogue.get(id)?.name ?? id,
    isNumber: true,
    cell: (row) => (
      <FigureButton
        text={formatFigure(row.worth[id], { id, unit, currency: worth?.currency })}
        onOpen={row.worth[id] === null ? undefined : () => onFigure(id, { warehouse: row.worth.warehouse ?? null })}
      />
    ),
    value: (row) => row.worth[id],
  });
  const columns: Column<Level>[] = [
    { id: 'warehouse', title: texts.warehouse, cell: (row) => row.warehouse, value: (row) => row.warehouse },
    ...STATES.map(
      (state): Column<Level> => ({
        id: state,
        title: texts.stockStates[state],
        isNumber: true,
        cell: ({ units, worth: { warehouse = null } }) => (
          <FigureButton
            text={formatFigure(units[state], { id: 'stock_by_state', unit: 'count' })}
            onOpen={() => onFigure('stock_by_state', { warehouse, status: state })}
          />
        ),
        value: ({ units }) => units[state],
      }),
    ),
    figure('inventory_value', 'money'),
    figure('days_of_inventory', 'days'),
    figure('low_stock_skus', 'count'),
    figure('out_of_stock_skus', 'count'),
  ];
  return (
    <div className="levels">
      <Panel
        title={texts.levels}
        of={isLoading ? undefined : rows}
        awaited={{ rows: 2 }}
        problem={problem}
        isStale={isStale}
      >
        {() => (
          <DataTable
            rows={rows}
            columns={columns}
            caption={texts.levels}
            empty={texts.noStock}
            keyOf={({ warehouse }) => warehouse}
            onRow={({ warehouse }) => warehouse !== NO_FIGURE && onPick(warehouse)}
          />
        )}
      </Panel>
      <ChartFrame
        title={texts.onHandParts}
        rows={rows}
        columns={columns}
        option={option}
        label={texts.onHandParts}
        height={Math.min(420, 90 + rows.length * 44)}
        problem={problem}
        isLoading={isLoading}
        isStale={isStale && !isLoading}
        empty={texts.noStock}
        fileName="stock-by-state"
        onSelect={(index) => rows[index] && onPick(rows[index].warehouse)}
      />
    </div>
  );
}

function levelsOf(levels: KpiAnswer | undefined, worth: KpiAnswer | undefined): Level[] {
  const units = new Map<string, Partial<Record<State, number>>>();
  for (const { warehouse, status, stock_by_state } of levels?.rows ?? []) {
    const name = String(warehouse ?? NO_FIGURE);
    units.set(name, { ...units.get(name), [String(status)]: Number(stock_by_state) });
  }
  const worths = new Map((worth?.rows ?? []).map((row) => [String(row.warehouse ?? NO_FIGURE), row]));
  return [...units]
    .map(([warehouse, of]) => ({ warehouse, units: of, worth: worths.get(warehouse) ?? {} }))
    .sort((a, b) => (b.units.on_hand ?? 0) - (a.units.on_hand ?? 0));
}
