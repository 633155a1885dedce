import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { conflict, refusing, within } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { utcText } from '../fields.ts';
import { catalogConstraints } from './constraints.ts';
import type { NewProduct, ProductChanges, ProductDetail } from './product-schema.ts';
import { insertVariant, variantsOfProducts } from './variants.ts';

type Attributes = ProductDetail['attributes'];

/** Products as the API shows them, without variants. */
export function selectProducts(trx: CommerceTransaction) {
  return trx
    .selectFrom('products')
    .select([
      'id',
      'name',
      'category',
      'status',
      'tax_rate as taxRate',
      'attributes',
      utcText('created_at').as('createdAt'),
      utcText('updated_at').as('updatedAt'),
    ])
    .$narrowType<{ attributes: Attributes }>();
}

/** Products with a variant whose SKU begins with what somebody typed. */
export function skuStartsWith(typed: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (SELECT FROM commerce.product_variants v WHERE v.tenant_id = products.tenant_id
    AND v.product_id = products.id AND starts_with(lower(v.sku), lower(${typed})))`;
}

/** Writes a product with its variants and their prices; problems name the place in the body. Returns its id. */
export async function insertProduct(trx: CommerceTransaction, tenantId: string, product: NewProduct): Promise<string> {
  await refuseArchivedCategory(trx, product.category);
  const { id } = await trx
    .insertInto('products')
    .values({
      tenant_id: tenantId,
      name: product.name,
      category: product.category,
      tax_rate: product.taxRate,
      attributes: JSON.stringify(product.attributes),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const [index, variant] of product.variants.entries()) {
    await within(`variants[${index}]`, () =>
      refusing(catalogConstraints, () => insertVariant(trx, tenantId, id, variant)),
    );
  }
  return id;
}

/** Products by id with variants and prices, in three queries. */
export async function readProducts(
  trx: CommerceTransaction,
  ids: readonly string[],
): Promise<Map<string, ProductDetail>> {
  if (ids.length === 0) return new Map();
  const products = await selectProducts(trx).where('id', 'in', ids).execute();
  const variants = await variantsOfProducts(
    trx,
    products.map(({ id }) => id),
  );
  const details = new Map<string, ProductDetail>(products.map((product) => [product.id, { ...product, variants: [] }]));
  for (const variant of variants) details.get(variant.productId)?.variants.push(variant);
  return details;
}

/** A 404 problem when there is none. */
export async function readProduct(trx: CommerceTransaction, id: string): Promise<ProductDetail> {
  const product = (await readProducts(trx, [id])).get(id);
  if (product === undefined) throw unknown('product');
  return product;
}

export async function changeProduct(trx: CommerceTransaction, id: string, changes: ProductChanges): Promise<void> {
  if (changes.category !== undefined) await refuseArchivedCategory(trx, changes.category);
  const set = {
    ...(changes.name === undefined ? {} : { name: changes.name }),
    ...(changes.category === undefined ? {} : { category: changes.category }),
    ...(changes.taxRate === undefined ? {} : { tax_rate: changes.taxRate }),
    ...(changes.attributes === undefined ? {} : { attributes: JSON.stringify(changes.attributes) }),
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
  if (Object.keys(set).length === 0) return;
  await trx.updateTable('products').set(set).where('id', '=', id).execute();
}

/** Archives a product and its variants: what is archived is not sold any more. */
export async function archiveProduct(trx: CommerceTransaction, id: string): Promise<void> {
  await trx.updateTable('products').set({ status: 'archived' }).where('id', '=', id).execute();
  await trx
    .updateTable('product_variants')
    .set({ status: 'archived' })
    .where('product_id', '=', id)
    .where('status', '=', 'active')
    .execute();
}

async function refuseArchivedCategory(trx: CommerceTransaction, name: string | null): Promise<void> {
  if (name === null) return;
  const found = await trx.selectFrom('categories').select('status').where('name', '=', name).executeTakeFirst();
  if (found?.status === 'archived') throw conflict('category', 'this category is archived');
}
