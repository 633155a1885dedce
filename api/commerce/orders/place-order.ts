import { v7 as uuidv7 } from 'uuid';
import { invalid, Problem, unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { expireReservations } from '../inventory/expire-reservations.ts';
import { consumeReservation, takeReservation } from '../inventory/take-reservation.ts';
import { orderRefusals } from './order-constraints.ts';
import type { NewOrder, Order } from './order-schema.ts';
import { findSources, type OrderLine } from './order-sources.ts';
import type { ReadOptions } from './read-orders.ts';
import { DiscountTooLarge, type LineAmounts, lineAmounts, orderTotal, sumOf } from './totals.ts';
import { type Shortage, type WrittenOrder, writeOrder } from './write-order.ts';

const YEARS_BACK = 10;

/**
 * Places an order: finds and prices its lines, computes its amounts, takes its stock and writes it all, in the transaction it is given.
 * Throws `insufficient-stock`, which names what there is; `unprocessable` for what the order refers to; NumberTaken.
 */
export async function placeOrder(
  trx: CommerceTransaction,
  tenantId: string,
  order: NewOrder,
  orderNumber: string,
  { contacts }: ReadOptions,
): Promise<Order> {
  const now = `${new Date().toISOString().slice(0, -1)}000Z`;
  const placedAt = order.placedAt ?? now;
  requireSensibleTimes(order, placedAt, now);
  const { lines, customerId, warehouseId } = await findSources(trx, tenantId, order, placedAt);
  const amounts = amountsOf(lines, order);
  const msecs = Date.parse(placedAt);
  const id = uuidv7({ msecs });
  const items = lines.map((line, index) => itemOf(line, amounts[index] as LineAmounts, uuidv7({ msecs }), index + 1));
  const reservation =
    order.reservationId === undefined ? null : await takeReservation(trx, tenantId, order.reservationId, id, lines);
  const rows = {
    tenantId,
    order: {
      id,
      order_number: orderNumber,
      customer_id: customerId,
      status: order.status,
      channel: order.channel ?? null,
      country: order.country ?? null,
      currency: order.currency,
      is_test: order.isTest,
      placed_at: placedAt,
      promised_at: order.promisedAt ?? null,
      note: order.note ?? null,
    },
    items,
    addresses: Object.entries(order.addresses ?? {}).map(([kind, address]) => ({ kind, ...address })),
    warehouseId,
    preferredWarehouseId: reservation?.warehouseId ?? null,
  };
  const write = () => orderRefusals(order.orderNumber === undefined, () => writeOrder(trx, rows));
  let written = await write();
  if (written.short.length > 0) {
    // What nobody came for in time may be had again.
    const expired = await expireReservations(
      trx,
      tenantId,
      lines.map(({ variantId }) => variantId),
    );
    if (expired > 0) written = await write();
    if (written.short.length > 0) throw insufficient(written.short, lines);
  }
  if (reservation !== null) await consumeReservation(trx, reservation.id, id);
  return bodyOf(order, { id, orderNumber, customerId, placedAt }, items, amounts, written, contacts);
}

function requireSensibleTimes({ promisedAt }: NewOrder, placedAt: string, now: string): void {
  if (placedAt > now) throw invalid({ path: 'placedAt', message: 'must not be in the future' });
  const oldest = `${Number(now.slice(0, 4)) - YEARS_BACK}${now.slice(4)}`;
  if (placedAt < oldest) throw invalid({ path: 'placedAt', message: `must be within the last ${YEARS_BACK} years` });
  if (promisedAt !== undefined && promisedAt < placedAt) {
    throw invalid({ path: 'promisedAt', message: 'must not be before placedAt' });
  }
}

function amountsOf(lines: readonly OrderLine[], { discount, shipping }: NewOrder): LineAmounts[] {
  try {
    return lineAmounts(lines, { discount, shipping });
  } catch (error) {
    if (!(error instanceof DiscountTooLarge)) throw error;
    const path = error.line === null ? 'discount' : `lines[${error.line}].discount`;
    throw unprocessable({ path, message: 'exceeds the price' });
  }
}

type Item = ReturnType<typeof itemOf>;

function itemOf(line: OrderLine, amounts: LineAmounts, id: string, lineNo: number) {
  return {
    id,
    line_no: lineNo,
    variant_id: line.variantId,
    sku: line.sku,
    quantity: line.quantity,
    unit_price: line.unitPrice,
    discount: amounts.discount,
    tax: amounts.tax,
    shipping: amounts.shipping,
    unit_cost: line.unitCost,
  };
}

function insufficient(short: readonly Shortage[], lines: readonly OrderLine[]): Problem {
  const shortages = short.map(({ variantId, wanted, available }) => {
    const index = lines.findIndex((line) => line.variantId === variantId);
    return { index, sku: lines[index]?.sku ?? '', wanted, available };
  });
  const detail = shortages.map(({ sku, wanted, available }) => `${sku}: ${wanted} wanted, ${available} available`);
  return new Problem('insufficient-stock', `${detail.slice(0, 5).join('; ')}.`, {
    errors: shortages.slice(0, 20).map(({ index, sku, wanted, available }) => ({
      path: `lines[${index}].quantity`,
      message: `${sku}: ${wanted} wanted, ${available} available`,
    })),
  });
}

const NO_ADDRESS = { name: null, line1: null, line2: null, city: null, region: null, postalCode: null, country: null };

/** What a read of the order would give (a test compares the two): it need not be read again. */
function bodyOf(
  order: NewOrder,
  known: { id: string; orderNumber: string; customerId: string | null; placedAt: string },
  items: readonly Item[],
  amounts: readonly LineAmounts[],
  { allocations, createdAt }: WrittenOrder,
  contacts: boolean,
): Order {
  const sum = (name: keyof LineAmounts) => sumOf(amounts.map((amount) => amount[name]));
  const address = (kind: 'shipping' | 'billing') => {
    const given = order.addresses?.[kind];
    return given === undefined ? null : { ...NO_ADDRESS, ...given };
  };
  return {
    id: known.id,
    orderNumber: known.orderNumber,
    customerId: known.customerId,
    status: order.status,
    channel: order.channel ?? null,
    country: order.country ?? null,
    currency: order.currency,
    isTest: order.isTest,
    placedAt: known.placedAt,
    promisedAt: order.promisedAt ?? null,
    cancelledAt: null,
    createdAt,
    updatedAt: createdAt,
    gross: sum('gross'),
    discount: sum('discount'),
    tax: sum('tax'),
    shipping: sum('shipping'),
    total: orderTotal(amounts),
    note: order.note ?? null,
    paid: '0.0000',
    lines: items.map((item, index) => ({
      id: item.id,
      lineNo: item.line_no,
      variantId: item.variant_id,
      sku: item.sku,
      quantity: item.quantity,
      unitPrice: item.unit_price,
      gross: amounts[index]?.gross ?? '',
      discount: item.discount,
      tax: item.tax,
      shipping: item.shipping,
      shipped: 0,
      returned: 0,
    })),
    allocations: [...allocations],
    payments: [],
    shipments: [],
    returns: [],
    ...(contacts ? { addresses: { shipping: address('shipping'), billing: address('billing') } } : {}),
  };
}
