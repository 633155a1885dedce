import type { BrandPlan, ProductPlan } from './brand-plan.ts';
import { DAY, dayStart, HISTORY_DAYS, type LocalDay } from './calendar.ts';
import { money, share, type Units, unitsOf } from './money.ts';
import type { Stories } from './stories.ts';
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

export interface CatalogOptions {
  readonly plan: BrandPlan;
  readonly stories: Stories;
  readonly days: readonly LocalDay[];
  readonly id: (time: number) => string;
  readonly rows: Rows;
}

/** Writes the brand's products and prices, which are there since a week before the first order. */
export function writeCatalog({ plan, stories, days, id, rows }: CatalogOptions): Variant[] {
  const created = dayStart(days, -HISTORY_DAYS) - 7 * DAY;
  const variants: Variant[] = [];
  const writePrice = (
    variant: Variant,
    kind: 'list' | 'promotion',
    amount: Units,
    from: number | null,
    until: number | null,
  ) =>
    rows.prices.push([
      id(created),
      variant.id,
      plan.currency,
      kind,
      money(amount),
      from === null ? null : time(from),
      until === null ? null : time(until),
      time(created),
    ]);
  for (const product of plan.products) {
    const productId = id(created);
    rows.products.push([productId, product.name, product.category, plan.tax / 1000, time(created)]);
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
      const { sku, cost, price } = variant;
      rows.product_variants.push([variant.id, productId, sku, kind, money(cost), plan.currency, null, time(created)]);
      writePrice(variant, 'list', price, null, null);
      for (const { category, percent, from, to } of stories.of('promotion')) {
        if (category !== product.category) continue;
        writePrice(
          variant,
          'promotion',
          price - share(price, percent, 100),
          dayStart(days, from),
          dayStart(days, to + 1),
        );
      }
      variants.push(variant);
    }
  }
  return variants;
}
