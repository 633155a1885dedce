import { sum } from '../ui/decimal.ts';
import type { KpiAnswer } from '../ui/kpi.ts';

/** At least so many times the brand's own rate, and so much of all that came back: one odd parcel is no news. */
const [TIMES, SHARE] = [2, 0.1];

export interface MostReturned {
  readonly product: string;
  /** Its return rate by value, 0 to 1. */
  readonly rate: number;
}

/** The product that stands out by what comes back: by value furthest beyond what the brand's rate would give. Null when none does. */
export function mostReturned(byProduct: KpiAnswer | undefined, brandRate: unknown): MostReturned | null {
  const usual = Number(brandRate ?? 0);
  if (byProduct === undefined || usual <= 0) return null;
  const all = Number(sum(byProduct.rows.map(({ returns }) => String(returns ?? '0'))));
  const [worst] = byProduct.rows
    .flatMap(({ product, returns, return_rate_value: rate }) =>
      product == null || rate == null
        ? []
        : [{ product: String(product), returned: Number(returns), rate: Number(rate) }],
    )
    .filter(({ rate, returned }) => rate >= TIMES * usual && returned >= SHARE * all)
    .map((one) => ({ ...one, beyond: one.returned * (1 - usual / one.rate) }))
    .sort((a, b) => b.beyond - a.beyond);
  return worst ? { product: worst.product, rate: worst.rate } : null;
}
