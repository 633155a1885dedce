import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Alerts } from '../components/alerts.tsx';
import { BrandTable } from '../components/brand-table.tsx';
import { BrandTrend } from '../components/brand-trend.tsx';
import { type BrandState, useBrandStates } from '../platform.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/')({ component: Overview });

const CURRENCIES = ['EUR', 'USD', 'GBP', 'INR', 'JPY', 'CHF'];

const FIGURES = ['active_tenants', 'net_sales', 'orders', 'backlog', 'on_time_rate', 'return_rate_value'];

function queriesOf(state: PageState, currency: string) {
  const parts = { ...queryParts(state), filters: [], reportingCurrency: currency };
  const grain = grainOf(state);
  return {
    headline: {
      ...parts,
      measures: ['active_tenants', 'net_sales', 'orders', 'on_time_rate', 'return_rate_value'],
      grain,
      withTotals: true,
    },
    now: { measures: ['backlog'] },
    brands: {
      ...parts,
      measures: ['net_sales', 'orders', 'on_time_rate', 'return_rate_value'],
      dimensions: ['brand'],
      limit: 1_000,
    },
    trend: { ...parts, compareTo: undefined, measures: ['net_sales'], dimensions: ['brand'], grain },
  } satisfies Record<string, KpiQuery>;
}

/** The brand's name; with its slug where another has the same. */
function nameAmong(brands: readonly BrandState[], slug: string): string {
  const name = brands.find((one) => one.slug === slug)?.name ?? slug;
  return brands.filter((one) => one.name === name).length > 1 ? `${name} (${slug})` : name;
}

function Overview() {
  useTitle(texts.pages.overview, texts.product);
  const [state, change] = usePageState();
  const { currency = 'EUR' } = useSearch({ strict: false }) as { currency?: string };
  const navigate = useNavigate();
  const live = useLiveFigures(queriesOf(state, currency));
  const { queries } = live;
  const { timeRange, compareTo } = queries.brands;
  const states = useBrandStates({ timeRange, compareTo });
  const { isStale } = live;
  const brands = states.data?.items;
  const nameOf = useCallback((slug: string) => nameAmong(brands ?? [], slug), [brands]);
  const choose = (code: string) =>
    void navigate({ to: '.', search: ((before: Record<string, unknown>) => ({ ...before, currency: code })) as never });
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.overview}</h1>
          <LiveStatus
            asOf={live.asOf}
            connection={live.connection}
            timezone={live.answers.headline?.timezone ?? 'UTC'}
          />
        </div>
        <div className="period-picker">
          <span className="zone">{texts.zone}</span>
          <label className="select">
            <span className="visually-hidden">{texts.reportingCurrency}</span>
            <select value={currency} onChange={(event) => choose(event.target.value)}>
              {[...new Set([...CURRENCIES, currency])].map((code) => (
                <option key={code} value={code}>
                  {texts.in(code)}
                </option>
              ))}
            </select>
          </label>
          <PeriodPicker state={state} onChange={change} />
        </div>
      </header>
      {live.failure !== null && live.answers.headline === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles
        {...{ live, title: texts.headline, isUntitled: true, measures: FIGURES }}
        figures={(measure) => (measure === 'backlog' ? 'now' : 'headline')}
      />
      <Alerts comes={states.isPending && states.failureCount === 0} />
      <BrandTable
        answer={live.answers.brands}
        trend={live.answers.trend}
        states={states.data}
        problem={live.problems.brands ?? (states.error as ApiProblem | null) ?? undefined}
        isStale={isStale}
        grain={grainOf(state)}
        query={queries.brands}
      />
      <BrandTrend
        answer={live.answers.trend}
        problem={live.problems.trend}
        grain={grainOf(state)}
        isStale={isStale}
        nameOf={nameOf}
      />
    </>
  );
}
