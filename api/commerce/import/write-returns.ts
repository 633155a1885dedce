import { entityId, idTime } from './entity-id.ts';
import { withReturnEvents } from './import-events.ts';
import type { ImportSession } from './import-session.ts';

/**
 * A return is what came back under one number at one time: rows of one order_id with different times are refunds of
 * different days, and the KPI dates each by its own. It belongs to the order its number names when that order has the sku.
 */
const COLLECT = `
  INSERT INTO import_returns (brand, chunk, order_id, placed_at, id, existed, id_time, number, customer, currency, channel,
    country, line)
  SELECT $2::text, chunk, order_id, placed_at, ${entityId('id_time', '$1', 'return', 'order_id', 'extract(epoch FROM placed_at)')},
    false, id_time,
    -- The first under a number has it to itself; later ones add their time.
    CASE WHEN placed_at = first_at THEN order_id ELSE order_id || '@' || stamp END,
    customer, currency, channel, country, line
  FROM (
    SELECT chunk, order_id, placed_at, min(placed_at) OVER (PARTITION BY order_id) AS first_at, ${idTime('placed_at')} AS id_time,
      rtrim(rtrim(to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z' AS stamp,
      min(customer) AS customer, min(currency) AS currency,
      (array_agg(channel ORDER BY record) FILTER (WHERE channel IS NOT NULL))[1] AS channel,
      (array_agg(country ORDER BY record) FILTER (WHERE country IS NOT NULL))[1] AS country, min(line) AS line
    FROM import_lines WHERE brand = $2 AND reason IS NULL AND type = 'return'
    GROUP BY chunk, order_id, placed_at
  ) grouped`;

const RECOGNISE = `
  UPDATE import_returns i SET existed = true
  FROM commerce.returns r WHERE i.brand = $2 AND i.chunk = $3 AND r.tenant_id = $1 AND r.id = i.id`;

/** A number that another return has already: this one adds its time as well. */
const RENUMBER = `
  UPDATE import_returns i SET number = i.order_id || '@'
    || rtrim(rtrim(to_char(i.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'
  FROM commerce.returns r
  WHERE i.brand = $2 AND i.chunk = $3 AND NOT i.existed AND r.tenant_id = $1 AND r.return_number = i.number`;

/** The line of the order that came back: the one with the same number and sku, else the first with the sku. */
const ITEM = `
  LATERAL (
    SELECT i.id, i.unit_cost FROM commerce.order_items i
    WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id AND i.sku = l.sku
    ORDER BY (i.line_no = l.line_no) DESC, i.line_no LIMIT 1
  ) item`;

const LINK = `
  UPDATE import_returns i SET linked_order = o.id
  FROM commerce.orders o
  WHERE i.brand = $2 AND i.chunk = $3 AND NOT i.existed AND o.tenant_id = $1 AND o.order_number = i.order_id
    AND EXISTS (
      SELECT FROM import_lines l JOIN commerce.order_items x ON x.tenant_id = o.tenant_id AND x.order_id = o.id AND x.sku = l.sku
      WHERE l.brand = $2 AND l.chunk = $3 AND l.type = 'return' AND l.reason IS NULL AND l.order_id = i.order_id
        AND l.placed_at = i.placed_at)`;

const RETURNS = withReturnEvents(`
  INSERT INTO commerce.returns (tenant_id, id, return_number, order_id, customer_id, status, channel, country, currency,
    is_test, refunded_at)
  SELECT $1::uuid, r.id, r.number, o.id, coalesce(c.id, o.customer_id), 'refunded', coalesce(r.channel, o.channel),
    coalesce(r.country, o.country), coalesce(r.currency, o.currency, $4), coalesce(o.is_test, false), r.placed_at
  FROM import_returns r
  LEFT JOIN import_customers c ON c.brand = r.brand AND c.customer = r.customer
  LEFT JOIN commerce.orders o ON o.tenant_id = $1 AND o.id = r.linked_order
  WHERE r.brand = $2 AND r.chunk = $3 AND NOT r.existed
  ORDER BY r.id`);

const ITEMS = `
  INSERT INTO commerce.return_items (tenant_id, id, return_id, line_no, order_item_id, variant_id, sku, quantity, amount,
    unit_cost)
  SELECT $1::uuid, ${entityId('r.id_time', '$1', 'return_item', 'l.order_id', 'extract(epoch FROM l.placed_at)', 'l.line_no')}, r.id,
    l.line_no, item.id, s.variant_id, l.sku, abs(l.quantity), l.unit_price * abs(l.quantity),
    coalesce(l.unit_cost, item.unit_cost)
  FROM import_lines l
  JOIN import_returns r ON r.brand = l.brand AND r.chunk = l.chunk AND r.order_id = l.order_id AND r.placed_at = l.placed_at
  JOIN import_skus s ON s.brand = l.brand AND s.sku = l.sku
  LEFT JOIN commerce.orders o ON o.tenant_id = $1 AND o.id = r.linked_order
  LEFT JOIN ${ITEM} ON true
  WHERE l.brand = $2 AND l.chunk = $3 AND l.type = 'return' AND l.reason IS NULL
  ON CONFLICT (tenant_id, return_id, line_no) DO NOTHING`;

/** Gathers the brand's returns from its lines. Within a transaction. */
export async function collectReturns(session: ImportSession, brand: { id: string; slug: string }): Promise<void> {
  await session.query(COLLECT, [brand.id, brand.slug]);
  await session.query('ANALYZE import_returns');
}

/**
 * Writes one chunk of returns; the orders they may belong to are written before. Returned goods do not move stock:
 * whether they were put back on the shelf is not in the file. Within a transaction.
 */
export async function writeReturns(
  session: ImportSession,
  brand: { id: string; slug: string; currency: string },
  chunk: number,
): Promise<{ recognised: number; returns: number; returnItems: number }> {
  const key = [brand.id, brand.slug, chunk];
  const recognised = await session.write(RECOGNISE, key);
  for (const statement of [RENUMBER, LINK]) await session.query(statement, key);
  const [inserted] = await session.query<{ count: number }>(RETURNS, [...key, brand.currency]);
  return { recognised, returns: inserted?.count ?? 0, returnItems: await session.write(ITEMS, key) };
}
