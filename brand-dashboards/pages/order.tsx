import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiProblem, api } from '../../ui/api.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { sum } from '../../ui/decimal.ts';
import { formatFigure, formatTime } from '../../ui/format.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { useAgainWhen } from '../../ui/use-again-when.ts';
import { OrderLines } from '../components/order-lines.tsx';
import { CustomerLink } from '../components/order-link.tsx';
import { Allocations, Payments, Returns, Shipments } from '../components/order-parts.tsx';
import { OrderStatusPill } from '../components/order-status.tsx';
import { OrderSteps } from '../components/order-steps.tsx';
import { Timeline } from '../components/order-timeline.tsx';
import { type Address, type Order, type OrderStory, readOrder } from '../orders.ts';
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
      ) : !data ? (
        <div className="skeleton" style={{ height: 640 }} aria-hidden="true" />
      ) : (
        <div className="order-columns">
          <div className="order-main">
            <OrderLines order={data.order} />
            <Allocations order={data.order} />
            <Shipments order={data.order} timezone={timezone} />
            <Payments order={data.order} timezone={timezone} />
            <Returns order={data.order} timezone={timezone} />
          </div>
          <aside className="order-side" aria-label={texts.orderSummary}>
            <Facts order={data.order} timezone={timezone} />
            <Money order={data.order} />
            <Addresses order={data.order} />
            <Timeline events={data.events} timezone={timezone} />
          </aside>
        </div>
      )}
    </>
  );
}

function List({ title, items }: { title: string; items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <dl className="facts">
        {items.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Facts({ order, timezone }: { readonly order: Order; readonly timezone: string }) {
  const at = (time: string | null) =>
    time ? <span className="number">{formatTime(time, timezone, false)}</span> : '–';
  return (
    <List
      title={texts.orderSummary}
      items={[
        [texts.placed, at(order.placedAt)],
        [texts.promised, at(order.promisedAt)],
        ...(order.cancelledAt ? [[texts.cancelled, at(order.cancelledAt)] as const] : []),
        [texts.dimensions.channel, order.channel ?? texts.unknown],
        [texts.dimensions.country, order.country ?? texts.unknown],
        [texts.customer, order.customerId ? <CustomerLink id={order.customerId} /> : texts.noCustomer],
        ...(order.note ? [[texts.note, order.note] as const] : []),
      ]}
    />
  );
}

function Money({ order }: { readonly order: Order }) {
  const money = (value: string) => (
    <span className="number">{formatFigure(value, { id: 'total', unit: 'money', currency: order.currency })}</span>
  );
  const refunded = sum(order.returns.filter(({ refundedAt }) => refundedAt !== null).map(({ amount }) => amount));
  return (
    <List
      title={texts.money}
      items={[
        ...(['gross', 'discount', 'tax', 'shipping', 'total'] as const).map(
          (name) =>
            [
              texts.amounts[name],
              name === 'total' ? <strong>{money(order[name])}</strong> : money(order[name]),
            ] as const,
        ),
        [texts.amounts.paid, money(order.paid)],
        [texts.amounts.refunded, money(refunded)],
      ]}
    />
  );
}

function Addresses({ order: { addresses } }: { readonly order: Order }) {
  if (addresses === undefined) return null;
  const lines = (address: Address | null) =>
    address === null
      ? texts.noAddress
      : [address.name, address.line1, address.line2, address.postalCode, address.city, address.region, address.country]
          .filter((part) => part !== null)
          .join(', ');
  return (
    <List
      title={texts.addresses}
      items={[
        [texts.shippingAddress, lines(addresses.shipping)],
        [texts.billingAddress, lines(addresses.billing)],
      ]}
    />
  );
}
