import { v7 as uuidv7 } from 'uuid';
import { invalid, Problem, unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { expireReservations } from '../inventory/expire-reservations.ts';
import {
  consumeReservation,
  freeReservation,
  lockReservation,
  type Reservation,
} from '../inventory/take-reservation.ts';
import { allocate, type Share, type Shortage } from './allocate.ts';
import { orderRefusals } from './order-constraints.ts';
import type { NewOrder, Order } from './order-schema.ts';
import { findSources, type OrderLine, type OrderSources } from './order-sources.ts';
import type { ReadOptions } from './read-orders.ts';
import { DiscountTooLarge, type LineAmounts, lineAmounts, orderTotal, sumOf } from './totals.ts';
import { writeOrder } from './write-order.ts';

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
  const reservation = order.reservationId === undefined ? null : await lockReservation(trx, order.reservationId);
  const find = () => findSources(trx, tenantId, order, placedAt);
  let sources = await find();
  const amounts = amountsOf(sources.lines, order);
  let { shares, short } = allocateOrder(order, sources, reservation);
  const variantIds = sources.lines.map(({ variantId }) => variantId);
  if (short.length > 0 && (await expireReservations(trx, tenantId, variantIds)) > 0) {
    // What nobody came for in time may be had again.
    sources = await find();
    ({ shares, short } = allocateOrder(order, sources, reservation));
  }
  const { lines, customerId, warehouses } = sources;
  if (short.length > 0) throw insufficient(short, lines);
  const msecs = Date.parse(placedAt);
  const id = uuidv7({ msecs });
  const items = lines.map((line, index) => itemOf(line, amounts[index] as LineAmounts, uuidv7({ msecs }), index + 1));
  if (reservation !== null) await freeReservation(trx, tenantId, reservation, id);
  if (sources.allowNegative) await makeStockRows(trx, tenantId, shares);
  const createdAt = await orderRefusals(order.orderNumber === undefined, () =>
    writeOrder(trx, tenantId, {
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
      allocations: shares.map(({ line, warehouseId, quantity }) => ({
        item: items[line]?.id as string,
        warehouse: warehouseId,
        quantity,
      })),
      movements: movementsOf(shares),
    }),
  );
  if (reservation !== null) await consumeReservation(trx, reservation.id, id);
  const codes = new Map(warehouses.map((warehouse) => [warehouse.id, warehouse.code]));
  const place = new Map(warehouses.map((warehouse, index) => [warehouse.id, index]));
  const inPlace = [...shares].sort(
    (a, b) => a.line - b.line || (place.get(a.warehouseId) ?? 0) - (place.get(b.warehouseId) ?? 0),
  );
  const allocations = inPlace.map(({ line, warehouseId, quantity }) => ({
    orderItemId: items[line]?.id as string,
    warehouseId,
    warehouse: codes.get(warehouseId) ?? '',
    quantity,
    shipped: 0,
  }));
  return bodyOf(order, { id, orderNumber, customerId, placedAt, createdAt, allocations }, items, amounts, contacts);
}

/** The warehouse that is named, or all: that of the reservation first, then in the order of their codes. */
function allocateOrder(order: NewOrder, sources: OrderSources, reservation: Reservation | null) {
  const { lines, warehouses, allowNegative } = sources;
  const named = warehouses.find(({ code }) => code === order.warehouse);
  if (order.warehouse !== undefined && named === undefined) {
    throw unprocessable({ path: 'warehouse', message: 'there is no such warehouse' });
  }
  if (reservation === null) {
    const ids = named === undefined ? warehouses.map(({ id }) => id) : [named.id];
    return allocate(lines, sources.levels, { warehouses: ids, allowNegative });
  }
  if (!lines.some(({ variantId }) => variantId === reservation.variant_id)) {
    throw unprocessable({ path: 'reservationId', message: 'is of a variant that this order does not have' });
  }
  if (named !== undefined && named.id !== reservation.warehouse_id) {
    throw unprocessable({ path: 'reservationId', message: 'is of another warehouse' });
  }
  const others = named === undefined ? warehouses.filter(({ id }) => id !== reservation.warehouse_id) : [];
  const levels = sources.levels.map((level) =>
    level.variantId === reservation.variant_id && level.warehouseId === reservation.warehouse_id
      ? { ...level, available: level.available + reservation.quantity }
      : level,
  );
  const ids = [reservation.warehouse_id, ...others.map(({ id }) => id)];
  return allocate(lines, levels, { warehouses: ids, allowNegative });
}

/** What is taken from each stock row. */
function movementsOf(shares: readonly Share[]) {
  const movements = new Map<string, { variant: string; warehouse: string; quantity: number }>();
  for (const { variantId, warehouseId, quantity } of shares) {
    const key = `${variantId} ${warehouseId}`;
    const before = movements.get(key)?.quantity ?? 0;
    movements.set(key, { variant: variantId, warehouse: warehouseId, quantity: before + quantity });
  }
  return [...movements.values()];
}

/** A brand that allows negative stock may sell where there never was any. */
async function makeStockRows(trx: CommerceTransaction, tenantId: string, shares: readonly Share[]): Promise<void> {
  await trx
    .insertInto('inventory')
    .values(
      shares.map(({ variantId, warehouseId }) => ({
        tenant_id: tenantId,
        variant_id: variantId,
        warehouse_id: warehouseId,
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenant_id', 'variant_id', 'warehouse_id']).doNothing())
    .execute();
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
  known: Pick<Order, 'id' | 'orderNumber' | 'customerId' | 'placedAt' | 'createdAt' | 'allocations'>,
  items: readonly Item[],
  amounts: readonly LineAmounts[],
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
    createdAt: known.createdAt,
    updatedAt: known.createdAt,
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
    allocations: known.allocations,
    payments: [],
    shipments: [],
    returns: [],
    ...(contacts ? { addresses: { shipping: address('shipping'), billing: address('billing') } } : {}),
  };
}
