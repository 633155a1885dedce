/**
 * Domain events of the demo's history, in the shape the triggers give them (sql/postgres/0005_events.sql), written set-based from
 * the staged rows. Unlike those of an import they are dated by the time of business: the demo stands for a system that was there.
 */
const insert = (select: string) => `
  INSERT INTO commerce.events (tenant_id, id, event_type, entity_type, entity_id, occurred_at, data, metadata)
  SELECT $1::uuid, uuidv7(at - now()), type, split_part(type, '.', 1), entity, at, data,
    jsonb_build_object('import', current_setting('app.import_batch'))
  FROM (${select}) AS event (type, entity, at, data)
  ORDER BY at`;

/** One row per time in `times` that has come: `$prefix.$status`. */
const reached = (prefix: string, times: Readonly<Record<string, string>>) => `
  CROSS JOIN LATERAL (VALUES ${Object.entries(times)
    .map(([status, column]) => `('${prefix}.${status}', ${column})`)
    .join(', ')}) AS reached (type, at)
  WHERE reached.at IS NOT NULL`;

export const EVENTS = {
  /** Totals and the number of lines instead of the lines, as the importer does. */
  'order.created': insert(`
    SELECT 'order.created', id, placed_at, jsonb_build_object('order_id', id, 'order_number', order_number,
      'customer_id', customer_id, 'order_date', placed_at, 'status', 'placed', 'channel', channel, 'country', country,
      'currency', currency, 'is_test', false, 'line_count', line_count, 'total_amount', total::text)
    FROM demo_orders`),
  'order statuses': insert(`
    SELECT reached.type, o.id, reached.at, jsonb_build_object('order_id', o.id, 'order_number', o.order_number,
      'customer_id', o.customer_id)
    FROM demo_orders o ${reached('order', {
      confirmed: 'o.confirmed_at',
      // An order that has left needs no event of how it was made ready (commerce.order_statuses_reached).
      picked: "CASE WHEN o.status = 'picked' THEN o.picked_at END",
      packed: "CASE WHEN o.status = 'packed' THEN o.packed_at END",
      partially_shipped: "CASE WHEN o.status = 'partially_shipped' THEN o.partially_shipped_at END",
      shipped: 'o.shipped_at',
      delivered: 'o.delivered_at',
      cancelled: 'o.cancelled_at',
    })}`),
  payments: insert(`
    SELECT 'payment.' || status, id, attempted_at, jsonb_build_object('payment_id', id, 'order_id', order_id,
      'amount', amount::text, 'currency', currency, 'method', method)
    FROM demo_payments`),
  shipments: insert(`
    SELECT reached.type, s.id, reached.at, jsonb_build_object('shipment_id', s.id, 'order_id', s.order_id,
      'warehouse_id', s.warehouse_id, 'carrier', s.carrier, 'tracking_number', s.tracking_number, 'shipped_at', s.shipped_at,
      'delivery_time', s.delivered_at)
    FROM demo_shipments s ${reached('shipment', { created: 's.created_at', shipped: 's.shipped_at', delivered: 's.delivered_at' })}`),
  returns: insert(`
    SELECT reached.type, r.id, reached.at, jsonb_build_object('return_id', r.id, 'return_number', r.return_number,
      'order_id', r.order_id, 'customer_id', r.customer_id, 'currency', r.currency, 'refunded_at', r.refunded_at)
    FROM demo_returns r ${reached('return', { requested: 'r.created_at', received: 'r.received_at', refunded: 'r.refunded_at' })}`),
  movements: insert(`
    SELECT commerce.movement_event_type(m.state, m.quantity, m.reason), m.variant_id, m.moved_at,
      jsonb_build_object('product_id', v.product_id, 'variant_id', v.id, 'sku', v.sku, 'warehouse_id', m.warehouse_id,
        'state', m.state, 'quantity', abs(m.quantity), 'old_qty', m.new_qty - m.quantity, 'new_qty', m.new_qty,
        'reason', m.reason, 'movement_id', m.id)
      || CASE WHEN m.reference_type IS NULL THEN '{}' ELSE jsonb_build_object(m.reference_type || '_id', m.reference_id) END
    FROM (
      SELECT *, sum(quantity) OVER (PARTITION BY variant_id, warehouse_id, state ORDER BY moved_at, id) AS new_qty
      FROM demo_inventory_movements
    ) m
    JOIN demo_product_variants v ON v.id = m.variant_id`),
} as const;
