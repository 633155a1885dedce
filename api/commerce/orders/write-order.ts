import { CompiledQuery } from 'kysely';
import type { CommerceTransaction } from '../database.ts';

/** Rows as they are stored, and which stock to take. */
export interface OrderRows {
  readonly tenantId: string;
  readonly order: Readonly<Record<string, string | boolean | null>> & { readonly id: string };
  readonly items: readonly Readonly<Record<string, string | number | null>>[];
  readonly addresses: readonly Readonly<Record<string, string | null>>[];
  /** The only warehouse to take from; null: all. */
  readonly warehouseId: string | null;
  /** The warehouse to take from first. */
  readonly preferredWarehouseId: string | null;
}

export interface Shortage {
  readonly variantId: string;
  readonly wanted: number;
  readonly available: number;
}

export interface WrittenOrder {
  /** Variants of which there is too little: then nothing was written. */
  readonly short: readonly Shortage[];
  readonly allocations: readonly {
    readonly orderItemId: string;
    readonly warehouseId: string;
    readonly warehouse: string;
    readonly quantity: number;
    readonly shipped: number;
  }[];
  readonly createdAt: string;
}

/*
 * Everything in one statement. `levels` locks the stock rows in the order of their variants, so that no two orders wait for each
 * other; after a wait it sees what the other one left. Demand and supply of a variant are laid side by side as
 * running sums: a line takes from a warehouse what overlaps. A brand that allows negative stock takes the rest from the first warehouse.
 * $1 tenant, $2 order, $3 items, $4 addresses, $5 only warehouse, $6 preferred warehouse.
 */
const WRITE = `
  WITH lines AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($3::jsonb) AS l (id uuid, line_no integer, variant_id uuid, sku text, quantity integer,
      unit_price numeric, discount numeric, tax numeric, shipping numeric, unit_cost numeric)
  ),
  levels AS MATERIALIZED (
    SELECT i.variant_id, i.warehouse_id, i.available FROM commerce.inventory i
    WHERE i.tenant_id = $1 AND i.variant_id IN (SELECT variant_id FROM lines) AND ($5::uuid IS NULL OR i.warehouse_id = $5)
    ORDER BY i.variant_id, i.warehouse_id FOR NO KEY UPDATE
  ),
  supply AS MATERIALIZED (
    SELECT l.variant_id, l.warehouse_id, w.code, l.available AS units,
      sum(l.available) OVER (PARTITION BY l.variant_id ORDER BY l.warehouse_id IS DISTINCT FROM $6::uuid, w.code) AS upto
    FROM levels l JOIN commerce.warehouses w ON w.tenant_id = $1 AND w.id = l.warehouse_id
    WHERE l.available > 0
  ),
  demand AS MATERIALIZED (
    SELECT l.id, l.variant_id, l.quantity, sum(l.quantity) OVER (PARTITION BY l.variant_id ORDER BY l.line_no) AS upto,
      coalesce((SELECT max(s.upto) FROM supply s WHERE s.variant_id = l.variant_id), 0) AS supplied
    FROM lines l
  ),
  missing AS MATERIALIZED (
    SELECT d.id, d.variant_id, d.upto, d.supplied, least(d.quantity, d.upto - d.supplied) AS quantity,
      (SELECT w.id FROM commerce.warehouses w
        WHERE t.allow_negative_stock AND w.tenant_id = $1 AND ($5::uuid IS NULL OR w.id = $5)
        ORDER BY w.id IS DISTINCT FROM $6::uuid, w.code LIMIT 1) AS warehouse_id
    FROM demand d JOIN commerce.tenants t ON t.id = $1
    WHERE d.upto > d.supplied
  ),
  short AS MATERIALIZED (
    SELECT variant_id, max(upto) AS wanted, max(supplied) AS available FROM missing WHERE warehouse_id IS NULL GROUP BY variant_id
  ),
  shares AS MATERIALIZED (
    SELECT id, variant_id, warehouse_id, sum(quantity)::integer AS quantity FROM (
      SELECT d.id, d.variant_id, s.warehouse_id, least(d.upto, s.upto) - greatest(d.upto - d.quantity, s.upto - s.units) AS quantity
      FROM demand d JOIN supply s
        ON s.variant_id = d.variant_id AND s.upto - s.units < d.upto AND d.upto - d.quantity < s.upto
      UNION ALL
      SELECT id, variant_id, warehouse_id, quantity FROM missing
    ) taken
    WHERE NOT EXISTS (SELECT FROM short)
    GROUP BY id, variant_id, warehouse_id
  ),
  new_order AS (
    INSERT INTO commerce.orders (tenant_id, id, order_number, customer_id, status, channel, country, currency, is_test, placed_at,
      promised_at, note)
    SELECT $1, o.* FROM jsonb_to_record($2::jsonb) AS o (id uuid, order_number text, customer_id uuid, status text, channel text,
      country text, currency text, is_test boolean, placed_at timestamptz, promised_at timestamptz, note text)
    WHERE NOT EXISTS (SELECT FROM short)
  ),
  new_items AS (
    INSERT INTO commerce.order_items (tenant_id, order_id, id, line_no, variant_id, sku, quantity, unit_price, discount, tax,
      shipping, unit_cost)
    SELECT $1, ($2::jsonb ->> 'id')::uuid, l.* FROM lines l WHERE NOT EXISTS (SELECT FROM short)
  ),
  new_addresses AS (
    INSERT INTO commerce.order_addresses (tenant_id, order_id, kind, name, line1, line2, city, region, postal_code, country)
    SELECT $1, ($2::jsonb ->> 'id')::uuid, a.* FROM jsonb_to_recordset($4::jsonb) AS a (kind text, name text, line1 text,
      line2 text, city text, region text, "postalCode" text, country text)
    WHERE NOT EXISTS (SELECT FROM short)
  ),
  new_allocations AS (
    INSERT INTO commerce.order_allocations (tenant_id, order_item_id, warehouse_id, quantity)
    SELECT $1, id, warehouse_id, quantity FROM shares
  ),
  new_movements AS (
    INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id)
    SELECT $1, variant_id, warehouse_id, 'allocated', sum(quantity), 'allocation', 'order', ($2::jsonb ->> 'id')::uuid
    FROM shares GROUP BY variant_id, warehouse_id
  )
  SELECT
    coalesce((SELECT json_agg(json_build_object('variantId', variant_id, 'wanted', wanted, 'available', available)) FROM short), '[]')
      AS short,
    coalesce((SELECT json_agg(json_build_object('orderItemId', s.id, 'warehouseId', s.warehouse_id, 'warehouse', w.code,
        'quantity', s.quantity, 'shipped', 0) ORDER BY l.line_no, w.code)
      FROM shares s JOIN lines l ON l.id = s.id JOIN commerce.warehouses w ON w.tenant_id = $1 AND w.id = s.warehouse_id), '[]')
      AS allocations,
    to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt"`;

/** Writes an order with its lines and addresses and allocates its stock, or nothing when there is too little. */
export async function writeOrder(trx: CommerceTransaction, rows: OrderRows): Promise<WrittenOrder> {
  const { tenantId, order, items, addresses, warehouseId, preferredWarehouseId } = rows;
  const json = [order, items, addresses].map((value) => JSON.stringify(value));
  const result = await trx.executeQuery<WrittenOrder>(
    CompiledQuery.raw(WRITE, [tenantId, ...json, warehouseId, preferredWarehouseId]),
  );
  return result.rows[0] as WrittenOrder;
}
