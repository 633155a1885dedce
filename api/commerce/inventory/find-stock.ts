import { unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';

/** The id of the warehouse with this code; a 422 problem that names `path` when there is none. */
export async function findWarehouse(trx: CommerceTransaction, path: string, code: string): Promise<string> {
  const found = await trx.selectFrom('warehouses').select('id').where('code', '=', code).executeTakeFirst();
  if (found === undefined) throw unprocessable({ path, message: 'there is no such warehouse' });
  return found.id;
}

/** How a request names a variant: one of the two. */
export interface VariantName {
  readonly sku?: string | undefined;
  readonly variantId?: string | undefined;
}

/** The id of a variant; a 422 problem when there is none. */
export async function findVariant(trx: CommerceTransaction, { sku, variantId }: VariantName): Promise<string> {
  const query = trx.selectFrom('product_variants').select('id');
  const found = await (variantId === undefined
    ? query.where('sku', '=', sku ?? '')
    : query.where('id', '=', variantId)
  ).executeTakeFirst();
  if (found === undefined) {
    throw unprocessable({ path: variantId === undefined ? 'sku' : 'variantId', message: 'there is no such variant' });
  }
  return found.id;
}
