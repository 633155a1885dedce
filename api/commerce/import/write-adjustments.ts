import { entityId, idTime } from './entity-id.ts';
import type { ImportSession } from './import-session.ts';

const ADJUSTMENTS = `
  INSERT INTO commerce.adjustments (tenant_id, id, adjustment_number, line_no, sku, customer_id, channel, country, currency,
    amount, reason, adjusted_at)
  SELECT $1::uuid, ${entityId(idTime('l.placed_at'), '$1', 'adjustment', 'l.order_id', 'l.line_no')}, l.order_id, l.line_no, l.sku, c.id,
    l.channel, l.country, coalesce(l.currency, $4), l.unit_price * l.quantity, l.product_name, l.placed_at
  FROM import_lines l
  LEFT JOIN import_customers c ON c.brand = l.brand AND c.customer = l.customer
  WHERE l.brand = $2 AND l.chunk = $3 AND l.type = 'adjustment' AND l.reason IS NULL
  ON CONFLICT (tenant_id, adjustment_number, line_no) DO NOTHING`;

/** Writes a chunk's accounting corrections; their amount is signed. Within a transaction. */
export function writeAdjustments(
  session: ImportSession,
  brand: { id: string; slug: string; currency: string },
  chunk: number,
): Promise<number> {
  return session.write(ADJUSTMENTS, [brand.id, brand.slug, chunk, brand.currency]);
}
