import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan } from './brand-plan.ts';
import type { Variant } from './catalog.ts';
import { share, split, type Units, unitsOf } from './money.ts';
import type { StockRoom } from './stock-room.ts';
import type { Stories } from './stories.ts';
import { WeightedPick } from './weighted.ts';

/** A sold line; amounts are of the whole line. */
export interface OrderLine {
  readonly id: string;
  readonly variant: Variant;
  readonly units: number;
  readonly gross: Units;
  readonly discount: Units;
  readonly tax: Units;
  readonly shipping: Units;
  /** Index of the warehouse that ships it. */
  readonly warehouse: number;
}

interface Item {
  readonly variant: Variant;
  readonly units: number;
  readonly warehouse: number;
}

export interface BasketOptions {
  readonly plan: BrandPlan;
  readonly stories: Stories;
  readonly random: Random;
  readonly variants: readonly Variant[];
  readonly stock: StockRoom;
  /** The day, counted from the end. */
  readonly day: number;
}

/** What buyers put into their baskets on one day. */
export class Baskets {
  private readonly options: BasketOptions;
  private readonly products: WeightedPick<Variant>;
  private readonly lines: WeightedPick<number>;
  private readonly units: WeightedPick<number>;

  constructor(options: BasketOptions) {
    const { plan, stories, variants, day } = options;
    this.options = options;
    this.products = new WeightedPick(variants.map((v) => [v, v.weight * stories.lift(day, v.product)] as const));
    this.lines = new WeightedPick(plan.lines);
    this.units = new WeightedPick(plan.units);
  }

  /** A basket, priced; empty when what was wanted is out of stock: the buyer leaves. */
  fill(at: number, warehouse: number, id: (time: number) => string, first?: Variant): OrderLine[] {
    const { random, stock } = this.options;
    const items: Item[] = [];
    const wanted = this.lines.pick(random);
    for (let line = 0; line < wanted; line++) {
      const variant = line === 0 && first ? first : this.products.pick(random);
      const units = this.units.pick(random);
      if (items.some((item) => item.variant === variant)) continue;
      const from = stock.take(variant, warehouse, units, at);
      if (from !== null) items.push({ variant, units, warehouse: from });
      // A buyer whose main wish is out of stock mostly buys nothing.
      else if (line === 0 && random.chance(0.7)) return [];
    }
    return this.priced(items, at, id);
  }

  private priced(items: readonly Item[], at: number, id: (time: number) => string): OrderLine[] {
    const { plan, random, stories, day } = this.options;
    const voucher = random.chance(0.05) ? 10 : 0;
    const goods = items.map((item) => {
      const percent = Math.max(stories.percentOff(day, item.variant.product), voucher);
      const gross = item.variant.price * item.units;
      // Per unit, as a price list has it.
      return { ...item, gross, discount: share(item.variant.price, percent, 100) * item.units };
    });
    const paid = goods.map(({ gross, discount }) => gross - discount);
    const total = paid.reduce((sum, amount) => sum + amount, 0);
    const fee = total < unitsOf(plan.shipping.freeFrom) ? unitsOf(plan.shipping.fee) : 0;
    const shipping = split(fee, paid);
    return goods.map((item, index) => ({
      ...item,
      id: id(at),
      tax: share(paid[index] as number, plan.tax, 1000),
      shipping: shipping[index] as number,
    }));
  }
}
