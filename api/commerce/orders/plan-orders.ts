import { v7 as uuidv7 } from 'uuid';
import { invalid, Problem, unprocessable } from '../../problem.ts';
import type { Reservation } from '../inventory/take-reservation.ts';
import { allocate, type Level, type Share, type Shortage } from './allocate.ts';
import type { NewOrder } from './order-schema.ts';
import { customerOf, type OrderLine, type OrderSources, pricedLines } from './order-sources.ts';
import { DiscountTooLarge, type LineAmounts, lineAmounts } from './totals.ts';

const YEARS_BACK = 10;

/** An order that somebody wants to place. */
export interface OrderRequest {
  readonly order: NewOrder;
  /** Chosen by the client, or drawn. */
  readonly orderNumber: string;
  /** Whether the answer shows personal data. */
  readonly contacts: boolean;
  readonly placedAt: string;
}

/** What placing it will write. */
export interface OrderPlan {
  readonly request: OrderRequest;
  readonly id: string;
  readonly placedAt: string;
  /** Null where it has none, or brings a number that is new. */
  readonly customerId: string | null;
  readonly items: readonly PlannedItem[];
  /** Of the items, in their order. */
  readonly amounts: readonly LineAmounts[];
  readonly shares: readonly Share[];
  readonly reservation: Reservation | null;
  readonly warehouses: OrderSources['warehouses'];
}

export type PlannedItem = ReturnType<typeof itemOf>;

/**
 * Prices orders, computes their amounts and allocates stock to them in their order: what an earlier one takes is gone for a later one.
 * Each is a plan, or the problem why it can't be placed, which takes nothing. Pure but for the ids it draws.
 */
export function planOrders(
  requests: readonly OrderRequest[],
  sources: OrderSources,
  reservations: ReadonlyMap<string, Reservation | Problem>,
  now: string,
): (OrderPlan | Problem)[] {
  const levels = new Map(sources.levels);
  const left = new Map(reservations);
  return requests.map((request) => {
    try {
      const reservation = reservationOf(request.order, left);
      const plan = planOrder(request, { ...sources, levels }, reservation, now);
      if (reservation !== null) left.set(reservation.id, taken());
      return plan;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  });
}

interface Stock extends OrderSources {
  readonly levels: Map<string, readonly Level[]>;
}

/** Takes the order's units from the stock's levels when it succeeds. */
function planOrder(request: OrderRequest, stock: Stock, reservation: Reservation | null, now: string): OrderPlan {
  const { order, placedAt } = request;
  requireSensibleTimes(order, placedAt, now);
  const lines = pricedLines(order, stock, placedAt);
  const customerId = customerOf(order, stock);
  const amounts = amountsOf(lines, order);
  const shares = takeStock(order, lines, stock, reservation);
  const msecs = Date.parse(placedAt);
  const id = uuidv7({ msecs });
  const items = lines.map((line, index) => itemOf(line, amounts[index] as LineAmounts, uuidv7({ msecs }), index + 1));
  return { request, id, placedAt, customerId, items, amounts, shares, reservation, warehouses: stock.warehouses };
}

function reservationOf(
  { reservationId }: NewOrder,
  left: ReadonlyMap<string, Reservation | Problem>,
): Reservation | null {
  const found = reservationId === undefined ? null : (left.get(reservationId.toLowerCase()) ?? null);
  if (found instanceof Problem) throw found;
  return found;
}

function taken(): Problem {
  const errors = [{ path: 'reservationId', message: 'is consumed' }];
  return new Problem('conflict', 'The reservation is consumed.', { errors });
}

/** From the warehouse that is named, or from all: that of the reservation first, then in the order of their codes. */
function takeStock(
  order: NewOrder,
  lines: readonly OrderLine[],
  stock: Stock,
  reservation: Reservation | null,
): Share[] {
  const before = [...new Set(lines.map(({ variantId }) => variantId))].flatMap((id) => stock.levels.get(id) ?? []);
  const levels = reservation === null ? before : withReserved(before, reservation);
  const warehouses = warehousesFor(order, lines, stock.warehouses, reservation);
  const { shares, short } = allocate(lines, levels, { warehouses, allowNegative: stock.allowNegative });
  if (short.length > 0) throw insufficient(short, lines);
  for (const level of levels) {
    const others = (stock.levels.get(level.variantId) ?? []).filter(
      ({ warehouseId }) => warehouseId !== level.warehouseId,
    );
    stock.levels.set(level.variantId, [...others, { ...level, available: level.available - unitsFrom(shares, level) }]);
  }
  return shares;
}

function unitsFrom(shares: readonly Share[], { variantId, warehouseId }: Level): number {
  return shares
    .filter((share) => share.variantId === variantId && share.warehouseId === warehouseId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

function withReserved(levels: readonly Level[], { variant_id, warehouse_id, quantity }: Reservation): Level[] {
  return levels.map((level) =>
    level.variantId === variant_id && level.warehouseId === warehouse_id
      ? { ...level, available: level.available + quantity }
      : level,
  );
}

/** Ids, in the order in which they are tried. */
function warehousesFor(
  order: NewOrder,
  lines: readonly OrderLine[],
  warehouses: OrderSources['warehouses'],
  reservation: Reservation | null,
): string[] {
  const named = warehouses.find(({ code }) => code === order.warehouse);
  if (order.warehouse !== undefined && named === undefined) {
    throw unprocessable({ path: 'warehouse', message: 'there is no such warehouse' });
  }
  const ids = named === undefined ? warehouses.map(({ id }) => id) : [named.id];
  if (reservation === null) return ids;
  if (!lines.some(({ variantId }) => variantId === reservation.variant_id)) {
    throw unprocessable({ path: 'reservationId', message: 'is of a variant that this order does not have' });
  }
  if (named !== undefined && named.id !== reservation.warehouse_id) {
    throw unprocessable({ path: 'reservationId', message: 'is of another warehouse' });
  }
  return [reservation.warehouse_id, ...ids.filter((id) => id !== reservation.warehouse_id)];
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
