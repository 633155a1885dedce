import { useQuery } from '@tanstack/react-query';
import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { MoreRows } from '../../ui/components/more-rows.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import type { KpiQuery } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { queryParts } from '../../ui/page-state.ts';
import { usePages } from '../../ui/pages.ts';
import { useChoice } from '../../ui/use-choice.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { OrderSearch, type OrderSearchState } from '../components/order-search.tsx';
import { OrdersTable } from '../components/orders-table.tsx';
import { ORDER_SORTS, type OrderFilters, type OrderSummary, spanOf } from '../orders.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/orders')({ component: Orders });

function filtersOf(search: OrderSearchState, span: { from: string; to: string } | undefined): OrderFilters {
  const { status, channel, country, by = 'number', q } = search;
  const found = q === undefined ? {} : { [{ number: 'q', sku: 'sku', customer: 'customerId' }[by]]: q };
  return { status, channel, country, ...found, placedFrom: span?.from, placedTo: span?.to };
}

function Orders() {
  useTitle(texts.pages.orders, texts.product);
  const [state, change] = usePageState();
  const navigate = useNavigate();
  const search = searchOf(useSearch({ strict: false }));
  const set = (part: Partial<OrderSearchState>) =>
    void navigate({ to: '.', search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never });
  const { timeRange } = queryParts(state);
  const count: KpiQuery = { measures: ['orders'], timeRange };
  const live = useLiveFigures({
    count,
    channel: { ...count, dimensions: ['channel'] },
    country: { ...count, dimensions: ['country'] },
  });
  const span = useQuery({ queryKey: ['span', timeRange], queryFn: () => spanOf(timeRange) });
  const [sort, setSort] = useChoice('sort', ORDER_SORTS);
  const list = usePages<OrderSummary>({
    ...{ key: 'orders', path: '/api/v1/orders', parameters: { ...filtersOf(search, span.data), sort } },
    isReady: span.data !== undefined,
  });
  const come = useCome(Number(live.answers.count?.rows[0]?.orders ?? Number.NaN), list.dataUpdatedAt);
  const failed = list.data ? null : [span, list].find(({ error }) => error);
  const timezone = live.answers.count?.timezone ?? 'UTC';
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  const options = (dimension: 'channel' | 'country') =>
    (live.answers[dimension]?.rows ?? []).flatMap((row) => (row[dimension] === null ? [] : [String(row[dimension])]));
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.orders}</h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={timezone} />
        </div>
        <PeriodPicker state={state} onChange={change} hasComparison={false} />
      </header>
      <OrderSearch state={search} onChange={set} channels={options('channel')} countries={options('country')} />
      <Panel
        title={texts.orderSorts[sort]}
        label={texts.pages.orders}
        isStale={list.isPlaceholderData || live.isStale}
        of={list.data}
        awaited={{ rows: 14 }}
        problem={failed?.error as ApiProblem | undefined}
        retry={() => void failed?.refetch()}
        tools={
          <button type="button" className="button" hidden={come === 0} onClick={() => void list.refetch()}>
            {texts.showNew(come)}
          </button>
        }
      >
        {(shown) => (
          <>
            <OrdersTable
              {...{ timezone, sort }}
              onSort={setSort}
              orders={shown}
              caption={texts.pages.orders}
              empty={isFiltered ? texts.noOrdersFound : texts.noOrdersInPeriod}
            />
            <MoreRows list={list} />
          </>
        )}
      </Panel>
    </>
  );
}

/** How many orders have come since the list was read. */
function useCome(now: number, readAt: number): number {
  const seen = useRef({ readAt: -1, count: Number.NaN });
  if (seen.current.readAt !== readAt || Number.isNaN(seen.current.count)) seen.current = { readAt, count: now };
  return Number.isNaN(now) ? 0 : Math.max(0, now - seen.current.count);
}

function searchOf(search: Record<string, unknown>): OrderSearchState {
  const text = (value: unknown) =>
    (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined;
  const by = search.by === 'sku' || search.by === 'customer' ? search.by : undefined;
  return {
    status: text(search.status),
    channel: text(search.channel),
    country: text(search.country),
    by,
    q: text(search.q),
  };
}
