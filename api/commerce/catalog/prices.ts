import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { selectPrices } from './applicable-price.ts';
import type { NewPrice, PriceChanges, PriceOut } from './price-schema.ts';

/** Writes prices of a variant and returns their ids. A second list price for the same time violates prices_list_overlap. */
export async function insertPrices(
  trx: CommerceTransaction,
  tenantId: string,
  variantId: string,
  prices: readonly NewPrice[],
): Promise<string[]> {
  if (prices.length === 0) return [];
  const rows = prices.map((price) => ({
    tenant_id: tenantId,
    variant_id: variantId,
    currency: price.currency,
    kind: price.kind,
    min_quantity: price.minQuantity,
    amount: price.amount,
    valid_from: price.validFrom,
    valid_until: price.validUntil,
  }));
  return (await trx.insertInto('prices').values(rows).returning('id').execute()).map(({ id }) => id);
}

/** A 404 problem when there is none. */
export async function readPrice(trx: CommerceTransaction, id: string): Promise<PriceOut> {
  const price = await selectPrices(trx).where('id', '=', id).executeTakeFirst();
  if (price === undefined) throw unknown('price');
  return price;
}

export async function changePrice(trx: CommerceTransaction, id: string, changes: PriceChanges): Promise<void> {
  const set = {
    ...(changes.minQuantity === undefined ? {} : { min_quantity: changes.minQuantity }),
    ...(changes.amount === undefined ? {} : { amount: changes.amount }),
    ...(changes.validFrom === undefined ? {} : { valid_from: changes.validFrom }),
    ...(changes.validUntil === undefined ? {} : { valid_until: changes.validUntil }),
  };
  if (Object.keys(set).length === 0) return;
  await trx.updateTable('prices').set(set).where('id', '=', id).execute();
}
