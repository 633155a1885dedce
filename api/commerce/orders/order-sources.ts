import { CompiledQuery } from 'kysely';
import { unprocessable } from '../../problem.ts';
import { applicablePrice, type Price } from '../catalog/applicable-price.ts';
import type { CommerceTransaction } from '../database.ts';
import { prepared } from '../prepared.ts';
import type { Level } from './allocate.ts';
import type { NewOrder } from './order-schema.ts';
import { type PricedLine, sumOf } from './totals.ts';

/** A line of an order, found and priced. */
export interface OrderLine extends PricedLine {
  readonly variantId: string;
  readonly sku: string;
  /** Of one unit in the order's currency, where it is recorded. */
  readonly unitCost: string | null;
}

export interface OrderSources {
  readonly lines: readonly OrderLine[];
  readonly customerId: string | null;
  /** Locked until the end of the transaction. */
  readonly levels: readonly Level[];
  /** Of the brand, by code. */
  readonly warehouses: readonly { readonly id: string; readonly code: string }[];
  readonly allowNegative: boolean;
}

interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly active: boolean;
  readonly taxRate: string;
  readonly unitCost: string | null;
  readonly prices: readonly Price[] | null;
}

interface Found {
  readonly variants: readonly Variant[];
  readonly customerId: string | null;
  readonly levels: readonly Level[];
  readonly warehouses: readonly { readonly id: string; readonly code: string }[];
  readonly allowNegative: boolean;
}

/**
 * $1 ids and $2 SKUs of variants (JSON), $3 currency, $4 placed at, $5 id and $6 number of the customer, $7 tenant. Stock rows are locked in
 * the one order in which everybody locks them, and read as they are then.
 */
const FIND = prepared(
  'find order sources',
  `WITH wanted AS MATERIALIZED (
    SELECT v.* FROM commerce.product_variants v WHERE v.id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)
    UNION ALL
    SELECT v.* FROM commerce.product_variants v WHERE v.sku IN (SELECT jsonb_array_elements_text($2::jsonb))
  ),
  levels AS MATERIALIZED (
    SELECT i.variant_id, i.warehouse_id, i.available FROM commerce.inventory i WHERE i.variant_id IN (SELECT id FROM wanted)
    ORDER BY i.variant_id, i.warehouse_id FOR NO KEY UPDATE
  )
  SELECT
    coalesce((SELECT json_agg(json_build_object('variantId', variant_id, 'warehouseId', warehouse_id, 'available', available))
      FROM levels), '[]') AS levels,
    coalesce((SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku,
        'active', v.status = 'active' AND p.status = 'active', 'taxRate', p.tax_rate::text,
        'unitCost', CASE WHEN v.cost_currency = $3 THEN v.unit_cost::text END,
        'prices', (
          SELECT json_agg(json_build_object('id', x.id, 'variantId', x.variant_id, 'currency', x.currency, 'kind', x.kind,
            'minQuantity', x.min_quantity, 'amount', x.amount::text, 'validFrom', NULL, 'validUntil', NULL))
          FROM commerce.prices x
          WHERE x.tenant_id = v.tenant_id AND x.variant_id = v.id AND x.currency = $3
            AND (x.valid_from IS NULL OR x.valid_from <= $4::timestamptz)
            AND (x.valid_until IS NULL OR $4::timestamptz < x.valid_until))))
      FROM wanted v JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id), '[]') AS variants,
    coalesce((SELECT json_agg(json_build_object('id', w.id, 'code', w.code) ORDER BY w.code) FROM commerce.warehouses w), '[]')
      AS warehouses,
    (SELECT c.id FROM commerce.customers c WHERE c.id = $5::uuid OR c.customer_number = $6) AS "customerId",
    (SELECT t.allow_negative_stock FROM commerce.tenants t WHERE t.id = $7) AS "allowNegative"`,
);

/**
 * What an order refers to, in one statement: variants with the prices valid at `placedAt`, their stock, customer, warehouses. A
 * customer number that is new makes a customer. Throws `unprocessable`, which names the lines at fault.
 */
export async function findSources(
  trx: CommerceTransaction,
  tenantId: string,
  order: NewOrder,
  placedAt: string,
): Promise<OrderSources> {
  const { rows } = await trx.executeQuery<Found>(
    CompiledQuery.raw(FIND, [
      JSON.stringify(order.lines.flatMap(({ variantId }) => variantId ?? [])),
      JSON.stringify(order.lines.flatMap(({ sku }) => sku ?? [])),
      order.currency,
      placedAt,
      order.customerId ?? null,
      order.customerNumber ?? null,
      tenantId,
    ]),
  );
  const found = rows[0] as Found;
  const lines = pricedLines(order, found.variants, placedAt);
  if (order.customerId !== undefined && found.customerId === null) {
    throw unprocessable({ path: 'customerId', message: 'there is no such customer' });
  }
  const isNew = order.customerNumber !== undefined && found.customerId === null;
  return { ...found, lines, customerId: isNew ? await createCustomer(trx, tenantId, order) : found.customerId };
}

function pricedLines(order: NewOrder, found: readonly Variant[], at: string): OrderLine[] {
  const variants = new Map(
    found.flatMap((variant) => [[variant.id, variant] as const, [`sku ${variant.sku}`, variant] as const]),
  );
  const errors: { path: string; message: string }[] = [];
  const lines = order.lines.flatMap(({ sku, variantId, quantity, unitPrice, discount }, index): OrderLine[] => {
    const variant = variants.get(variantId?.toLowerCase() ?? `sku ${sku}`);
    const refuse = (field: string, message: string) => {
      errors.push({ path: `lines[${index}]${field}`, message });
      return [];
    };
    if (variant === undefined) return refuse(sku === undefined ? '.variantId' : '.sku', 'there is no such variant');
    if (!variant.active) return refuse(sku === undefined ? '.variantId' : '.sku', 'is archived');
    const price = unitPrice === undefined ? applicablePrice(variant.prices ?? [], { quantity, at }) : null;
    const amount = unitPrice ?? price?.unitPrice;
    if (amount === undefined) return refuse('', `${variant.sku} has no price in ${order.currency}: send unitPrice`);
    const taken = sumOf([price?.discount ?? '0', discount ?? '0']);
    const { id, sku: ofVariant, taxRate, unitCost } = variant;
    return [{ variantId: id, sku: ofVariant, quantity, unitPrice: amount, discount: taken, taxRate, unitCost }];
  });
  if (errors.length > 0) throw unprocessable(...errors);
  return lines;
}

/** By number; of two orders at once that bring the same one, one makes it. */
async function createCustomer(trx: CommerceTransaction, tenantId: string, order: NewOrder): Promise<string> {
  const customer_number = order.customerNumber as string;
  const { id } = await trx
    .insertInto('customers')
    .values({ tenant_id: tenantId, customer_number, country: order.country ?? null })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'customer_number']).doUpdateSet({ customer_number }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
