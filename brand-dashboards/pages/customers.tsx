import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiFilter, KpiQuery, Row } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { COHORT_MEASURES, type CohortMeasure, CohortPanel } from '../components/customers/cohort-panel.tsx';
import { NewAndReturning } from '../components/customers/new-and-returning.tsx';
import { NewCustomersBy } from '../components/customers/new-customers-by.tsx';
import { TopCustomers } from '../components/customers/top-customers.tsx';
import { Filters } from '../components/filters.tsx';
import { SeriesPanel } from '../components/series-panel.tsx';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/customers')({ component: Customers });

const t = texts.customersPage;
const HEADLINE = [
  'customers',
  'new_customers',
  'returning_customers',
  'returning_customer_share',
  'repeat_purchase_rate',
  'purchase_frequency',
];
/** What customers can be told apart by; a cohort by its first orders. */
const OF_CUSTOMERS = new Set(['channel', 'country', 'currency', 'status']);
const OF_COHORTS = new Set(['channel', 'country']);

function queriesOf(state: PageState) {
  const parts = queryParts(state);
  const only = (known: ReadonlySet<string>): KpiFilter[] =>
    (parts.filters ?? []).filter(({ dimension }) => known.has(dimension));
  const ofCustomers = { ...parts, filters: only(OF_CUSTOMERS) };
  const by = (dimension: string): KpiQuery => ({
    ...ofCustomers,
    measures: ['new_customers', 'customers'],
    dimensions: [dimension],
    orderBy: [{ by: 'new_customers', direction: 'desc' }],
    limit: 1_000,
  });
  return {
    figures: { ...ofCustomers, measures: HEADLINE, grain: grainOf(state), withTotals: true },
    cohorts: {
      measures: ['cohort_size', ...COHORT_MEASURES],
      dimensions: ['cohort_month', 'months_since_first'],
      timeRange: { preset: 'last_12_months' },
      filters: only(OF_COHORTS),
    },
    channel: by('channel'),
    country: by('country'),
    top: {
      ...parts,
      compareTo: undefined,
      measures: ['net_sales', 'orders', 'aov'],
      dimensions: ['customer_id'],
      orderBy: [{ by: 'net_sales', direction: 'desc' }],
      limit: 10,
    },
  } satisfies Record<string, KpiQuery>;
}

/** Who buys, who is new, who comes back. */
function Customers() {
  useTitle(texts.pages.customers, texts.product);
  const [state, change] = usePageState();
  const search = useSearch({ strict: false }) as { measure?: unknown; cohort?: unknown };
  const navigate = useNavigate();
  const set = (part: Record<string, unknown>, to = '.') =>
    void navigate({ to, search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never });
  const measure = HEADLINE.find((id) => id === search.measure) ?? 'repeat_purchase_rate';
  const cohort: CohortMeasure = COHORT_MEASURES.find((id) => id === search.cohort) ?? 'cohort_retention';
  const queries = queriesOf(state);
  const live = useLiveFigures(queries);
  const { isStale } = live;
  const rows = useRowsQuestion();
  const grain = grainOf(state);
  const panel = (name: 'cohorts' | 'channel' | 'country' | 'top' | 'figures') => ({
    answer: live.answers[name],
    problem: live.problems[name],
    isStale,
  });
  /** Shows what is behind a figure of a query's answer. */
  const show = (name: keyof typeof queries) => (id: string, row: Row) => rows.open(questionOf(queries[name], id, row));
  const pick = (dimension: string, value: string) => {
    const text = `${dimension}:${value}`;
    if (!state.filter.includes(text)) change({ filter: [...state.filter, text] });
  };
  const ignored = state.filter
    .map((one) => one.split(':')[0] ?? '')
    .filter((dimension) => !OF_CUSTOMERS.has(dimension));
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.customers}</h1>
          <LiveStatus
            asOf={live.asOf}
            connection={live.connection}
            timezone={live.answers.figures?.timezone ?? 'UTC'}
          />
        </div>
        <PeriodPicker state={state} onChange={change} />
      </header>
      <Filters state={state} onChange={change} />
      {ignored.length > 0 ? <p className="filters">{t.notFiltered(ignored.join(', '))}</p> : null}
      {live.failure !== null && live.answers.figures === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles
        live={live}
        title={t.headline}
        figures="figures"
        measures={HEADLINE}
        onOpen={(id) => set({ measure: id })}
      />
      <div className="halves">
        <NewAndReturning {...panel('figures')} grain={grain} onBucket={show('figures')} />
        <SeriesPanel
          {...panel('figures')}
          measure={measure}
          grain={grain}
          compare={state.compare}
          height={280}
          query={live.queries.figures}
        />
      </div>
      <CohortPanel
        {...panel('cohorts')}
        measure={cohort}
        onMeasure={(one) => set({ cohort: one })}
        query={queries.cohorts}
        onCell={(row) => show('cohorts')(cohort, row)}
      />
      <div className="columns">
        <NewCustomersBy
          {...panel('channel')}
          dimension="channel"
          onPick={(value) => pick('channel', value)}
          onFigure={show('channel')}
        />
        <NewCustomersBy
          {...panel('country')}
          dimension="country"
          onPick={(value) => pick('country', value)}
          onFigure={show('country')}
        />
      </div>
      <TopCustomers
        {...panel('top')}
        onFigure={show('top')}
        onPick={(id) => set({ filter: [...state.filter, `customer_id:${id}`] }, '/sales')}
      />
    </>
  );
}
