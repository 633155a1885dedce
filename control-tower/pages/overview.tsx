import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, queryParts } from '../../ui/page-state.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Alerts } from '../components/alerts.tsx';
import { BrandTable } from '../components/brand-table.tsx';
import { BrandTrend } from '../components/brand-trend.tsx';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/')({ component: Overview });

const HEADLINE = ['net_sales', 'orders', 'active_tenants', 'on_time_rate', 'return_rate_value', 'cancellation_rate'];
const CURRENCIES = ['EUR', 'USD', 'GBP', 'INR', 'JPY', 'CHF'];

function Overview() {
  useTitle(texts.pages.overview, texts.product);
  const [state, change] = usePageState();
  const { currency = 'EUR' } = useSearch({ strict: false }) as { currency?: string };
  const navigate = useNavigate();
  const grain = grainOf(state);
  const parts = { ...queryParts(state), filters: [], reportingCurrency: currency };
  const queries = {
    headline: { ...parts, measures: HEADLINE },
    course: { ...parts, compareTo: undefined, measures: ['net_sales', 'orders', 'on_time_rate'], grain },
    brands: {
      ...parts,
      measures: ['net_sales', 'orders', 'on_time_rate', 'return_rate_value', 'cancellation_rate'],
      dimensions: ['brand'],
      limit: 1_000,
    },
    trend: { ...parts, compareTo: undefined, measures: ['net_sales'], dimensions: ['brand'], grain },
    now: { measures: ['backlog', 'low_stock_skus', 'inventory_value'], reportingCurrency: currency },
  } satisfies Record<string, KpiQuery>;
  const live = useLiveFigures(queries);
  const { isStale } = live;
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
        title={texts.headline}
        live={live}
        queries={queries}
        figures="headline"
        series="course"
        measures={HEADLINE}
      />
      <Alerts />
      <BrandTrend answer={live.answers.trend} problem={live.problems.trend} grain={grain} isStale={isStale} />
      <BrandTable
        answer={live.answers.brands}
        trend={live.answers.trend}
        problem={live.problems.brands}
        isStale={isStale}
      />
    </>
  );
}
