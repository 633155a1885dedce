import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { formatFigure, formatTime } from '../../ui/format.ts';
import type { Order } from '../orders.ts';
import { texts } from '../texts.ts';

interface PartProps {
  readonly order: Order;
  readonly timezone: string;
}

interface Cells<R> {
  readonly title: string;
  readonly cell: (row: R) => string | number | null;
  readonly isNumber?: boolean;
}

function Part<R>({
  title,
  rows,
  empty,
  columns,
}: {
  title: string;
  rows: readonly R[];
  empty: string;
  columns: Cells<R>[];
}) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <DataTable
          rows={rows}
          caption={title}
          empty={empty}
          columns={columns.map(
            ({ title: name, cell, isNumber }): Column<R> => ({ id: name, title: name, cell, value: cell, isNumber }),
          )}
        />
      )}
    </section>
  );
}

const skuOf = ({ lines }: Order, id: string | null) => lines.find((line) => line.id === id)?.sku ?? texts.unknown;

/** Which stock the order holds, or held until it left. */
export function Allocations({ order }: { readonly order: Order }) {
  return (
    <Part
      title={texts.allocations}
      rows={order.allocations}
      empty={texts.noAllocations}
      columns={[
        { title: texts.sku, cell: ({ orderItemId }) => skuOf(order, orderItemId) },
        { title: texts.warehouse, cell: ({ warehouse }) => warehouse },
        { title: texts.unitColumns.allocated, cell: ({ quantity }) => quantity, isNumber: true },
        { title: texts.unitColumns.shipped, cell: ({ shipped }) => shipped, isNumber: true },
      ]}
    />
  );
}

export function Shipments({ order, timezone }: PartProps) {
  const at = (time: string | null) => (time ? formatTime(time, timezone, false) : '–');
  return (
    <Part
      title={texts.shipments}
      rows={order.shipments}
      empty={texts.noShipments}
      columns={[
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

export function Payments({ order, timezone }: PartProps) {
  return (
    <Part
      title={texts.payments}
      rows={order.payments}
      empty={texts.noPayments}
      columns={[
        { title: texts.time, cell: ({ attemptedAt }) => formatTime(attemptedAt, timezone, false) },
        { title: texts.method, cell: ({ method }) => method ?? texts.unknown },
        { title: texts.status, cell: ({ status }) => texts.paymentStatuses[status] },
        {
          title: texts.amount,
          cell: ({ amount }) => formatFigure(amount, { id: 'total', unit: 'money', currency: order.currency }),
          isNumber: true,
        },
      ]}
    />
  );
}

export function Returns({ order, timezone }: PartProps) {
  return (
    <Part
      title={texts.returns}
      rows={order.returns}
      empty={texts.noReturns}
      columns={[
        { title: texts.returnNumber, cell: ({ returnNumber }) => returnNumber },
        {
          title: texts.refundedAt,
          cell: ({ refundedAt }) => (refundedAt ? formatTime(refundedAt, timezone, false) : texts.notRefunded),
        },
        {
          title: texts.unitColumns.returned,
          cell: ({ lines }) => lines.reduce((all, { quantity }) => all + quantity, 0),
          isNumber: true,
        },
        {
          title: texts.amount,
          cell: ({ amount }) => formatFigure(amount, { id: 'total', unit: 'money', currency: order.currency }),
          isNumber: true,
        },
      ]}
    />
  );
}
