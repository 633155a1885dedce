import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { utcText } from '../fields.ts';
import { selectPrices } from './applicable-price.ts';
import type { PriceOut } from './price-schema.ts';
import { insertPrices } from './prices.ts';
import type { NewProductVariant, VariantChanges, VariantDetail } from './product-schema.ts';

/** Variants as the API shows them, without prices. */
export function selectVariants(trx: CommerceTransaction) {
  return trx
    .selectFrom('product_variants')
    .select([
      'id',
      'product_id as productId',
      'sku',
      'name',
      'unit_cost as unitCost',
      'cost_currency as costCurrency',
      'reorder_point as reorderPoint',
      'status',
      utcText('created_at').as('createdAt'),
      utcText('updated_at').as('updatedAt'),
    ]);
}

/** Variants whose product is in a category. */
export function inCategory(name: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (SELECT FROM commerce.products p WHERE p.tenant_id = product_variants.tenant_id
    AND p.id = product_variants.product_id AND p.category = ${name})`;
}

/** Writes a variant with its prices and returns its id. */
export async function insertVariant(
  trx: CommerceTransaction,
  tenantId: string,
  productId: string,
  variant: NewProductVariant,
): Promise<string> {
  const values = {
    tenant_id: tenantId,
    product_id: productId,
    sku: variant.sku,
    name: variant.name,
    unit_cost: variant.unitCost,
    cost_currency: variant.costCurrency,
    reorder_point: variant.reorderPoint,
  };
  const { id } = await trx.insertInto('product_variants').values(values).returning('id').executeTakeFirstOrThrow();
  await insertPrices(trx, tenantId, id, variant.prices);
  return id;
}

/** The variants that `where` picks, by id, with their prices, in two queries. */
async function readVariants(
  trx: CommerceTransaction,
  where: 'id' | 'product_id',
  ids: readonly string[],
): Promise<VariantDetail[]> {
  if (ids.length === 0) return [];
  const variants = await selectVariants(trx).where(where, 'in', ids).orderBy('id').execute();
  if (variants.length === 0) return [];
  const prices = new Map<string, PriceOut[]>(variants.map(({ id }) => [id, []]));
  const found = await selectPrices(trx)
    .where('variant_id', 'in', [...prices.keys()])
    .orderBy('id')
    .execute();
  for (const price of found) prices.get(price.variantId)?.push(price);
  return variants.map((variant) => ({ ...variant, prices: prices.get(variant.id) ?? [] }));
}

/** Variants by id. */
export const variantsOf = (trx: CommerceTransaction, ids: readonly string[]) => readVariants(trx, 'id', ids);

/** All variants of the products. */
export const variantsOfProducts = (trx: CommerceTransaction, productIds: readonly string[]) =>
  readVariants(trx, 'product_id', productIds);

/** A 404 problem when there is none. */
export async function readVariant(trx: CommerceTransaction, id: string): Promise<VariantDetail> {
  const [variant] = await variantsOf(trx, [id]);
  if (variant === undefined) throw unknown('variant');
  return variant;
}

export async function changeVariant(trx: CommerceTransaction, id: string, changes: VariantChanges): Promise<void> {
  const set = {
    ...(changes.sku === undefined ? {} : { sku: changes.sku }),
    ...(changes.name === undefined ? {} : { name: changes.name }),
    ...(changes.unitCost === undefined ? {} : { unit_cost: changes.unitCost }),
    ...(changes.costCurrency === undefined ? {} : { cost_currency: changes.costCurrency }),
    ...(changes.reorderPoint === undefined ? {} : { reorder_point: changes.reorderPoint }),
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
  if (Object.keys(set).length === 0) return;
  await trx.updateTable('product_variants').set(set).where('id', '=', id).execute();
}
