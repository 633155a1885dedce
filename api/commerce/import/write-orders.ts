import { entityId, idTime } from './entity-id.ts';
import { ORDER_EVENTS, withShipmentEvents } from './import-events.ts';
import type { ImportSession } from './import-session.ts';

/**
 * The brand's orders as the file has them. Columns of the order come from its first row that gives them (rows that
 * contradict each other never get here); shipped is the earliest and delivered the latest time of any row. The status is the
 * furthest that a row states or its times prove; null: the file says nothing.
 */
const COLLECT = `
  INSERT INTO import_orders (brand, chunk, order_id, id, existed, id_time, placed_at, customer, currency, status, channel,
    country, promised_at, shipped_at, delivered_at, line)
  SELECT $2::text, chunk, order_id, ${entityId('id_time', '$1', 'order', 'order_id')}, false, id_time, placed_at, customer, currency,
    CASE WHEN stated = 'cancelled' THEN stated
         WHEN delivered_at IS NOT NULL THEN 'delivered'
         WHEN shipped_at IS NOT NULL AND stated IS DISTINCT FROM 'delivered' THEN 'shipped'
         ELSE stated END,
    channel, country, promised_at, shipped_at, delivered_at, line
  FROM (
    SELECT *, ${idTime('placed_at')} AS id_time FROM (
      SELECT chunk, order_id, min(placed_at) AS placed_at, min(customer) AS customer, coalesce(min(currency), $3) AS currency,
        min(status) AS stated,
        (array_agg(channel ORDER BY record) FILTER (WHERE channel IS NOT NULL))[1] AS channel,
        (array_agg(country ORDER BY record) FILTER (WHERE country IS NOT NULL))[1] AS country,
        (array_agg(promised_at ORDER BY record) FILTER (WHERE promised_at IS NOT NULL))[1] AS promised_at,
        min(shipped_at) AS shipped_at, max(delivered_at) AS delivered_at, min(line) AS line
      FROM import_lines WHERE brand = $2 AND reason IS NULL AND type = 'sale'
      GROUP BY chunk, order_id
    ) grouped
  ) timed`;

/** Orders the brand has already, by number: they keep their id. */
const RECOGNISE = `
  UPDATE import_orders i SET id = o.id, existed = true
  FROM commerce.orders o
  WHERE i.brand = $2 AND i.chunk = $3 AND o.tenant_id = $1 AND o.order_number = i.order_id`;

const ORDERS = `
  INSERT INTO commerce.orders (tenant_id, id, order_number, customer_id, status, channel, country, currency, placed_at,
    promised_at, cancelled_at)
  SELECT $1::uuid, o.id, o.order_id, c.id, coalesce(o.status, 'confirmed'), o.channel, o.country, o.currency, o.placed_at,
    -- The file has no time of cancellation: that of the order stands in.
    o.promised_at, CASE WHEN o.status = 'cancelled' THEN o.placed_at END
  FROM import_orders o LEFT JOIN import_customers c ON c.brand = o.brand AND c.customer = o.customer
  WHERE o.brand = $2 AND o.chunk = $3 AND NOT o.existed
  ORDER BY o.id`;

/**
 * The lines of the chunk's orders. `stored`: some of the orders are there already, so some of the lines may be.
 * No condition on `existed` here: its share is unknown to the planner and would lead it to a nested loop over the lines.
 */
const items = (stored: boolean) => `
  INSERT INTO commerce.order_items (tenant_id, id, order_id, line_no, variant_id, sku, quantity, unit_price, discount, tax,
    shipping, unit_cost)
  SELECT $1::uuid, ${entityId('o.id_time', '$1', 'order_item', 'l.order_id', 'l.line_no')}, o.id, l.line_no, s.variant_id, l.sku,
    l.quantity, l.unit_price, coalesce(l.discount, 0), coalesce(l.tax, 0), coalesce(l.shipping, 0), l.unit_cost
  FROM import_lines l
  JOIN import_orders o ON o.brand = l.brand AND o.chunk = l.chunk AND o.order_id = l.order_id
  JOIN import_skus s ON s.brand = l.brand AND s.sku = l.sku
  WHERE l.brand = $2 AND l.chunk = $3 AND l.type = 'sale' AND l.reason IS NULL
  ${stored ? 'ON CONFLICT (tenant_id, order_id, line_no) DO NOTHING' : ''}`;

/** Holds the variants that the chunk's lines refer to, until the transaction ends, as a foreign key would. `proven`: all of them are there. */
const HOLD_VARIANTS = `
  WITH needed AS MATERIALIZED (
    SELECT DISTINCT s.variant_id AS id FROM import_lines l JOIN import_skus s ON s.brand = l.brand AND s.sku = l.sku
    WHERE l.brand = $2 AND l.chunk = $3 AND l.type = 'sale' AND l.reason IS NULL
  ), held AS MATERIALIZED (
    SELECT v.id FROM needed n JOIN commerce.product_variants v ON v.tenant_id = $1 AND v.id = n.id FOR KEY SHARE OF v
  )
  SELECT (SELECT count(*) FROM needed) = (SELECT count(*) FROM held) AS proven`;

/** One shipment per order: the file knows no more. */
const SHIPMENTS = withShipmentEvents(`
  INSERT INTO commerce.shipments (tenant_id, id, order_id, status, shipped_at, delivered_at, created_at)
  SELECT $1::uuid, ${entityId(idTime('coalesce(o.shipped_at, o.delivered_at)'), '$1', 'shipment', 'o.order_id')}, o.id,
    CASE WHEN o.delivered_at IS NULL THEN 'shipped' ELSE 'delivered' END, o.shipped_at, o.delivered_at,
    coalesce(o.shipped_at, o.delivered_at)
  FROM import_orders o
  WHERE o.brand = $2 AND o.chunk = $3 AND (o.shipped_at IS NOT NULL OR o.delivered_at IS NOT NULL)
    AND (NOT o.existed OR NOT EXISTS (SELECT FROM commerce.shipments s WHERE s.tenant_id = $1 AND s.order_id = o.id))`);

export interface OrderCounts {
  /** Orders of the chunk that were stored already. */
  readonly recognised: number;
  readonly ordersAdvanced: number;
  readonly orders: number;
  readonly orderItems: number;
  readonly shipments: number;
}

/** Gathers the brand's orders from its lines. Within a transaction. */
export async function collectOrders(
  session: ImportSession,
  brand: { id: string; slug: string; currency: string },
): Promise<void> {
  await session.query(COLLECT, [brand.id, brand.slug, brand.currency]);
  await session.query('ANALYZE import_orders');
}

/** Writes one chunk of whole orders with their lines and shipments: what is missing, nothing twice. `advance` brings stored orders up to the file. Within a transaction. */
export async function writeOrders(
  session: ImportSession,
  brand: { id: string; slug: string },
  chunk: number,
  advance: () => Promise<number>,
): Promise<OrderCounts> {
  const key = [brand.id, brand.slug, chunk];
  const recognised = await session.write(RECOGNISE, key);
  const orders = await session.write(ORDERS, key);
  const orderItems = await writeItems(session, key, recognised > 0);
  if (orders > 0) for (const statement of ORDER_EVENTS) await session.query(statement, key);
  const ordersAdvanced = recognised > 0 ? await advance() : 0;
  const [shipments] = await session.query<{ count: number }>(SHIPMENTS, key);
  return { recognised, ordersAdvanced, orders, orderItems, shipments: shipments?.count ?? 0 };
}

async function writeItems(session: ImportSession, key: unknown[], stored: boolean): Promise<number> {
  // A stored order may be deleted meanwhile; new ones nobody else sees before this transaction ends.
  if (stored) return session.write(items(stored), key);
  const [variants] = await session.query<{ proven: boolean }>(HOLD_VARIANTS, key);
  return variants?.proven ? session.writeProven(items(stored), key) : session.write(items(stored), key);
}
