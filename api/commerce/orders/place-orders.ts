import { Problem } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { expireReservations } from '../inventory/expire-reservations.ts';
import { stockRefusals } from '../inventory/stock-constraints.ts';
import {
  consumeReservation,
  freeReservation,
  lockReservation,
  type Reservation,
} from '../inventory/take-reservation.ts';
import type { Share } from './allocate.ts';
import { orderBody } from './order-body.ts';
import { orderRefusals } from './order-constraints.ts';
import type { NewOrder, Order } from './order-schema.ts';
import { createCustomer, findSources } from './order-sources.ts';
import { type OrderPlan, planOrders } from './plan-orders.ts';
import { type OrderRows, writeOrders } from './write-orders.ts';

/** An order that somebody wants to place. */
export interface OrderToPlace {
  readonly order: NewOrder;
  /** Chosen by the client, or drawn. */
  readonly orderNumber: string;
  /** Whether the answer shows personal data. */
  readonly contacts: boolean;
  /** Asked once, before rows are written: false for one that nobody waits for any more. */
  readonly isWanted?: () => boolean;
}

/**
 * Places orders of one brand in their order, in the transaction it is given: finds what they refer to and locks their stock (one
 * statement), plans each ({@link planOrders}), writes them all (one statement). Each is placed, or refused by a problem of its own and
 * leaves nothing: `insufficient-stock`, which names what there is; `unprocessable` for what it refers to. What the database refuses
 * (a taken number) is thrown, as a problem or NumberTaken, and ends the transaction for all of them.
 */
export async function placeOrders(
  trx: CommerceTransaction,
  tenantId: string,
  orders: readonly OrderToPlace[],
): Promise<(Order | Problem)[]> {
  const now = `${new Date().toISOString().slice(0, -1)}000Z`;
  const requests = orders.map((request) => ({ ...request, placedAt: request.order.placedAt ?? now }));
  const reservations = await lockReservations(trx, orders);
  const plan = async () => {
    const sources = await findSources(trx, tenantId, requests);
    return { sources, plans: planOrders(requests, sources, reservations, now) };
  };
  let { sources, plans } = await plan();
  const isShort = plans.some((result) => result instanceof Problem && result.type === 'insufficient-stock');
  // What nobody came for in time may be had again.
  if (isShort && (await expireReservations(trx, tenantId, [...sources.levels.keys()])) > 0) {
    ({ sources, plans } = await plan());
  }
  const wanted = plans.map((result, index) => {
    if (result instanceof Problem || orders[index]?.isWanted?.() !== false) return result;
    return new Problem('client-closed-request', 'The client closed the connection.');
  });
  const toWrite = wanted.flatMap((result) => (result instanceof Problem ? [] : [result]));
  const bodies = await write(trx, tenantId, toWrite, sources.allowNegative);
  return wanted.map((result) => (result instanceof Problem ? result : (bodies.get(result) as Order)));
}

/** By id. Locked before any stock, in one order; a problem for one that can't be had. */
async function lockReservations(trx: CommerceTransaction, orders: readonly OrderToPlace[]) {
  const ids = new Set(orders.flatMap(({ order: { reservationId } }) => reservationId?.toLowerCase() ?? []));
  const reservations = new Map<string, Reservation | Problem>();
  for (const id of [...ids].sort()) {
    const found = await lockReservation(trx, id).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    reservations.set(id, found);
  }
  return reservations;
}

async function write(
  trx: CommerceTransaction,
  tenantId: string,
  plans: readonly OrderPlan[],
  allowNegative: boolean,
): Promise<Map<OrderPlan, Order>> {
  if (plans.length === 0) return new Map();
  const customers = await customersOf(trx, tenantId, plans);
  for (const { reservation, id } of plans)
    if (reservation !== null) await freeReservation(trx, tenantId, reservation, id);
  if (allowNegative)
    await makeStockRows(
      trx,
      tenantId,
      plans.flatMap(({ shares }) => shares),
    );
  const areDrawn = plans.every(({ request }) => request.order.orderNumber === undefined);
  const rows = rowsOf(plans, customers);
  const createdAt = await orderRefusals(areDrawn, () => stockRefusals(() => writeOrders(trx, tenantId, rows)));
  for (const { reservation, id } of plans) if (reservation !== null) await consumeReservation(trx, reservation.id, id);
  return new Map(plans.map((plan) => [plan, orderBody(plan, { customerId: customers.get(plan) ?? null, createdAt })]));
}

/** Those whose numbers are new are made. */
async function customersOf(trx: CommerceTransaction, tenantId: string, plans: readonly OrderPlan[]) {
  const made = new Map<string, string>();
  const customers = new Map<OrderPlan, string | null>();
  for (const plan of plans) {
    const { order } = plan.request;
    const number = order.customerNumber;
    if (plan.customerId === null && number !== undefined && !made.has(number)) {
      made.set(number, await createCustomer(trx, tenantId, order));
    }
    customers.set(plan, plan.customerId ?? made.get(number ?? '') ?? null);
  }
  return customers;
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

function rowsOf(plans: readonly OrderPlan[], customers: ReadonlyMap<OrderPlan, string | null>): OrderRows {
  return {
    orders: plans.map((plan) => ({
      id: plan.id,
      order_number: plan.request.orderNumber,
      customer_id: customers.get(plan) ?? null,
      status: plan.request.order.status,
      channel: plan.request.order.channel ?? null,
      country: plan.request.order.country ?? null,
      currency: plan.request.order.currency,
      is_test: plan.request.order.isTest,
      placed_at: plan.placedAt,
      promised_at: plan.request.order.promisedAt ?? null,
      note: plan.request.order.note ?? null,
    })),
    items: plans.flatMap(({ id, items }) => items.map((item) => ({ order_id: id, ...item }))),
    addresses: plans.flatMap(({ id, request }) =>
      Object.entries(request.order.addresses ?? {}).map(([kind, address]) => ({ order_id: id, kind, ...address })),
    ),
    allocations: plans.flatMap(({ items, shares }) =>
      shares.map(({ line, warehouseId, quantity }) => ({
        item: items[line]?.id as string,
        warehouse: warehouseId,
        quantity,
      })),
    ),
    movements: plans.flatMap(({ id, shares }) => movementsOf(id, shares)),
  };
}

/** What an order takes from each stock row. */
function movementsOf(orderId: string, shares: readonly Share[]) {
  const movements = new Map<string, { order_id: string; variant: string; warehouse: string; quantity: number }>();
  for (const { variantId, warehouseId, quantity } of shares) {
    const key = `${variantId} ${warehouseId}`;
    const before = movements.get(key)?.quantity ?? 0;
    movements.set(key, { order_id: orderId, variant: variantId, warehouse: warehouseId, quantity: before + quantity });
  }
  return [...movements.values()];
}
