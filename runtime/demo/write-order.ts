import type { BrandPlan } from './brand-plan.ts';
import { DAY } from './calendar.ts';
import type { Customer } from './customers.ts';
import type { Parcel } from './fulfilment.ts';
import { money } from './money.ts';
import type { OrderLine } from './order-lines.ts';
import type { Payment } from './payments.ts';
import type { StockRoom } from './stock-room.ts';
import { type Rows, time, timeBy } from './tables.ts';

/** An order with all that will ever happen to it; what lies after the end of the history is not written. */
export interface Order {
  readonly id: string;
  readonly number: string;
  readonly customer: Customer;
  readonly channel: string;
  readonly placedAt: number;
  readonly lines: readonly OrderLine[];
  readonly payment: Payment;
  /** Null: it is not cancelled. */
  readonly cancelledAt: number | null;
  readonly parcels: readonly Parcel[];
}

export interface WriteContext {
  readonly plan: BrandPlan;
  readonly warehouseIds: readonly string[];
  readonly end: number;
  readonly rows: Rows;
  readonly stock: StockRoom;
  readonly id: (time: number) => string;
}

/** Writes the order as it stands at the end, its lines, payments and parcels, and moves its stock. */
export function writeOrder(order: Order, context: WriteContext): void {
  const { rows, end, plan } = context;
  const total = order.lines.reduce(
    (sum, { gross, discount, tax, shipping }) => sum + gross - discount + tax + shipping,
    0,
  );
  const times = statusTimes(order, end);
  const reached = Object.values(times).filter((at) => at !== null);
  rows.orders.push([
    order.id,
    order.number,
    order.customer.id,
    statusOf(times),
    order.channel,
    order.customer.country.country,
    plan.currency,
    time(order.placedAt),
    time(order.placedAt + order.customer.country.promise * DAY),
    times.cancelled === null ? null : time(times.cancelled),
    time(order.placedAt),
    time(Math.max(order.placedAt, ...reached)),
    order.lines.length,
    money(total),
    ...[times.confirmed, times.picked, times.packed, times.partially_shipped, times.shipped, times.delivered].map(
      (at) => (at === null ? null : time(at)),
    ),
  ]);
  for (const [index, line] of order.lines.entries()) {
    rows.order_items.push([
      line.id,
      order.id,
      index + 1,
      line.variant.id,
      line.variant.sku,
      line.units,
      money(line.variant.price),
      money(line.discount),
      money(line.tax),
      money(line.shipping),
      money(line.variant.cost),
    ]);
  }
  for (const { at, method, received } of order.payment.attempts) {
    // Nobody pays for an order that was cancelled before.
    if (at > end || (times.cancelled !== null && at > times.cancelled)) continue;
    const status = received ? 'received' : 'failed';
    rows.payments.push([context.id(at), order.id, money(total), plan.currency, method, status, time(at), time(at)]);
  }
  if (times.cancelled !== null) {
    for (const { variant, warehouse, units } of order.lines)
      context.stock.release(variant, warehouse, units, times.cancelled);
    return;
  }
  for (const parcel of order.parcels) writeParcel(order, parcel, context);
  if (order.parcels.length > 0) return;
  for (const line of order.lines) context.stock.allocate(line, order.placedAt, order.id);
}

function writeParcel(order: Order, parcel: Parcel, { rows, end, id, stock, plan, warehouseIds }: WriteContext): void {
  const { warehouse, shippedAt, deliveredAt } = parcel;
  if (shippedAt > end) {
    for (const line of parcel.lines) stock.allocate(line, order.placedAt, order.id);
    return;
  }
  const shipmentId = id(shippedAt);
  rows.shipments.push([
    shipmentId,
    order.id,
    warehouseIds[warehouse] as string,
    parcel.carrier,
    `${plan.prefix}${shipmentId.slice(-10).toUpperCase()}`,
    deliveredAt <= end ? 'delivered' : 'shipped',
    time(shippedAt),
    timeBy(deliveredAt, end),
    time(shippedAt),
    time(deliveredAt <= end ? deliveredAt : shippedAt),
  ]);
  for (const { id: itemId, variant, units } of parcel.lines) {
    rows.shipment_items.push([id(shippedAt), shipmentId, itemId, units]);
    stock.ship(variant, warehouse, units, shippedAt, shipmentId);
  }
}

type StatusTimes = Record<
  'confirmed' | 'picked' | 'packed' | 'partially_shipped' | 'shipped' | 'delivered' | 'cancelled',
  number | null
>;

/** When the order reached each status; null for those it has not by the end. */
function statusTimes({ payment, cancelledAt, parcels }: Order, end: number): StatusTimes {
  const by = (at: number | null) => (at !== null && at <= end ? at : null);
  const cancelled = by(cancelledAt);
  const confirmed = by(payment.confirmedAt);
  // Who cancels does so before anything is packed.
  if (cancelled !== null || parcels.length === 0) {
    const none = { picked: null, packed: null, partially_shipped: null, shipped: null, delivered: null };
    return { confirmed, ...none, cancelled };
  }
  const last = (of: (parcel: Parcel) => number) => by(Math.max(...parcels.map(of)));
  const first = Math.min(...parcels.map(({ shippedAt }) => shippedAt));
  const shipped = last(({ shippedAt }) => shippedAt);
  const full = Math.max(...parcels.map(({ shippedAt }) => shippedAt));
  return {
    confirmed,
    picked: by(Math.min(...parcels.map(({ pickedAt }) => pickedAt))),
    packed: by(Math.min(...parcels.map(({ packedAt }) => packedAt))),
    partially_shipped: first < full ? by(first) : null,
    shipped,
    delivered: last(({ deliveredAt }) => deliveredAt),
    cancelled,
  };
}

function statusOf(times: StatusTimes): string {
  const ladder = ['cancelled', 'delivered', 'shipped', 'partially_shipped', 'packed', 'picked', 'confirmed'] as const;
  return ladder.find((status) => times[status] !== null) ?? 'placed';
}
