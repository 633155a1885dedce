import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { ApiProblem, api } from '../../ui/api.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { useLiveFigures } from '../../ui/live.ts';
import { useAgainWhen } from '../../ui/use-again-when.ts';
import { Addresses, Facts, Money } from '../components/order-facts.tsx';
import { OrderLines } from '../components/order-lines.tsx';
import { Allocations, Payments, Returns, Shipments } from '../components/order-parts.tsx';
import { OrderStatusPill } from '../components/order-status.tsx';
import { OrderSteps } from '../components/order-steps.tsx';
import { Timeline } from '../components/order-timeline.tsx';
import { type OrderStory, readOrder } from '../orders.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/orders/$number')({ component: OrderPage });

const NO_FIGURES = {};

/** An order with all that belongs to it; asked for again whenever something of the brand moves. */
function OrderPage() {
  const { number } = route.useParams() as { number: string };
  useTitle(number, texts.pages.orders, texts.product);
  const client = useQueryClient();
  const brand = useQuery({
    queryKey: ['current brand'],
    queryFn: () => api<{ timezone: string }>('/api/v1/tenants/current'),
    staleTime: 60_000,
  });
  const { data, error, refetch } = useQuery({
    queryKey: ['order', number],
    queryFn: ({ client, queryKey }) => readOrder(number, client.getQueryData<OrderStory | null>(queryKey)?.order.id),
  });
  const live = useLiveFigures(NO_FIGURES);
  useAgainWhen(live.moved, refetch);
  const timezone = brand.data?.timezone ?? 'UTC';
  // What was read stays when it can't be read again: the page says that the connection is lost.
  const problem =
    data === null
      ? new ApiProblem(404, 'not-found', texts.noSuchOrder(number), null)
      : data
        ? null
        : (error as ApiProblem | null);
  const part = { order: data?.order, timezone, isStale: live.isStale };
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <Link to="/orders" search={true} className="back">
            <span aria-hidden="true">←</span> {texts.pages.orders}
          </Link>
          <h1 className="order-title">
            {number} <span aria-live="polite">{data ? <OrderStatusPill status={data.order.status} /> : null}</span>
          </h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={timezone} />
        </div>
        {data ? <OrderSteps order={data.order} onTaken={() => void client.invalidateQueries()} /> : null}
      </header>
      {problem ? (
        <Failure problem={problem} retry={data === null ? undefined : () => void refetch()} />
      ) : (
        <div className="order-columns">
          <div className="order-main">
            <OrderLines {...part} />
            <Allocations {...part} />
            <Shipments {...part} />
            <Payments {...part} />
            <Returns {...part} />
          </div>
          <aside className="order-side" aria-label={texts.orderSummary}>
            <Facts {...part} />
            <Money {...part} />
            <Addresses {...part} />
            <Timeline events={data?.events} timezone={timezone} isStale={live.isStale} />
          </aside>
        </div>
      )}
    </>
  );
}
