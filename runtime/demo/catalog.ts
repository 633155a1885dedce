import type { BrandPlan, ProductPlan } from './brand-plan.ts';
import { DAY } from './calendar.ts';
import { money, type Units, unitsOf } from './money.ts';
import { type Rows, time } from './tables.ts';

/** What is sold: one size or colour of a product. */
export interface Variant {
  readonly index: number;
  readonly id: string;
  readonly sku: string;
  readonly product: ProductPlan;
  readonly price: Units;
  readonly cost: Units;
  /** Relative demand. */
  readonly weight: number;
}

/** Writes the brand's products, which are there since a week before the first order. */
export function writeCatalog(plan: BrandPlan, start: number, id: (time: number) => string, rows: Rows): Variant[] {
  const created = start - 7 * DAY;
  const variants: Variant[] = [];
  for (const product of plan.products) {
    const productId = id(created);
    rows.products.push([productId, product.name, product.category, time(created)]);
    const kinds = product.variants ?? [null];
    for (const kind of kinds) {
      const variant: Variant = {
        index: variants.length,
        id: id(created),
        sku: [plan.prefix, product.key, ...(kind === null ? [] : [kind])].join('-'),
        product,
        price: unitsOf(product.price),
        cost: unitsOf(product.cost),
        weight: product.weight / kinds.length,
      };
      const { sku, cost } = variant;
      rows.product_variants.push([variant.id, productId, sku, kind, money(cost), plan.currency, null, time(created)]);
      variants.push(variant);
    }
  }
  return variants;
}
