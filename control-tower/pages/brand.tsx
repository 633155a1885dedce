import { createLazyRoute, Link, useParams } from '@tanstack/react-router';
import type { ApiProblem } from '../../ui/api.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, type PageState, queryParts } from '../../ui/page-state.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Alerts } from '../components/alerts.tsx';
import { HealthPill } from '../components/health-pill.tsx';
import { HealthRules } from '../components/health-rules.tsx';
import { LastChange } from '../components/last-change.tsx';
import { type BrandState, useBrandStates } from '../platform.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/brands/$brand')({ component: Brand });

const TRADE = ['net_sales', 'orders', 'aov', 'on_time_rate', 'return_rate_value', 'cancellation_rate'];
const NOW = ['backlog', 'low_stock_skus', 'inventory_value'];

function queriesOf(state: PageState) {
  const parts = { ...queryParts(state), filters: [] };
  return {
    trade: { ...parts, measures: TRADE, grain: grainOf(state), withTotals: true },
    now: { measures: NOW },
  } satisfies Record<string, KpiQuery>;
}

/** Where the brand's own dashboards show a page of it, read-only, for the same period. */
function pageOfBrand(slug: string, page: string, search: string): string {
  return `/brand/@${slug}/${page}${search}`;
}

function Brand() {
  const { brand: slug } = useParams({ from: '/brands/$brand' });
  const [state, change] = usePageState();
  const queries = queriesOf(state);
  const live = useLiveFigures(queries, slug);
  const { timeRange, compareTo } = queries.trade;
  const states = useBrandStates({ timeRange, compareTo });
  const brand = states.data?.items.find((one) => one.slug === slug);
  useTitle(brand?.name ?? slug, texts.product);
  const { timezone = 'UTC' } = live.answers.trade ?? {};
  const open = (measure: string) => location.assign(pageOfBrand(slug, 'sales', withMeasure(location.search, measure)));
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <Link to="/" search={true} className="back">
            <span aria-hidden="true">←</span> {texts.back}
          </Link>
          <h1>{brand?.name ?? slug}</h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={timezone} />
        </div>
        <div className="period-picker">
          {brand ? <span className="zone">{texts.brandDays(brand.timezone, brand.currency)}</span> : null}
          <PeriodPicker state={state} onChange={change} />
        </div>
      </header>
      {states.error ? <Failure problem={states.error as ApiProblem} retry={() => void states.refetch()} /> : null}
      {states.data && brand === undefined ? <p className="empty">{texts.noSuchBrand}</p> : null}
      {states.data === undefined || brand ? <HealthPanel brand={brand} rules={states.data?.rules ?? []} /> : null}
      <nav className="brand-pages" aria-label={texts.openBrand}>
        <span>{texts.openBrand}</span>
        {Object.entries(texts.brandPages).map(([page, title]) => (
          <a key={page} className="button" href={pageOfBrand(slug, page, location.search)}>
            {title}
          </a>
        ))}
      </nav>
      {live.failure !== null && live.answers.trade === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles {...{ live, brand: slug, title: texts.trade, figures: 'trade', measures: TRADE }} onOpen={open} />
      <KpiTiles {...{ live, brand: slug, title: texts.atThisMoment, figures: 'now', measures: NOW }} />
      <Alerts brand={slug} comes={states.isPending && states.failureCount === 0} />
    </>
  );
}

function withMeasure(search: string, measure: string): string {
  const parameters = new URLSearchParams(search);
  parameters.set('measure', measure);
  return `?${parameters}`;
}

function HealthPanel({
  brand,
  rules,
}: {
  readonly brand: BrandState | undefined;
  readonly rules: Parameters<typeof HealthRules>[0]['rules'];
}) {
  return (
    <Panel title={texts.health} of={brand} awaited={{ height: 23 }} tools={<HealthRules rules={rules} />}>
      {({ health, changedAt }) => (
        <div className="health-facts">
          <HealthPill health={{ ...health, reasons: health.reasons.slice(0, 1) }} />
          {health.reasons.length > 1 ? (
            <ul>
              {health.reasons.slice(1).map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          ) : null}
          <span className="alert-note">
            {texts.changed}: <LastChange at={changedAt} />
          </span>
        </div>
      )}
    </Panel>
  );
}
