import type { ReactNode } from 'react';
import { Panel } from '../../ui/components/panel.tsx';
import { sum } from '../../ui/decimal.ts';
import { formatFigure, formatTime } from '../../ui/format.ts';
import type { Address, Order } from '../orders.ts';
import { texts } from '../texts.ts';
import { CustomerLink } from './order-link.tsx';
import type { OrderPart } from './order-parts.tsx';

interface FactsPanelProps extends Omit<OrderPart, 'timezone'> {
  readonly title: string;
  /** How many there will be, about. */
  readonly rows: number;
  readonly factsOf: (order: Order) => readonly (readonly [string, ReactNode])[];
}

function FactsPanel({ title, order, isStale, rows, factsOf }: FactsPanelProps) {
  return (
    <Panel title={title} of={order} awaited={{ rows: rows - 1, rowHeight: 25 }} isStale={isStale}>
      {(shown) => (
        <dl className="facts">
          {factsOf(shown).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

/** When, where from and for whom it was ordered. */
export function Facts({ order, timezone, isStale }: OrderPart) {
  const at = (time: string | null) =>
    time ? <span className="number">{formatTime(time, timezone, false)}</span> : '–';
  return (
    <FactsPanel
      {...{ order, isStale, title: texts.orderSummary, rows: 5 }}
      factsOf={({ placedAt, promisedAt, cancelledAt, channel, country, customerId, note }) => [
        [texts.placed, at(placedAt)],
        [texts.promised, at(promisedAt)],
        ...(cancelledAt ? [[texts.cancelled, at(cancelledAt)] as const] : []),
        [texts.dimensions.channel, channel ?? texts.unknown],
        [texts.dimensions.country, country ?? texts.unknown],
        [texts.customer, customerId ? <CustomerLink id={customerId} /> : texts.noCustomer],
        ...(note ? [[texts.note, note] as const] : []),
      ]}
    />
  );
}

const AMOUNTS = ['gross', 'discount', 'tax', 'shipping'] as const;

/** What it amounts to, what was paid and what was given back. */
export function Money({ order, isStale }: OrderPart) {
  return (
    <FactsPanel
      {...{ order, isStale, title: texts.money, rows: 7 }}
      factsOf={(shown) => {
        const money = (value: string) => (
          <span className="number">
            {formatFigure(value, { id: 'total', unit: 'money', currency: shown.currency })}
          </span>
        );
        const refunds = shown.returns.filter(({ refundedAt }) => refundedAt !== null);
        return [
          ...AMOUNTS.map((name) => [texts.amounts[name], money(shown[name])] as const),
          [texts.amounts.total, <strong key="total">{money(shown.total)}</strong>],
          [texts.amounts.paid, money(shown.paid)],
          [texts.amounts.refunded, money(sum(refunds.map(({ amount }) => amount)))],
        ];
      }}
    />
  );
}

/** Where it goes and who pays; nothing for those who may not see it. */
export function Addresses({ order, isStale }: OrderPart) {
  const addresses = order?.addresses;
  if (addresses === undefined) return null;
  return (
    <FactsPanel
      {...{ order, isStale, title: texts.addresses, rows: 2 }}
      factsOf={() => [
        [texts.shippingAddress, linesOf(addresses.shipping)],
        [texts.billingAddress, linesOf(addresses.billing)],
      ]}
    />
  );
}

function linesOf(address: Address | null): string {
  if (address === null) return texts.noAddress;
  const { name, line1, line2, postalCode, city, region, country } = address;
  return [name, line1, line2, postalCode, city, region, country].filter((part) => part !== null).join(', ');
}
