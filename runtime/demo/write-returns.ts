import type { Random } from '../../verify/traffic/random.ts';
import { DAY, type LocalDay } from './calendar.ts';
import { money, share } from './money.ts';
import type { OrderLine } from './order-lines.ts';
import type { Stories } from './stories.ts';
import { time } from './tables.ts';
import type { Order, WriteContext } from './write-order.ts';

interface ReturnedLine {
  readonly line: OrderLine;
  readonly units: number;
  readonly faulty: boolean;
}

/** Some buyers send goods back: at most one return per order, after its last delivery. Faulty goods are written off. */
export function writeReturn(
  order: Order,
  day: LocalDay,
  stories: Stories,
  random: Random,
  context: WriteContext,
): void {
  const { end, rows, plan, id, stock } = context;
  const delivered = Math.max(...order.parcels.map(({ deliveredAt }) => deliveredAt));
  const returned = order.lines.flatMap((line): ReturnedLine[] => {
    const faulty = random.chance(stories.faulty(day.index, line.variant.product));
    if (!faulty && !random.chance(line.variant.product.returns ?? 0.02)) return [];
    const all = faulty || line.units === 1 || random.chance(0.6);
    return [{ line, units: all ? line.units : random.integer(1, line.units - 1), faulty }];
  });
  const days = (low: number, high: number) => Math.floor((low + (high - low) * random.next()) * DAY);
  const requestedAt = delivered + days(1.5, 12);
  const receivedAt = requestedAt + days(1.5, 4.5);
  const refundedAt = receivedAt + days(0.1, 2);
  if (returned.length === 0 || !(requestedAt <= end)) return;
  const received = receivedAt <= end;
  const refunded = refundedAt <= end;
  const returnId = id(requestedAt);
  const at = (ms: number, come: boolean) => (come ? time(ms) : null);
  rows.returns.push([
    returnId,
    `R-${order.number}`,
    order.id,
    order.customer.id,
    refunded ? 'refunded' : received ? 'received' : 'requested',
    order.channel,
    order.customer.country.country,
    plan.currency,
    at(refundedAt, refunded),
    time(requestedAt),
    time(refunded ? refundedAt : received ? receivedAt : requestedAt),
    at(receivedAt, received),
  ]);
  for (const [index, { line, units, faulty }] of returned.entries()) {
    const restocked = received && !faulty && random.chance(0.85);
    const amount = share(line.gross - line.discount, units, line.units);
    rows.return_items.push([
      id(requestedAt),
      returnId,
      index + 1,
      line.id,
      line.variant.id,
      line.variant.sku,
      units,
      money(amount),
      money(line.variant.cost),
      restocked,
    ]);
    if (restocked) stock.restock(line.variant, line.warehouse, units, receivedAt, returnId);
  }
}
