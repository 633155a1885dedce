import { createLazyRoute, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatBucket, formatFigure } from '../../ui/format.ts';
import { type Cell, headlineOf, type KpiAnswer, type KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Contributions } from '../components/contributions.tsx';
import { Filters } from '../components/filters.tsx';
import { LatestOrders } from '../components/latest-orders.tsx';
import { LowStockList, lowStockQuery } from '../components/low-stock-list.tsx';
import { SeriesPanel } from '../components/series-panel.tsx';
import { WarehouseUnits, warehouseUnitsQuery } from '../components/warehouse-units.tsx';
import { mostReturned } from '../most-returned.ts';
import { MOST_UNIT_ROWS, type StoodStill, stoodStill } from '../stood-still.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/')({ component: Overview });

const SALES = ['net_sales', 'orders', 'aov', 'units_sold', 'gross_margin_rate', 'discount_rate'];
const FULFILMENT = ['on_time_rate', 'avg_ship_time', 'delivery_time_p50', 'return_rate_value'];
/** Of now, beside those of the period. */
const BACKLOG = 'backlog';
const CUSTOMERS = ['customers', 'new_customers', 'returning_customer_share', 'cancellation_rate'];
const STOCK = ['stocked_skus', 'low_stock_skus', 'available_units', 'inventory_value'];

function queriesOf(state: PageState) {
  const parts = queryParts(state);
  const series = { ...parts, grain: grainOf(state), withTotals: true };
  const by = (dimension: string, ...more: string[]): KpiQuery => ({
    ...parts,
    measures: ['net_sales', ...more],
    dimensions: [dimension],
    orderBy: [{ by: 'net_sales', direction: 'desc' }],
    limit: 1_000,
  });
  // Measures of one query share their dimensions: filters by product do not apply to customers or fulfilment.
  return {
    sales: { ...series, measures: SALES },
    people: { ...series, filters: [], measures: [...FULFILMENT, ...CUSTOMERS] },
    now: { measures: [...STOCK, BACKLOG] },
    warehouses: warehouseUnitsQuery,
    low: lowStockQuery,
    product: by('product', 'returns', 'return_rate_value'),
    channel: by('channel'),
    country: by('country'),
    units: {
      ...parts,
      compareTo: undefined,
      measures: ['units_sold'],
      dimensions: ['product'],
      grain: grainOf(state),
      limit: MOST_UNIT_ROWS,
    },
  } satisfies Record<string, KpiQuery>;
}

function Overview() {
  useTitle(texts.pages.overview, texts.product);
  const [state, change] = usePageState();
  const live = useLiveFigures(queriesOf(state));
  // Each event of the stream brings one answer: what shows another (`memo`) is given the same as before, and is not drawn again.
  const { answers, problems, isStale, queries } = live;
  const open = useDestinations();
  const pick = useCallback(
    (dimension: string, value: string) => change({ filter: [...state.filter, `${dimension}:${value}`] }),
    [state, change],
  );
  const timezone = answers.sales?.timezone ?? 'UTC';
  const still = stoodStill(answers.units, answers.product, grainOf(state));
  const returned = returnedOf(answers.product, headlineOf(answers.people).row?.return_rate_value);
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.overview}</h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={timezone} />
        </div>
        <PeriodPicker state={state} onChange={change} />
      </header>
      <Filters state={state} onChange={change} />
      {live.failure !== null && answers.sales === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles
        live={live}
        title={texts.sales}
        figures="sales"
        measures={SALES}
        onOpen={open.sales}
        notes={still ? { units_sold: noteOf(still, grainOf(state), timezone) } : undefined}
      />
      <SeriesPanel
        measure="net_sales"
        query={queries.sales}
        answer={answers.sales}
        problem={problems.sales}
        grain={grainOf(state)}
        compare={state.compare}
        isStale={isStale}
        height={280}
      />
      <div className="halves">
        <LatestOrders moved={live.moved} timezone={timezone} isStale={isStale} />
        <LowStockList answer={answers.low} problem={problems.low} isStale={isStale} />
      </div>
      <KpiTiles live={live} title={texts.inventory} figures="now" measures={STOCK} onOpen={open.stock}>
        <WarehouseUnits answer={answers.warehouses} problem={problems.warehouses} isStale={isStale} />
      </KpiTiles>
      <KpiTiles
        live={live}
        title={texts.fulfilment}
        figures={(measure) => (measure === BACKLOG ? 'now' : 'people')}
        measures={[...FULFILMENT, BACKLOG]}
        onOpen={open.fulfilment}
        notes={returned && { return_rate_value: texts.mostReturned(returned.product, returned.text) }}
      />
      <KpiTiles live={live} title={texts.customers} figures="people" measures={CUSTOMERS} onOpen={open.customers} />
      <section className="block" aria-label={texts.changed}>
        <h2>{texts.changed}</h2>
        <div className="columns">
          {(['product', 'channel', 'country'] as const).map((dimension) => (
            <Contributions
              key={dimension}
              dimension={dimension}
              query={queries[dimension]}
              answer={answers[dimension]}
              problem={problems[dimension]}
              isStale={isStale}
              onPick={pick}
            />
          ))}
        </div>
      </section>
    </>
  );
}

/** Where a click on a tile leads, for the same period. */
function useDestinations() {
  const navigate = useNavigate();
  return useMemo(() => {
    const go = (to: string, more: Readonly<Record<string, string | undefined>> = {}) =>
      void navigate({ to, search: ((before: Record<string, unknown>) => ({ ...before, ...more })) as never });
    const sales = (measure: string, by?: string) => go('/sales', { measure, by });
    return {
      sales: (measure: string) => sales(measure, measure === 'units_sold' ? 'product' : undefined),
      stock: () => go('/inventory'),
      fulfilment: (measure: string) =>
        measure.startsWith('return_rate')
          ? sales(measure, 'product')
          : go('/fulfilment', measure === BACKLOG ? {} : { course: measure }),
      customers: (measure: string) => (measure === 'cancellation_rate' ? sales(measure) : go('/customers')),
    };
  }, [navigate]);
}

function noteOf({ product, from, until }: StoodStill, grain: string, timezone: string): string {
  const [first, last] = [formatBucket(from, grain, timezone), formatBucket(until, grain, timezone)];
  return texts.stoodStill(product, first === last ? first : `${first} – ${last}`);
}

function returnedOf(byProduct: KpiAnswer | undefined, rate: Cell | undefined) {
  const most = mostReturned(byProduct, rate);
  return most ? { ...most, text: formatFigure(most.rate, { id: 'return_rate_value', unit: 'ratio' }) } : undefined;
}
