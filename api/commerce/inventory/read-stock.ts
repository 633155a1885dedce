import { type RawBuilder, sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import type { Reservation, StockLevel, StockMovement } from './inventory-schema.ts';

const utc = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Adds SKU and warehouse code to rows `x` of a table with variant_id and warehouse_id. */
const named = (table: string) => `commerce.${table} x
  JOIN commerce.product_variants v ON v.tenant_id = x.tenant_id AND v.id = x.variant_id
  JOIN commerce.warehouses w ON w.tenant_id = x.tenant_id AND w.id = x.warehouse_id`;

const NAMES = `x.id, x.variant_id AS "variantId", v.sku, x.warehouse_id AS "warehouseId", w.code AS warehouse`;

export interface StockFilters {
  readonly sku?: string | undefined;
  readonly variantId?: string | undefined;
  readonly warehouse?: string | undefined;
}

/** At most `count` rows with ids below `before` (null: from the start), newest first. */
export interface Place {
  readonly before: string | null;
  readonly count: number;
}

function page(
  filters: StockFilters,
  { before, count }: Place,
  more: readonly RawBuilder<unknown>[] = [],
): RawBuilder<unknown> {
  const conditions = [
    sql`true`,
    ...(before === null ? [] : [sql`x.id < ${before}::uuid`]),
    ...(filters.sku === undefined ? [] : [sql`v.sku = ${filters.sku}`]),
    ...(filters.variantId === undefined ? [] : [sql`x.variant_id = ${filters.variantId}::uuid`]),
    ...(filters.warehouse === undefined ? [] : [sql`w.code = ${filters.warehouse}`]),
    ...more,
  ];
  return sql`WHERE ${sql.join(conditions, sql` AND `)} ORDER BY x.id DESC LIMIT ${count}`;
}

const onlyId = (id: string): RawBuilder<unknown> => sql`x.id = ${id}::uuid`;
const ONE: Place = { before: null, count: 1 };

export async function readLevels(
  trx: CommerceTransaction,
  { lowStock, ...filters }: StockFilters & { readonly lowStock?: boolean | undefined },
  place: Place,
): Promise<StockLevel[]> {
  const low = sql`x.available <= coalesce(x.reorder_point, v.reorder_point)`;
  const more = lowStock === undefined ? [] : [lowStock ? low : sql`(${low}) IS NOT TRUE`];
  const { rows } = await sql<StockLevel>`
    SELECT ${sql.raw(NAMES)}, x.on_hand AS "onHand", x.allocated, x.reserved, x.damaged, x.incoming, x.available,
      coalesce(x.reorder_point, v.reorder_point) AS "reorderPoint", ${sql.raw(utc('x.updated_at'))} AS "updatedAt"
    FROM ${sql.raw(named('inventory'))} ${page(filters, place, more)}`.execute(trx);
  return rows;
}

export interface MovementFilters extends StockFilters {
  readonly reason?: string | undefined;
  readonly state?: string | undefined;
  readonly referenceId?: string | undefined;
  /** Inclusive. */
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
}

export async function readMovements(
  trx: CommerceTransaction,
  { reason, state, referenceId, from, to, ...filters }: MovementFilters,
  place: Place,
): Promise<StockMovement[]> {
  const more = [
    ...(reason === undefined ? [] : [sql`x.reason = ${reason}`]),
    ...(state === undefined ? [] : [sql`x.state = ${state}`]),
    ...(referenceId === undefined ? [] : [sql`x.reference_id = ${referenceId}::uuid`]),
    ...(from === undefined ? [] : [sql`x.moved_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`x.moved_at < ${to}::timestamptz`]),
  ];
  return selectMovements(trx, page(filters, place, more), sql`DESC`);
}

/** Movements by id, in the order they were made. */
export async function movementsById(trx: CommerceTransaction, ids: readonly string[]): Promise<StockMovement[]> {
  return selectMovements(trx, sql`WHERE x.id = ANY (${[...ids]}::uuid[])`, sql`ASC`);
}

/** The page is cut first, so that whoever stands behind a movement is looked up for its rows only. */
async function selectMovements(
  trx: CommerceTransaction,
  which: RawBuilder<unknown>,
  direction: RawBuilder<unknown>,
): Promise<StockMovement[]> {
  const { rows } = await sql<StockMovement>`
    WITH m AS MATERIALIZED (
      SELECT x.tenant_id, ${sql.raw(NAMES)}, x.state, x.quantity, x.reason, x.reference_type, x.reference_id, x.note, x.actor_id,
        x.moved_at
      FROM ${sql.raw(named('inventory_movements'))} ${which}
    )
    SELECT m.id, m."variantId", m.sku, m."warehouseId", m.warehouse, m.state, m.quantity, m.reason,
      m.reference_type AS "referenceType", m.reference_id AS "referenceId", o.id AS "orderId", o.order_number AS "orderNumber",
      m.note, m.actor_id AS "actorId", coalesce(u.name, k.name) AS "actorName", ${sql.raw(utc('m.moved_at'))} AS "movedAt"
    FROM m
    LEFT JOIN commerce.shipments s ON m.reference_type = 'shipment' AND s.tenant_id = m.tenant_id AND s.id = m.reference_id
    LEFT JOIN commerce.returns r ON m.reference_type = 'return' AND r.tenant_id = m.tenant_id AND r.id = m.reference_id
    LEFT JOIN commerce.orders o ON o.tenant_id = m.tenant_id
      AND o.id = CASE m.reference_type WHEN 'order' THEN m.reference_id WHEN 'shipment' THEN s.order_id WHEN 'return' THEN r.order_id END
    LEFT JOIN commerce.users u ON u.tenant_id = m.tenant_id AND u.id = m.actor_id
    LEFT JOIN commerce.api_keys k ON k.tenant_id = m.tenant_id AND k.id = m.actor_id
    ORDER BY m.id ${direction}`.execute(trx);
  return rows;
}

export async function readReservations(
  trx: CommerceTransaction,
  { status, ...filters }: StockFilters & { readonly status?: string | undefined },
  place: Place,
): Promise<Reservation[]> {
  return selectReservations(trx, page(filters, place, status === undefined ? [] : [sql`x.status = ${status}`]));
}

export async function reservationById(trx: CommerceTransaction, id: string): Promise<Reservation | undefined> {
  return (await selectReservations(trx, page({}, ONE, [onlyId(id)])))[0];
}

async function selectReservations(trx: CommerceTransaction, which: RawBuilder<unknown>): Promise<Reservation[]> {
  const { rows } = await sql<Reservation>`
    SELECT ${sql.raw(NAMES)}, x.quantity, x.status, ${sql.raw(utc('x.expires_at'))} AS "expiresAt", x.order_id AS "orderId",
      ${sql.raw(utc('x.created_at'))} AS "createdAt"
    FROM ${sql.raw(named('reservations'))} ${which}`.execute(trx);
  return rows;
}
