import { CompiledQuery } from 'kysely';
import { unprocessable } from '../../problem.ts';
import { applicablePrice, type Price } from '../catalog/applicable-price.ts';
import type { CommerceTransaction } from '../database.ts';
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
  /** The warehouse that must supply all. */
  readonly warehouseId: string | null;
}

interface Found {
  readonly id: string;
  readonly sku: string;
  readonly active: boolean;
  readonly tax_rate: string;
  readonly unit_cost: string | null;
  readonly prices: readonly Price[] | null;
  readonly customer_id: string | null;
  readonly warehouse_id: string | null;
}

/** $1 ids and $2 SKUs of variants, $3 currency, $4 placed at, $5 id and $6 number of the customer, $7 code of the warehouse. */
const FIND = `
  SELECT v.id, v.sku, v.status = 'active' AND p.status = 'active' AS active, p.tax_rate,
    CASE WHEN v.cost_currency = $3 THEN v.unit_cost END AS unit_cost,
    (SELECT json_agg(json_build_object('id', x.id, 'variantId', x.variant_id, 'currency', x.currency, 'kind', x.kind,
        'minQuantity', x.min_quantity, 'amount', x.amount::text, 'validFrom', NULL, 'validUntil', NULL))
      FROM commerce.prices x
      WHERE x.tenant_id = v.tenant_id AND x.variant_id = v.id AND x.currency = $3
        AND (x.valid_from IS NULL OR x.valid_from <= $4::timestamptz) AND (x.valid_until IS NULL OR $4::timestamptz < x.valid_until)
    ) AS prices,
    (SELECT c.id FROM commerce.customers c WHERE c.id = $5::uuid OR c.customer_number = $6) AS customer_id,
    (SELECT w.id FROM commerce.warehouses w WHERE w.code = $7) AS warehouse_id
  FROM commerce.product_variants v
  JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
  WHERE v.id = ANY ($1::uuid[]) OR v.sku = ANY ($2::text[])`;

/**
 * What an order refers to, in one statement: variants with the prices valid at `placedAt`, customer, warehouse. A customer
 * number that is new makes a customer. Throws `unprocessable`, which names the lines at fault.
 */
export async function findSources(
  trx: CommerceTransaction,
  tenantId: string,
  order: NewOrder,
  placedAt: string,
): Promise<OrderSources> {
  const { rows } = await trx.executeQuery<Found>(
    CompiledQuery.raw(FIND, [
      order.lines.flatMap(({ variantId }) => variantId ?? []),
      order.lines.flatMap(({ sku }) => sku ?? []),
      order.currency,
      placedAt,
      order.customerId ?? null,
      order.customerNumber ?? null,
      order.warehouse ?? null,
    ]),
  );
  const lines = pricedLines(order, rows, placedAt);
  const warehouseId = rows[0]?.warehouse_id ?? null;
  if (order.warehouse !== undefined && warehouseId === null) {
    throw unprocessable({ path: 'warehouse', message: 'there is no such warehouse' });
  }
  const known = rows[0]?.customer_id ?? null;
  if (order.customerId !== undefined && known === null) {
    throw unprocessable({ path: 'customerId', message: 'there is no such customer' });
  }
  const isNew = order.customerNumber !== undefined && known === null;
  return { lines, warehouseId, customerId: isNew ? await createCustomer(trx, tenantId, order) : known };
}

function pricedLines(order: NewOrder, found: readonly Found[], at: string): OrderLine[] {
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
    const { id, sku: ofVariant, tax_rate: taxRate, unit_cost: unitCost } = variant;
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
