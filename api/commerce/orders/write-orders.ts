import { CompiledQuery } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import { prepared } from '../prepared.ts';

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of orders as they are stored, those of all orders side by side. */
export interface OrderRows {
  readonly orders: readonly Row[];
  readonly items: readonly Row[];
  readonly addresses: readonly Row[];
  readonly allocations: readonly Row[];
  /** In the order in which the orders take their stock. */
  readonly movements: readonly Row[];
}

/** Who did it, from where: columns of an audit entry. */
const BY = `nullif(current_setting('app.current_user_id', true), '')::uuid, nullif(current_setting('app.client_ip', true), '')::inet,
  nullif(current_setting('app.user_agent', true), '')`;

/*
 * All rows of some orders, their stock, events and audit entries in one statement: a third of what they cost when triggers write
 * them. app.import_batch keeps the triggers back for as long as the statement runs: `silent` comes before every insert, the last
 * expression after all. A test compares what it leaves with what the triggers leave.
 * `stock` changes each stock row once; `moved` says what it was before and after each movement.
 * $1 tenant, $2 orders, $3 items, $4 addresses, $5 allocations, $6 movements.
 */
const WRITE = prepared(
  'write orders',
  `WITH silent AS MATERIALIZED (
    SELECT set_config('app.import_batch', 'order', true)
  ),
  orders AS (
    INSERT INTO commerce.orders (tenant_id, id, order_number, customer_id, status, channel, country, currency, is_test, placed_at,
      promised_at, note)
    SELECT $1::uuid, o.* FROM silent, jsonb_to_recordset($2::jsonb) AS o (id uuid, order_number text, customer_id uuid, status text,
      channel text, country text, currency text, is_test boolean, placed_at timestamptz, promised_at timestamptz, note text)
    RETURNING *
  ),
  items AS (
    INSERT INTO commerce.order_items (tenant_id, order_id, id, line_no, variant_id, sku, quantity, unit_price, discount, tax,
      shipping, unit_cost)
    SELECT $1, i.* FROM silent, jsonb_to_recordset($3::jsonb) AS i (order_id uuid, id uuid, line_no integer, variant_id uuid, sku text,
      quantity integer, unit_price numeric, discount numeric, tax numeric, shipping numeric, unit_cost numeric)
    RETURNING *
  ),
  addresses AS (
    INSERT INTO commerce.order_addresses (tenant_id, order_id, kind, name, line1, line2, city, region, postal_code, country)
    SELECT $1, a.* FROM silent, jsonb_to_recordset($4::jsonb) AS a (order_id uuid, kind text, name text, line1 text, line2 text,
      city text, region text, "postalCode" text, country text)
    RETURNING *
  ),
  allocations AS (
    INSERT INTO commerce.order_allocations (tenant_id, order_item_id, warehouse_id, quantity)
    SELECT $1, a.* FROM silent, jsonb_to_recordset($5::jsonb) AS a (item uuid, warehouse uuid, quantity integer)
    RETURNING *
  ),
  movements AS (
    INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type,
      reference_id)
    SELECT $1, m.variant, m.warehouse, 'allocated', m.quantity, 'allocation', 'order', m.order_id
    FROM silent, jsonb_to_recordset($6::jsonb) AS m (order_id uuid, variant uuid, warehouse uuid, quantity integer)
    RETURNING *
  ),
  stock AS (
    UPDATE commerce.inventory i SET allocated = i.allocated + m.quantity
    FROM (SELECT variant_id, warehouse_id, sum(quantity)::integer AS quantity FROM movements GROUP BY variant_id, warehouse_id) m
    WHERE i.tenant_id = $1 AND i.variant_id = m.variant_id AND i.warehouse_id = m.warehouse_id
    RETURNING WITH (OLD AS o) i.id, i.variant_id, i.warehouse_id, o.allocated, o.available
  ),
  moved AS (
    SELECT m.*, s.id AS stock_id, s.allocated AS first_allocated, s.available AS first_available,
      sum(m.quantity) OVER (PARTITION BY m.variant_id, m.warehouse_id ORDER BY m.id)::integer AS taken
    FROM movements m JOIN stock s ON s.variant_id = m.variant_id AND s.warehouse_id = m.warehouse_id
  ),
  entries AS (
    INSERT INTO commerce.audit_logs (tenant_id, actor_id, ip_address, user_agent, resource_type, resource_id, action, old_values,
      new_values)
    SELECT $1, ${BY}, e.* FROM (
      SELECT 'orders', id, 'CREATE', NULL::jsonb, to_jsonb(x) FROM orders x
      UNION ALL SELECT 'order_items', id, 'CREATE', NULL, to_jsonb(x) FROM items x
      UNION ALL SELECT 'order_addresses', id, 'CREATE', NULL, jsonb_build_object('columns',
        (SELECT jsonb_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(x)) WHERE value <> 'null')) FROM addresses x
      UNION ALL SELECT 'order_allocations', id, 'CREATE', NULL, to_jsonb(x) FROM allocations x
      UNION ALL SELECT 'inventory_movements', id, 'CREATE', NULL, to_jsonb(x) FROM movements x
      UNION ALL SELECT 'inventory', stock_id, 'UPDATE',
        jsonb_build_object('allocated', first_allocated + taken - quantity, 'available', first_available - taken + quantity),
        jsonb_build_object('allocated', first_allocated + taken, 'available', first_available - taken) FROM moved
    ) e
    RETURNING 1
  ),
  happened AS (
    INSERT INTO commerce.events (tenant_id, actor_id, id, entity_type, event_type, entity_id, occurred_at, data)
    SELECT $1, nullif(current_setting('app.current_user_id', true), '')::uuid, e.* FROM (
      SELECT uuidv7(now() - clock_timestamp()), 'order', 'order.created', o.id, now(), jsonb_build_object(
          'order_id', o.id, 'order_number', o.order_number, 'customer_id', o.customer_id, 'order_date', o.placed_at,
          'status', o.status, 'channel', o.channel, 'country', o.country, 'currency', o.currency, 'is_test', o.is_test,
          'items', l.items, 'total_amount', l.total::text)
      FROM orders o
      JOIN (
        SELECT i.order_id, jsonb_agg(jsonb_build_object('order_item_id', i.id, 'sku', i.sku, 'quantity', i.quantity,
            'unit_price', i.unit_price::text, 'discount', i.discount::text, 'tax', i.tax::text, 'shipping', i.shipping::text)
            ORDER BY i.line_no) AS items,
          sum(i.unit_price * i.quantity - i.discount + i.tax + i.shipping) AS total
        FROM items i GROUP BY i.order_id
      ) l ON l.order_id = o.id
      UNION ALL
      SELECT uuidv7(), 'order', 'order.confirmed', o.id, clock_timestamp(), jsonb_build_object('order_id', o.id,
        'order_number', o.order_number, 'customer_id', o.customer_id, 'previous_status', 'placed')
      FROM orders o WHERE o.status = 'confirmed'
      UNION ALL
      SELECT uuidv7(), 'stock', 'stock.allocated', m.variant_id, clock_timestamp(), jsonb_build_object('product_id', v.product_id,
        'variant_id', v.id, 'sku', v.sku, 'warehouse_id', m.warehouse_id, 'state', m.state, 'quantity', m.quantity,
        'old_qty', m.first_allocated + m.taken - m.quantity, 'new_qty', m.first_allocated + m.taken, 'reason', m.reason,
        'movement_id', m.id, 'order_id', m.reference_id)
      FROM moved m
      JOIN commerce.product_variants v ON v.tenant_id = m.tenant_id AND v.id = m.variant_id
    ) e
    RETURNING 1
  )
  SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt",
    CASE WHEN (SELECT count(*) FROM entries) + (SELECT count(*) FROM happened) > 0 THEN set_config('app.import_batch', '', true) END`,
);

/** Writes orders; their stock is locked and suffices. Returns when they were created. */
export async function writeOrders(trx: CommerceTransaction, tenantId: string, rows: OrderRows): Promise<string> {
  const { orders, items, addresses, allocations, movements } = rows;
  const json = [orders, items, addresses, allocations, movements].map((value) => JSON.stringify(value));
  const result = await trx.executeQuery<{ createdAt: string }>(CompiledQuery.raw(WRITE, [tenantId, ...json]));
  return result.rows[0]?.createdAt as string;
}
