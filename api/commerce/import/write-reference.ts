import { entityId, idTime } from './entity-id.ts';
import type { ImportSession } from './import-session.ts';

/** Customers by number. What is known of one already stays as it is. */
const CUSTOMERS = [
  `INSERT INTO import_customers (brand, customer, id, existed, country, first_at)
   SELECT $2::text, customer, ${entityId(idTime('min(placed_at)'), '$1', 'customer', 'customer')}, false,
     (array_agg(country ORDER BY record) FILTER (WHERE country IS NOT NULL))[1], min(placed_at)
   FROM import_lines
   WHERE brand = $2 AND reason IS NULL AND customer IS NOT NULL AND type <> 'stock_adjustment'
   GROUP BY customer`,
  `UPDATE import_customers i SET id = c.id, existed = true
   FROM commerce.customers c WHERE i.brand = $2 AND c.tenant_id = $1 AND c.customer_number = i.customer`,
];

const NEW_CUSTOMERS = `
  INSERT INTO commerce.customers (tenant_id, id, customer_number, country, created_at)
  SELECT $1::uuid, id, customer, country, first_at FROM import_customers WHERE brand = $2 AND NOT existed ORDER BY id`;

/**
 * Products by sku, compared case by case. A new one is named as it was last sold: names on stock corrections are often
 * remarks ("damaged", "?"), so they count only where no sale has a name, and the sku stands in for a name that is nowhere.
 */
const SKUS = [
  `INSERT INTO import_skus (brand, sku, variant_id, product_id, existed, name, category, unit_cost, cost_currency, first_at)
   SELECT $2::text, sku, ${entityId(idTime('min(placed_at)'), '$1', 'variant', 'sku')},
     ${entityId(idTime('min(placed_at)'), '$1', 'product', 'sku')}, false,
     (array_agg(product_name ORDER BY (type = 'sale') DESC, placed_at DESC, record DESC)
       FILTER (WHERE product_name IS NOT NULL))[1],
     (array_agg(category ORDER BY placed_at DESC, record DESC) FILTER (WHERE category IS NOT NULL))[1],
     (array_agg(unit_cost ORDER BY placed_at DESC, record DESC) FILTER (WHERE unit_cost IS NOT NULL))[1],
     (array_agg(coalesce(currency, $3) ORDER BY placed_at DESC, record DESC) FILTER (WHERE unit_cost IS NOT NULL))[1],
     min(placed_at)
   FROM import_lines WHERE brand = $2 AND reason IS NULL AND type <> 'adjustment'
   GROUP BY sku`,
  `UPDATE import_skus i SET variant_id = v.id, product_id = v.product_id, existed = true
   FROM commerce.product_variants v WHERE i.brand = $2 AND v.tenant_id = $1 AND v.sku = i.sku`,
];

const NEW_PRODUCTS = `
  INSERT INTO commerce.products (tenant_id, id, name, category, created_at)
  SELECT $1::uuid, product_id, coalesce(name, sku), category, first_at FROM import_skus
  WHERE brand = $2 AND NOT existed ORDER BY product_id`;

const NEW_VARIANTS = `
  INSERT INTO commerce.product_variants (tenant_id, id, product_id, sku, unit_cost, cost_currency, created_at)
  SELECT $1::uuid, variant_id, product_id, sku, unit_cost, cost_currency, first_at FROM import_skus
  WHERE brand = $2 AND NOT existed ORDER BY variant_id`;

export interface ReferenceCounts {
  readonly customers: number;
  readonly products: number;
}

/** Writes the customers and products that the brand's lines name and the brand does not have. Within a transaction. */
export async function writeReference(
  session: ImportSession,
  brand: { id: string; slug: string; currency: string },
): Promise<ReferenceCounts> {
  const key = [brand.id, brand.slug];
  for (const statement of CUSTOMERS) await session.query(statement, key);
  await session.query(SKUS[0] as string, [...key, brand.currency]);
  await session.query(SKUS[1] as string, key);
  await session.query('ANALYZE import_customers; ANALYZE import_skus');
  const customers = await session.write(NEW_CUSTOMERS, key);
  const products = await session.write(NEW_PRODUCTS, key);
  await session.write(NEW_VARIANTS, key);
  return { customers, products };
}
