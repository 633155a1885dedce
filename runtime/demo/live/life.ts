import type { Random } from '../../../verify/traffic/random.ts';
import type { BrandPlan, CountryPlan, ProductPlan } from '../brand-plan.ts';
import { DAY, MINUTE } from '../calendar.ts';
import { Payments } from '../payments.ts';
import { WeightedPick } from '../weighted.ts';

/** What happens to an order, one after the other. */
export type Action =
  | { readonly at: number; readonly do: 'confirm' | 'pick' | 'pack' | 'deliver' | 'cancel' }
  | {
      readonly at: number;
      readonly do: 'pay';
      readonly received: boolean;
      readonly method: string;
      readonly attempt: number;
    }
  | { readonly at: number; readonly do: 'ship'; readonly carrier: string }
  | {
      readonly at: number;
      readonly do: 'return';
      /** By the number of the line. */
      readonly lines: readonly { readonly lineNo: number; readonly quantity: number; readonly restock: boolean }[];
    };

export type Life = readonly Action[];

/** What takes a day in the history takes ten minutes here: a whole life fits into a session in front of the screen. */
export const LIVE_DAY = 10 * MINUTE;

/** The life of an order that is placed at `placedAt`, by the same odds as in the history. */
export function lifeOf(
  { plan, random, liveDay }: { readonly plan: BrandPlan; readonly random: Random; readonly liveDay: number },
  placedAt: number,
  country: CountryPlan,
  lines: readonly { readonly quantity: number; readonly product: ProductPlan }[],
): Life {
  const live = (ms: number) => Math.floor((ms * liveDay) / DAY);
  const { attempts, confirmedAt } = new Payments(plan, random, () => 0).of(placedAt);
  // A payment is no faster here than it is: seconds stay seconds.
  const payments = attempts.map(({ at, received, method }, attempt): Action => {
    const after = attempt === 0 && at - placedAt < DAY ? 2_000 + (at - placedAt) / 10 : live(at - placedAt) + 10_000;
    return { at: placedAt + Math.floor(after), do: 'pay', received, method, attempt };
  });
  const paid = payments.at(-1)?.at ?? placedAt;
  if (confirmedAt === null) return [...payments, { at: paid + MINUTE, do: 'cancel' }];
  const onAccount = (attempts[0]?.at ?? placedAt) - placedAt > DAY;
  const confirmed = (onAccount ? placedAt : paid) + random.integer(2_000, 20_000);
  const first: Action[] = [...(onAccount ? [] : payments), { at: confirmed, do: 'confirm' }];
  if (random.chance(plan.cancelled))
    return [...first, { at: confirmed + random.integer(10_000, 60_000), do: 'cancel' }];
  const carriers = plan.warehouses.find(({ code }) => code === country.warehouse)?.carriers ?? [];
  const days = (low: number, high: number) => Math.floor((low + (high - low) * random.next()) * liveDay);
  const picked = confirmed + days(0.05, 0.3) + new WeightedPick(plan.handling).pick(random) * liveDay;
  const packed = picked + days(0.02, 0.08);
  const shipped = packed + days(0.02, 0.1);
  const late = random.chance(0.035) ? random.integer(2, 5) * liveDay : 0;
  const delivered = shipped + random.integer(...country.transit) * liveDay + days(-0.2, 0.2) + late;
  const returned = returnedLines(random, lines);
  return [
    ...first,
    { at: picked, do: 'pick' },
    { at: packed, do: 'pack' },
    { at: shipped, do: 'ship', carrier: new WeightedPick(carriers).pick(random) },
    { at: delivered, do: 'deliver' },
    ...(returned.length === 0 ? [] : [{ at: delivered + days(2, 8), do: 'return' as const, lines: returned }]),
    ...(onAccount ? payments : []),
  ];
}

function returnedLines(random: Random, lines: readonly { readonly quantity: number; readonly product: ProductPlan }[]) {
  return lines.flatMap(({ quantity, product }, index) =>
    random.chance(product.returns ?? 0.02)
      ? [{ lineNo: index + 1, quantity: random.integer(1, quantity), restock: random.chance(0.85) }]
      : [],
  );
}
