import type { AdminPool } from '../../sql/postgres.ts';

/** `count` confirmed orders of one line each, of a brand of the demo, now and in one transaction. */
export async function placeOrders(admin: AdminPool, slug: string, count: number, number: string): Promise<void> {
  await admin.query(
    `WITH o AS (
       INSERT INTO commerce.orders (tenant_id, order_number, currency, status, channel, country)
       SELECT t.id, $2 || '-' || n, t.currency, 'confirmed', 'web', 'GB'
       FROM commerce.tenants t, generate_series(1, $3::int) n WHERE t.slug = $1
       RETURNING tenant_id, id)
     INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
     SELECT o.tenant_id, o.id, 1, v.id, v.sku, 1, 10
     FROM o, LATERAL (SELECT id, sku FROM commerce.product_variants v
                      WHERE v.tenant_id = o.tenant_id ORDER BY id LIMIT 1) v`,
    [slug, number, count],
  );
}
