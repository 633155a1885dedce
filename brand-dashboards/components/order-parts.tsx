import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatFigure, formatTime } from '../../ui/format.ts';
import type { Order } from '../orders.ts';
import { texts } from '../texts.ts';

/** What an order's panel shows a part of; without an order it is on its way. */
export interface OrderPart {
  readonly order: Order | undefined;
  readonly timezone: string;
  readonly isStale: boolean;
}

interface Cells<R> {
  readonly title: string;
  readonly cell: (row: R) => string | number | null;
  readonly isNumber?: boolean;
}

function Part<R>({
  title,
  order,
  isStale,
  rowsOf,
  empty,
  columns,
}: Omit<OrderPart, 'timezone'> & {
  title: string;
  rowsOf: (order: Order) => readonly R[];
  empty: string;
  columns: (order: Order) => Cells<R>[];
}) {
  return (
    <Panel title={title} of={order} awaited={{ rows: 1 }} isStale={isStale}>
      {(shown) =>
        rowsOf(shown).length === 0 ? (
          <p className="muted">{empty}</p>
        ) : (
          <DataTable
            rows={rowsOf(shown)}
            caption={title}
            empty={empty}
            columns={columns(shown).map(
              ({ title: name, cell, isNumber }): Column<R> => ({ id: name, title: name, cell, value: cell, isNumber }),
            )}
          />
        )
      }
    </Panel>
  );
}

const skuOf = ({ lines }: Order, id: string | null) => lines.find((line) => line.id === id)?.sku ?? texts.unknown;
const money = (value: string, { currency }: Order) => formatFigure(value, { id: 'total', unit: 'money', currency });

/** Which stock the order holds, or held until it left. */
export function Allocations(part: OrderPart) {
  return (
    <Part
      {...part}
      title={texts.allocations}
      rowsOf={({ allocations }) => allocations}
      empty={texts.noAllocations}
      columns={(order) => [
        { title: texts.sku, cell: ({ orderItemId }) => skuOf(order, orderItemId) },
        { title: texts.warehouse, cell: ({ warehouse }) => warehouse },
        { title: texts.unitColumns.allocated, cell: ({ quantity }) => quantity, isNumber: true },
        { title: texts.unitColumns.shipped, cell: ({ shipped }) => shipped, isNumber: true },
      ]}
    />
  );
}

export function Shipments(part: OrderPart) {
  const at = (time: string | null) => (time ? formatTime(time, part.timezone, false) : '–');
  return (
    <Part
      {...part}
      title={texts.shipments}
      rowsOf={({ shipments }) => shipments}
      empty={texts.noShipments}
      columns={(order) => [
        { title: texts.carrier, cell: ({ carrier }) => carrier ?? texts.unknown },
        { title: texts.tracking, cell: ({ trackingNumber }) => trackingNumber ?? '–' },
        {
          title: texts.contents,
          cell: ({ lines }) =>
            lines.map(({ orderItemId, quantity }) => `${quantity} × ${skuOf(order, orderItemId)}`).join(', '),
        },
        { title: texts.shippedAt, cell: ({ shippedAt }) => at(shippedAt) },
        { title: texts.deliveredAt, cell: ({ deliveredAt }) => at(deliveredAt) },
      ]}
    />
  );
}

export function Payments(part: OrderPart) {
  return (
    <Part
      {...part}
      title={texts.payments}
      rowsOf={({ payments }) => payments}
      empty={texts.noPayments}
      columns={(order) => [
        { title: texts.time, cell: ({ attemptedAt }) => formatTime(attemptedAt, part.timezone, false) },
        { title: texts.method, cell: ({ method }) => method ?? texts.unknown },
        { title: texts.status, cell: ({ status }) => texts.paymentStatuses[status] },
        { title: texts.amount, cell: ({ amount }) => money(amount, order), isNumber: true },
      ]}
    />
  );
}

export function Returns(part: OrderPart) {
  return (
    <Part
      {...part}
      title={texts.returns}
      rowsOf={({ returns }) => returns}
      empty={texts.noReturns}
      columns={(order) => [
        { title: texts.returnNumber, cell: ({ returnNumber }) => returnNumber },
        {
          title: texts.refundedAt,
          cell: ({ refundedAt }) => (refundedAt ? formatTime(refundedAt, part.timezone, false) : texts.notRefunded),
        },
        {
          title: texts.unitColumns.returned,
          cell: ({ lines }) => lines.reduce((all, { quantity }) => all + quantity, 0),
          isNumber: true,
        },
        { title: texts.amount, cell: ({ amount }) => money(amount, order), isNumber: true },
      ]}
    />
  );
}
