import { Decimal } from 'decimal.js';
import type { CommerceTransaction } from '../database.ts';
import { utcText } from '../fields.ts';

/** A price of one unit, without tax. */
export interface Price {
  readonly id: string;
  readonly variantId: string;
  readonly currency: string;
  readonly kind: 'list' | 'promotion';
  readonly minQuantity: number;
  /** Exactly 4 decimals. */
  readonly amount: string;
  /** Inclusive; `2024-01-31T10:00:00.000000Z`, null when open. */
  readonly validFrom: string | null;
  /** Exclusive. */
  readonly validUntil: string | null;
}

export interface ApplicablePrice<P extends Price = Price> {
  readonly list: P;
  /** Only when it is lower than the list price. */
  readonly promotion: P | null;
  /** Of one unit: that of the list price. */
  readonly unitPrice: string;
  /** Of the whole quantity: what the promotion takes off. */
  readonly discount: string;
}

/**
 * The price of `quantity` units at an instant (as in {@link Price}): of the list prices valid then, the one of the highest
 * `minQuantity` that is reached; of the promotions valid and reached, the lowest, if it is below the list price. Its difference is a
 * discount, gross stays at list. Null without a list price: a promotion alone is no price. `prices` are of one variant and currency.
 */
export function applicablePrice<P extends Price>(
  prices: readonly P[],
  { quantity, at }: { quantity: number; at: string },
): ApplicablePrice<P> | null {
  const reached = prices.filter(
    ({ minQuantity, validFrom, validUntil }) =>
      minQuantity <= quantity && (validFrom === null || validFrom <= at) && (validUntil === null || at < validUntil),
  );
  const list = best(
    reached.filter(({ kind }) => kind === 'list'),
    (a, b) => a.minQuantity > b.minQuantity,
  );
  if (list === null) return null;
  const lowest = best(
    reached.filter(({ kind }) => kind === 'promotion'),
    (a, b) => new Decimal(a.amount).lt(b.amount),
  );
  const promotion = lowest !== null && new Decimal(lowest.amount).lt(list.amount) ? lowest : null;
  const discount = promotion === null ? new Decimal(0) : new Decimal(list.amount).minus(promotion.amount);
  return { list, promotion, unitPrice: list.amount, discount: discount.times(quantity).toFixed(4) };
}

/** The first that no other is better than; ties go to the older id, so that the answer does not depend on the order of rows. */
function best<P extends Price>(prices: readonly P[], better: (a: P, b: P) => boolean): P | null {
  return prices.reduce<P | null>((chosen, price) => {
    if (chosen === null || better(price, chosen)) return price;
    return !better(chosen, price) && price.id < chosen.id ? price : chosen;
  }, null);
}

/** A price as stored. */
export interface PriceRow extends Price {
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** All prices of the variants in one currency, by variant, in one query; variants without any are not in the map. */
export async function pricesOf(
  trx: CommerceTransaction,
  variantIds: readonly string[],
  currency: string,
): Promise<Map<string, PriceRow[]>> {
  const byVariant = new Map<string, PriceRow[]>();
  if (variantIds.length === 0) return byVariant;
  const prices = await selectPrices(trx)
    .where('variant_id', 'in', [...new Set(variantIds)])
    .where('currency', '=', currency)
    .execute();
  for (const price of prices) byVariant.set(price.variantId, [...(byVariant.get(price.variantId) ?? []), price]);
  return byVariant;
}

/** Prices as the API shows them. */
export function selectPrices(trx: CommerceTransaction) {
  return trx
    .selectFrom('prices')
    .select([
      'id',
      'variant_id as variantId',
      'currency',
      'kind',
      'min_quantity as minQuantity',
      'amount',
      utcText<string | null>('valid_from').as('validFrom'),
      utcText<string | null>('valid_until').as('validUntil'),
      utcText('created_at').as('createdAt'),
      utcText('updated_at').as('updatedAt'),
    ]);
}
