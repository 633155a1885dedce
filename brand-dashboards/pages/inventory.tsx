import { createLazyRoute } from '@tanstack/react-router';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodMenu } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { filtersOf } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Filters } from '../components/filters.tsx';
import { LowStock } from '../components/low-stock.tsx';
import { Movements } from '../components/movements.tsx';
import { StockLevels } from '../components/stock-levels.tsx';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/inventory')({ component: Inventory });

const TILES = ['inventory_value', 'available_units', 'days_of_inventory', 'low_stock_skus', 'out_of_stock_skus'];
/** What stock can be filtered by; a page before may have left others in the URL. */
const DIMENSIONS = ['warehouse', 'sku', 'product', 'category'];

function queriesOf(filter: readonly string[]) {
  const filters = filtersOf(filter);
  return {
    now: { measures: TILES, filters },
    levels: { measures: ['stock_by_state'], dimensions: ['warehouse', 'status'], filters },
    worth: {
      measures: ['inventory_value', 'days_of_inventory', 'low_stock_skus', 'out_of_stock_skus'],
      dimensions: ['warehouse'],
      filters,
    },
    // The low ones first, so that a limit cuts off none of them before others.
    low: {
      measures: [
        'low_stock_skus',
        'out_of_stock_skus',
        'available_units',
        'reorder_point',
        'daily_units_shipped',
        'days_of_inventory',
      ],
      dimensions: ['sku', 'product', 'warehouse'],
      filters,
      orderBy: [
        { by: 'low_stock_skus', direction: 'desc' },
        { by: 'days_of_inventory', direction: 'asc' },
      ],
      limit: 1_000,
    },
  } satisfies Record<string, KpiQuery>;
}

function Inventory() {
  useTitle(texts.pages.inventory, texts.product);
  const [state, change] = usePageState();
  const filter = state.filter.filter((one) => DIMENSIONS.includes(one.slice(0, one.indexOf(':'))));
  const queries = queriesOf(filter);
  const live = useLiveFigures(queries);
  const timezone = live.answers.now?.timezone ?? 'UTC';
  const { isStale } = live;
  const { open } = useRowsQuestion();
  const add = (one: string) => change({ filter: [...new Set([...state.filter, one])] });
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.inventory}</h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={timezone} />
        </div>
      </header>
      <Filters state={{ ...state, filter }} onChange={change} />
      {live.failure !== null && live.answers.now === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles title={texts.stockNow} live={live} figures="now" measures={TILES} />
      <StockLevels
        levels={live.answers.levels}
        worth={live.answers.worth}
        problem={live.problems.levels ?? live.problems.worth}
        isStale={isStale}
        onPick={(warehouse) => add(`warehouse:${warehouse}`)}
        onFigure={(measure, row) =>
          open(questionOf(measure === 'stock_by_state' ? queries.levels : queries.worth, measure, row))
        }
      />
      <LowStock
        answer={live.answers.low}
        problem={live.problems.low}
        isStale={isStale}
        onPick={(sku) => add(`sku:${sku}`)}
        onFigure={(measure, row) => open(questionOf(queries.low, measure, row))}
      />
      <Movements
        timezone={live.answers.now?.timezone}
        state={state}
        filter={filter}
        warehouses={(live.answers.worth?.rows ?? []).map(({ warehouse }) => String(warehouse))}
        moved={live.moved}
        isStale={isStale}
        period={<PeriodMenu state={state} onChange={change} />}
      />
    </>
  );
}
