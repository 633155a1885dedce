import { createLazyRoute, useNavigate } from '@tanstack/react-router';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatFigure } from '../../ui/format.ts';
import { type Cell, headlineOf, type KpiAnswer, type KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Contributions } from '../components/contributions.tsx';
import { Filters } from '../components/filters.tsx';
import { LatestOrders } from '../components/latest-orders.tsx';
import { LowStockList, lowStockQuery } from '../components/low-stock-list.tsx';
import { SeriesPanel } from '../components/series-panel.tsx';
import { WarehouseUnits, warehouseUnitsQuery } from '../components/warehouse-units.tsx';
import { mostReturned } from '../most-returned.ts';
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
  } satisfies Record<string, KpiQuery>;
}

function Overview() {
  useTitle(texts.pages.overview, texts.product);
  const [state, change] = usePageState();
  const queries = queriesOf(state);
  const live = useLiveFigures(queries);
  const rows = useRowsQuestion();
  const navigate = useNavigate();
  const open = (measure: string, by?: string) =>
    void navigate({
      to: '/sales',
      search: ((before: Record<string, unknown>) => ({ ...before, measure, by })) as never,
    });
  const openStock = () => void navigate({ to: '/inventory', search: true });
  const openFulfilment = (measure: string) =>
    measure.startsWith('return_rate')
      ? open(measure, 'product')
      : void navigate({
          to: '/fulfilment',
          search: ((before: Record<string, unknown>) =>
            measure === BACKLOG ? before : { ...before, course: measure }) as never,
        });
  const openCustomers = (measure: string) =>
    measure === 'cancellation_rate' ? open(measure) : void navigate({ to: '/customers', search: true });
  const timezone = live.answers.sales?.timezone ?? 'UTC';
  const tiles = { live, queries };
  const returned = returnedOf(live.answers.product, headlineOf(live.answers.people).row?.return_rate_value);
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
      {live.failure !== null && live.answers.sales === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles {...tiles} title={texts.sales} figures="sales" measures={SALES} onOpen={(measure) => open(measure)} />
      <SeriesPanel
        measure="net_sales"
        answer={live.answers.sales}
        problem={live.problems.sales}
        grain={grainOf(state)}
        compare={state.compare}
        isStale={live.isStale}
        height={280}
        onBucket={(row) => rows.open(questionOf(queries.sales, 'net_sales', row))}
      />
      <div className="halves">
        <LatestOrders moved={live.moved} timezone={timezone} />
        <LowStockList
          answer={live.answers.low}
          problem={live.problems.low}
          isStale={live.isStale}
          onFigure={(measure, row) => rows.open(questionOf(queries.low, measure, row))}
        />
      </div>
      <KpiTiles {...tiles} title={texts.inventory} figures="now" measures={STOCK} onOpen={openStock}>
        <WarehouseUnits
          answer={live.answers.warehouses}
          problem={live.problems.warehouses}
          isStale={live.isStale}
          onFigure={(row) => rows.open(questionOf(queries.warehouses, 'available_units', row))}
        />
      </KpiTiles>
      <KpiTiles
        {...tiles}
        title={texts.fulfilment}
        figures={(measure) => (measure === BACKLOG ? 'now' : 'people')}
        measures={[...FULFILMENT, BACKLOG]}
        onOpen={openFulfilment}
        notes={returned && { return_rate_value: texts.mostReturned(returned.product, returned.text) }}
      />
      <KpiTiles {...tiles} title={texts.customers} figures="people" measures={CUSTOMERS} onOpen={openCustomers} />
      <section className="block" aria-label={texts.changed}>
        <h2>{texts.changed}</h2>
        <div className="columns">
          {(['product', 'channel', 'country'] as const).map((dimension) => (
            <Contributions
              key={dimension}
              dimension={dimension}
              answer={live.answers[dimension]}
              problem={live.problems[dimension]}
              isStale={live.isStale}
              onPick={(value) => change({ filter: [...state.filter, `${dimension}:${value}`] })}
              onFigure={(value) => rows.open(questionOf(queries[dimension], 'net_sales', { [dimension]: value }))}
            />
          ))}
        </div>
      </section>
    </>
  );
}

function returnedOf(byProduct: KpiAnswer | undefined, rate: Cell | undefined) {
  const most = mostReturned(byProduct, rate);
  return most ? { ...most, text: formatFigure(most.rate, { id: 'return_rate_value', unit: 'ratio' }) } : undefined;
}
