import { CompiledQuery } from 'kysely';
import { type FieldError, unprocessable } from '../../problem.ts';
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

interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly active: boolean;
  readonly taxRate: string;
  readonly unitCost: string | null;
  readonly costCurrency: string | null;
  readonly prices: readonly Price[] | null;
}

interface Found {
  readonly variants: readonly Variant[];
  readonly levels: readonly Level[];
  readonly customers: readonly { readonly id: string; readonly number: string }[];
  readonly warehouses: readonly { readonly id: string; readonly code: string }[];
  readonly allowNegative: boolean;
}

/** What orders refer to. */
export interface OrderSources {
  /** By id, and by `sku …`. */
  readonly variants: ReadonlyMap<string, Variant>;
  /** By variant; locked until the end of the transaction. */
  readonly levels: ReadonlyMap<string, readonly Level[]>;
  /** Ids by id, and by `number …`. */
  readonly customers: ReadonlyMap<string, string>;
  /** Of the brand, by code. */
  readonly warehouses: Found['warehouses'];
  readonly allowNegative: boolean;
}

const UTC = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/**
 * $1 ids and $2 SKUs of variants, $3 currencies, $4 first and $5 last time of an order, $6 ids and $7 numbers of customers, $8 tenant.
 * Stock rows are locked in the one order in which everybody locks them, and read as they are then.
 */
const FIND = prepared(
  'find order sources',
  `WITH wanted AS MATERIALIZED (
    SELECT v.* FROM commerce.product_variants v WHERE v.id = ANY ($1::uuid[])
    UNION ALL
    SELECT v.* FROM commerce.product_variants v WHERE v.sku = ANY ($2::text[])
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
        'unitCost', v.unit_cost::text, 'costCurrency', v.cost_currency,
        'prices', (
          SELECT json_agg(json_build_object('id', x.id, 'variantId', x.variant_id, 'currency', x.currency, 'kind', x.kind,
            'minQuantity', x.min_quantity, 'amount', x.amount::text,
            'validFrom', to_char(x.valid_from AT TIME ZONE 'UTC', ${UTC}),
            'validUntil', to_char(x.valid_until AT TIME ZONE 'UTC', ${UTC})))
          FROM commerce.prices x
          WHERE x.tenant_id = v.tenant_id AND x.variant_id = v.id AND x.currency = ANY ($3::text[])
            AND (x.valid_from IS NULL OR x.valid_from <= $5::timestamptz)
            AND (x.valid_until IS NULL OR $4::timestamptz < x.valid_until))))
      FROM wanted v JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id), '[]') AS variants,
    coalesce((SELECT json_agg(json_build_object('id', c.id, 'number', c.customer_number)) FROM (
        SELECT x.id, x.customer_number FROM commerce.customers x WHERE x.id = ANY ($6::uuid[])
        UNION ALL SELECT x.id, x.customer_number FROM commerce.customers x WHERE x.customer_number = ANY ($7::text[])
      ) c), '[]') AS customers,
    coalesce((SELECT json_agg(json_build_object('id', w.id, 'code', w.code) ORDER BY w.code) FROM commerce.warehouses w), '[]')
      AS warehouses,
    (SELECT t.allow_negative_stock FROM commerce.tenants t WHERE t.id = $8) AS "allowNegative"`,
);

/** What orders of a brand refer to, in one statement: variants with the prices of their time, stock, customers, warehouses. */
export async function findSources(
  trx: CommerceTransaction,
  tenantId: string,
  orders: readonly { readonly order: NewOrder; readonly placedAt: string }[],
): Promise<OrderSources> {
  const distinct = (of: (order: NewOrder) => readonly (string | undefined)[]) => [
    ...new Set(orders.flatMap(({ order }) => of(order)).filter((value) => value !== undefined)),
  ];
  const times = orders.map(({ placedAt }) => placedAt).sort();
  const { rows } = await trx.executeQuery<Found>(
    CompiledQuery.raw(FIND, [
      distinct(({ lines }) => lines.map(({ variantId }) => variantId)),
      distinct(({ lines }) => lines.map(({ sku }) => sku)),
      distinct(({ currency }) => [currency]),
      times[0],
      times.at(-1),
      distinct(({ customerId }) => [customerId]),
      distinct(({ customerNumber }) => [customerNumber]),
      tenantId,
    ]),
  );
  const found = rows[0] as Found;
  return {
    ...found,
    variants: new Map(
      found.variants.flatMap((variant) => [
        [variant.id, variant],
        [`sku ${variant.sku}`, variant],
      ]),
    ),
    levels: byVariant(found.levels),
    customers: new Map(
      found.customers.flatMap(({ id, number }) => [
        [id, id],
        [`number ${number}`, id],
      ]),
    ),
  };
}

function byVariant(levels: readonly Level[]): Map<string, Level[]> {
  const grouped = new Map<string, Level[]>();
  for (const level of levels) {
    const others = grouped.get(level.variantId);
    if (others === undefined) grouped.set(level.variantId, [level]);
    else others.push(level);
  }
  return grouped;
}

/** The customer of an order, null where it has none or a number that is new. Throws `unprocessable` for an unknown id. */
export function customerOf({ customerId, customerNumber }: NewOrder, { customers }: OrderSources): string | null {
  const known = customers.get(customerId?.toLowerCase() ?? `number ${customerNumber}`);
  if (customerId === undefined || known !== undefined) return known ?? null;
  throw unprocessable({ path: 'customerId', message: 'there is no such customer' });
}

/** The lines of an order, priced as of `at`. Throws `unprocessable`, which names the lines at fault. */
export function pricedLines(order: NewOrder, { variants }: OrderSources, at: string): OrderLine[] {
  const errors: FieldError[] = [];
  const lines = order.lines.flatMap(({ sku, variantId, quantity, unitPrice, discount }, index): OrderLine[] => {
    const variant = variants.get(variantId?.toLowerCase() ?? `sku ${sku}`);
    const refuse = (field: string, message: string) => {
      errors.push({ path: `lines[${index}]${field}`, message });
      return [];
    };
    if (variant === undefined) return refuse(sku === undefined ? '.variantId' : '.sku', 'there is no such variant');
    if (!variant.active) return refuse(sku === undefined ? '.variantId' : '.sku', 'is archived');
    const prices = (variant.prices ?? []).filter(({ currency }) => currency === order.currency);
    const price = unitPrice === undefined ? applicablePrice(prices, { quantity, at }) : null;
    const amount = unitPrice ?? price?.unitPrice;
    if (amount === undefined) return refuse('', `${variant.sku} has no price in ${order.currency}: send unitPrice`);
    const taken = sumOf([price?.discount ?? '0', discount ?? '0']);
    const { id, sku: ofVariant, taxRate } = variant;
    const unitCost = variant.costCurrency === order.currency ? variant.unitCost : null;
    return [{ variantId: id, sku: ofVariant, quantity, unitPrice: amount, discount: taken, taxRate, unitCost }];
  });
  if (errors.length > 0) throw unprocessable(...errors);
  return lines;
}

/** By number; of two orders at once that bring the same one, one makes it. */
export async function createCustomer(trx: CommerceTransaction, tenantId: string, order: NewOrder): Promise<string> {
  const customer_number = order.customerNumber as string;
  const { id } = await trx
    .insertInto('customers')
    .values({ tenant_id: tenantId, customer_number, country: order.country ?? null })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'customer_number']).doUpdateSet({ customer_number }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
