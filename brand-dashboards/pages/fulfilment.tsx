import { createLazyRoute } from '@tanstack/react-router';
import { useCatalogue } from '../../ui/catalogue.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { useChoice } from '../../ui/use-choice.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { DaysHistogram } from '../components/days-histogram.tsx';
import { Filters } from '../components/filters.tsx';
import { FulfilmentSplit } from '../components/fulfilment-split.tsx';
import { LateOrders } from '../components/late-orders.tsx';
import { SeriesPanel } from '../components/series-panel.tsx';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/fulfilment')({ component: Fulfilment });

const PROMISE = [
  'on_time_rate',
  'delivered_with_promise',
  'delivered_on_time',
  'late_deliveries',
  'avg_lateness',
] as const;
const TIMES = ['ship_time_p50', 'ship_time_p90', 'delivery_time_p50', 'delivery_time_p90'] as const;
const OPEN = ['backlog', 'backlog_age_p50', 'backlog_age_p90'] as const;
const OVERDUE = ['overdue_orders', 'avg_overdue'] as const;
const SERIES = [
  'on_time_rate',
  'delivered_with_promise',
  'delivered_on_time',
  'late_deliveries',
  'avg_lateness',
  'delivery_time_p50',
  'delivery_time_p90',
  'ship_time_p50',
  'ship_time_p90',
  'delivered_orders',
] as const;
/** What fulfilment can be filtered by; a page before may have left others in the URL. */
const DIMENSIONS = ['warehouse', 'channel', 'country'];

function queriesOf(state: PageState) {
  const parts = queryParts(state);
  const { filters = [] } = parts;
  const split = (dimension: string): KpiQuery => ({
    ...parts,
    measures: [...PROMISE, ...TIMES],
    dimensions: [dimension],
    orderBy: [{ by: 'delivered_with_promise', direction: 'desc' }],
    limit: 100,
  });
  return {
    figures: {
      ...parts,
      measures: [...new Set([...PROMISE, ...TIMES, ...SERIES])],
      grain: grainOf(state),
      withTotals: true,
    },
    shipDays: { ...parts, measures: ['shipped_orders'], dimensions: ['ship_days'] as const },
    deliveryDays: { ...parts, measures: ['delivered_orders'], dimensions: ['delivery_days'] as const },
    // What is not shipped has no warehouse yet.
    open: { measures: OPEN, filters: filters.filter(({ dimension }) => dimension !== 'warehouse') },
    ages: {
      measures: ['backlog'],
      dimensions: ['age_days'] as const,
      filters: filters.filter(({ dimension }) => dimension !== 'warehouse'),
    },
    overdue: { measures: OVERDUE, filters },
    warehouse: split('warehouse'),
    channel: split('channel'),
  } satisfies Record<string, KpiQuery>;
}

function Fulfilment() {
  useTitle(texts.pages.fulfilment, texts.product);
  const [page, change] = usePageState();
  const state = { ...page, filter: page.filter.filter((one) => DIMENSIONS.includes(one.slice(0, one.indexOf(':')))) };
  const [measure, setMeasure] = useChoice('course', SERIES);
  const catalogue = useCatalogue();
  const queries = queriesOf(state);
  const live = useLiveFigures(queries);
  const { isStale } = live;
  const { open } = useRowsQuestion();
  const openBar = (query: KpiQuery & { readonly dimensions: readonly [string] }, values: readonly string[]) => {
    const { dimensions, ...whole } = query;
    const filters = [...(query.filters ?? []), { dimension: dimensions[0], op: 'in' as const, values }];
    open(questionOf({ ...whole, filters }, query.measures[0] ?? ''));
  };
  const add = (one: string) => change({ filter: [...new Set([...page.filter, one])] });
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.fulfilment}</h1>
          <LiveStatus
            asOf={live.asOf}
            connection={live.connection}
            timezone={live.answers.figures?.timezone ?? 'UTC'}
          />
        </div>
        <PeriodPicker state={state} onChange={change} />
      </header>
      <Filters state={state} onChange={change} />
      {live.failure !== null && live.answers.figures === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles live={live} title={texts.againstPromise} figures="figures" measures={PROMISE} />
      <SeriesPanel
        measure={measure}
        answer={live.answers.figures}
        problem={live.problems.figures}
        grain={grainOf(state)}
        compare={state.compare}
        isStale={isStale}
        height={260}
        query={live.queries.figures}
        controls={
          <label className="select">
            <span className="visually-hidden">{texts.measure}</span>
            <select value={measure} onChange={(event) => setMeasure(event.target.value as typeof measure)}>
              {SERIES.map((id) => (
                <option key={id} value={id}>
                  {catalogue.get(id)?.name ?? id}
                </option>
              ))}
            </select>
          </label>
        }
      />
      <FulfilmentSplit
        answers={{ warehouse: live.answers.warehouse, channel: live.answers.channel }}
        problem={live.problems.warehouse ?? live.problems.channel}
        isStale={isStale}
        onPick={(dimension, value) => add(`${dimension}:${value}`)}
        onFigure={(dimension, id, row) => open(questionOf(queries[dimension], id, row))}
      />
      <KpiTiles live={live} title={texts.howLong} figures="figures" measures={TIMES} />
      <div className="columns">
        {(['ship', 'delivery'] as const).map((what) => (
          <DaysHistogram
            key={what}
            title={texts.histograms[what]}
            dimension={`${what}_days`}
            measure={what === 'ship' ? 'shipped_orders' : 'delivered_orders'}
            answer={live.answers[`${what}Days`]}
            problem={live.problems[`${what}Days`]}
            compare={state.compare}
            isStale={isStale}
            onBar={(values) => openBar(queries[`${what}Days`], values)}
          />
        ))}
      </div>
      <div className="pair">
        <KpiTiles live={live} title={texts.openNow} figures="open" measures={OPEN} />
        <KpiTiles live={live} title={texts.overdueNow} figures="overdue" measures={OVERDUE} />
      </div>
      <DaysHistogram
        title={texts.histograms.age}
        dimension="age_days"
        measure="backlog"
        answer={live.answers.ages}
        problem={live.problems.ages}
        compare="none"
        isStale={isStale}
        onBar={(values) => openBar(queries.ages, values)}
      />
      <LateOrders state={state} moved={live.moved} isStale={isStale} />
    </>
  );
}
