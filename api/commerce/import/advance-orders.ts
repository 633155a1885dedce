import type { ImportSession } from './import-session.ts';

/**
 * A later export of the same orders knows more: they were shipped, delivered or cancelled meanwhile. Orders that are stored
 * move on as the file says, and never back: an older file changes nothing, and neither does the same one again.
 * `order.<status>` events are written for each status reached. $1 tenant, $2 brand, $3 chunk.
 */
const ADVANCE = `
  WITH ladder (status, step) AS (VALUES ('placed', 1), ('confirmed', 2), ('picked', 3), ('packed', 4), ('partially_shipped', 5),
    ('shipped', 6), ('delivered', 7), ('cancelled', 8)),
  ahead AS (
    SELECT o.id, o.status AS old_status, i.status AS new_status, c.id AS customer_id, o.order_number
    FROM import_orders i
    JOIN commerce.orders o ON o.tenant_id = $1 AND o.id = i.id
    LEFT JOIN commerce.customers c ON c.tenant_id = $1 AND c.id = o.customer_id
    JOIN ladder was ON was.status = o.status JOIN ladder becomes ON becomes.status = i.status
    -- Delivered and cancelled are both ends: neither follows the other.
    WHERE i.brand = $2 AND i.chunk = $3 AND i.existed AND becomes.step > was.step AND o.status <> 'delivered'
  ),
  moved AS (
    UPDATE commerce.orders o SET status = a.new_status,
      cancelled_at = CASE WHEN a.new_status = 'cancelled' THEN coalesce(o.cancelled_at, o.placed_at) ELSE o.cancelled_at END
    FROM ahead a WHERE o.tenant_id = $1 AND o.id = a.id
    RETURNING o.id
  ),
  told AS (
    INSERT INTO commerce.events (tenant_id, event_type, entity_type, entity_id, actor_id, data, metadata)
    SELECT $1::uuid, 'order.' || reached.status, 'order', a.id, nullif(current_setting('app.current_user_id', true), '')::uuid,
      jsonb_build_object('order_id', a.id, 'order_number', a.order_number, 'customer_id', a.customer_id,
        'previous_status', a.old_status),
      jsonb_build_object('import', current_setting('app.import_batch'))
    FROM ahead a CROSS JOIN LATERAL (
      SELECT status FROM commerce.order_statuses_reached(a.old_status, a.new_status) status
      UNION ALL SELECT 'cancelled' WHERE a.new_status = 'cancelled'
    ) reached
  )
  SELECT count(*)::integer AS count FROM moved`;

/** A promise that was unknown becomes known; one that is known stays the first. */
const PROMISES = `
  UPDATE commerce.orders o SET promised_at = i.promised_at
  FROM import_orders i
  WHERE i.brand = $2 AND i.chunk = $3 AND i.existed AND i.promised_at IS NOT NULL AND o.tenant_id = $1 AND o.id = i.id
    AND o.promised_at IS NULL`;

/** The same for the one shipment of an order: times that were unknown. Orders with several are kept by others. */
const SHIPMENTS = `
  WITH moved AS (
    UPDATE commerce.shipments s SET shipped_at = coalesce(s.shipped_at, i.shipped_at),
      delivered_at = coalesce(s.delivered_at, i.delivered_at),
      status = CASE WHEN coalesce(s.delivered_at, i.delivered_at) IS NULL THEN 'shipped' ELSE 'delivered' END
    FROM import_orders i, commerce.shipments was
    WHERE i.brand = $2 AND i.chunk = $3 AND i.existed AND s.tenant_id = $1 AND s.order_id = i.id
      AND was.tenant_id = $1 AND was.id = s.id
      AND ((s.shipped_at IS NULL AND i.shipped_at IS NOT NULL) OR (s.delivered_at IS NULL AND i.delivered_at IS NOT NULL))
      AND NOT EXISTS (SELECT FROM commerce.shipments x WHERE x.tenant_id = $1 AND x.order_id = s.order_id AND x.id <> s.id)
    RETURNING s.*, was.status AS old_status
  )
  INSERT INTO commerce.events (tenant_id, event_type, entity_type, entity_id, actor_id, data, metadata)
  SELECT $1::uuid, 'shipment.' || reached.status, 'shipment', m.id, nullif(current_setting('app.current_user_id', true), '')::uuid,
    jsonb_build_object('shipment_id', m.id, 'order_id', m.order_id, 'warehouse_id', m.warehouse_id, 'carrier', m.carrier,
      'tracking_number', m.tracking_number, 'shipped_at', m.shipped_at, 'delivery_time', m.delivered_at),
    jsonb_build_object('import', current_setting('app.import_batch'))
  FROM moved m, commerce.statuses_reached(ARRAY['created', 'shipped', 'delivered'], m.old_status, m.status) AS reached (status)`;

/** Returns how many stored orders moved on. Within the chunk's transaction, before its new shipments are written. */
export async function advanceOrders(
  session: ImportSession,
  brand: { id: string; slug: string },
  chunk: number,
): Promise<number> {
  const key = [brand.id, brand.slug, chunk];
  const [moved] = await session.query<{ count: number }>(ADVANCE, key);
  await session.query(PROMISES, key);
  await session.query(SHIPMENTS, key);
  return moved?.count ?? 0;
}
