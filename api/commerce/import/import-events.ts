/**
 * Domain events of imported entities, written set-based in the transaction that writes the entities, in the shape the
 * triggers give them (sql/postgres: events). Dated now: that is when this system learnt of them; the business times are
 * in their data. `order.created` carries totals and the number of lines instead of the lines: half a million imported lines
 * would otherwise be written twice.
 */

const EVENT = `INSERT INTO commerce.events (tenant_id, event_type, entity_type, entity_id, actor_id, data, metadata)`;
const ACTOR = `nullif(current_setting('app.current_user_id', true), '')::uuid`;
const METADATA = `jsonb_build_object('import', current_setting('app.import_batch'))`;

const ORDER_STATUS = `jsonb_build_object('order_id', o.id, 'order_number', o.order_id, 'customer_id', c.id,
  'previous_status', 'placed')`;

/** Of a chunk's new orders ($1 tenant, $2 brand, $3 chunk): created, and each status they have reached. */
export const ORDER_EVENTS = [
  `${EVENT}
   SELECT $1::uuid, 'order.created', 'order', o.id, ${ACTOR}, jsonb_build_object('order_id', o.id, 'order_number', o.order_id,
     'customer_id', c.id, 'order_date', o.placed_at, 'status', coalesce(o.status, 'confirmed'), 'channel', o.channel,
     'country', o.country, 'currency', o.currency, 'is_test', false, 'line_count', t.lines, 'total_amount', t.total::text),
     ${METADATA}
   FROM import_orders o
   JOIN (
     SELECT order_id, count(*) AS lines,
       sum(unit_price * quantity - coalesce(discount, 0) + coalesce(tax, 0) + coalesce(shipping, 0)) AS total
     FROM import_lines WHERE brand = $2 AND chunk = $3 AND type = 'sale' AND reason IS NULL GROUP BY order_id
   ) t ON t.order_id = o.order_id
   LEFT JOIN import_customers c ON c.brand = o.brand AND c.customer = o.customer
   WHERE o.brand = $2 AND o.chunk = $3 AND NOT o.existed
   ORDER BY o.id`,
  `${EVENT}
   SELECT $1::uuid, 'order.' || reached.status, 'order', o.id, ${ACTOR}, ${ORDER_STATUS}, ${METADATA}
   FROM import_orders o
   LEFT JOIN import_customers c ON c.brand = o.brand AND c.customer = o.customer
   CROSS JOIN LATERAL (
     SELECT status FROM commerce.statuses_reached(ARRAY['placed', 'confirmed', 'shipped', 'delivered'], 'placed',
       coalesce(o.status, 'confirmed')) status
     UNION ALL SELECT 'cancelled' WHERE o.status = 'cancelled'
   ) reached
   WHERE o.brand = $2 AND o.chunk = $3 AND NOT o.existed
   ORDER BY o.id`,
];

/** Wraps an INSERT … RETURNING * into a statement that also writes events of the new rows and tells how many rows were new. */
function insertedWithEvents(insert: string, events: string): string {
  return `WITH inserted AS (${insert} RETURNING *), events AS (${EVENT} ${events}) SELECT count(*)::integer AS count FROM inserted`;
}

export const withShipmentEvents = (insert: string): string =>
  insertedWithEvents(
    insert,
    `SELECT n.tenant_id, 'shipment.' || reached.status, 'shipment', n.id, ${ACTOR}, jsonb_build_object('shipment_id', n.id,
       'order_id', n.order_id, 'warehouse_id', n.warehouse_id, 'carrier', n.carrier, 'tracking_number', n.tracking_number,
       'shipped_at', n.shipped_at, 'delivery_time', n.delivered_at), ${METADATA}
     FROM inserted n, commerce.statuses_reached(ARRAY['created', 'shipped', 'delivered'], NULL, n.status) AS reached (status)`,
  );

export const withReturnEvents = (insert: string): string =>
  insertedWithEvents(
    insert,
    `SELECT n.tenant_id, 'return.' || reached.status, 'return', n.id, ${ACTOR}, jsonb_build_object('return_id', n.id,
       'return_number', n.return_number, 'order_id', n.order_id, 'customer_id', n.customer_id, 'currency', n.currency,
       'refunded_at', n.refunded_at), ${METADATA}
     FROM inserted n, commerce.statuses_reached(ARRAY['requested', 'received', 'refunded'], NULL, n.status) AS reached (status)`,
  );

/** Of a brand's new stock movements ($1 tenant, $2 brand, $3 warehouse), with the stock before and after each. */
export const MOVEMENT_EVENTS = `${EVENT}
  SELECT $1::uuid, 'inventory.adjusted', 'inventory', m.variant_id, ${ACTOR}, jsonb_build_object('product_id', s.product_id,
    'variant_id', m.variant_id, 'sku', s.sku, 'warehouse_id', $3::uuid, 'state', 'on_hand', 'quantity', abs(m.quantity),
    'old_qty', m.before + m.moved - m.quantity, 'new_qty', m.before + m.moved,
    'reason', CASE WHEN m.opening THEN 'opening_balance' ELSE 'adjustment' END, 'movement_id', m.id), ${METADATA}
  FROM (
    SELECT m.*, i.on_hand AS before, sum(m.quantity) OVER (PARTITION BY m.variant_id ORDER BY m.moved_at, m.record) AS moved
    FROM import_movements m
    JOIN commerce.inventory i ON i.tenant_id = $1 AND i.variant_id = m.variant_id AND i.warehouse_id = $3
    WHERE m.brand = $2 AND NOT m.existed
  ) m
  JOIN import_skus s ON s.brand = m.brand AND s.variant_id = m.variant_id
  ORDER BY m.moved_at, m.record`;
