import { isOpenBucket } from '../ui/format.ts';
import type { KpiAnswer } from '../ui/kpi.ts';

/** At its usual pace it would have sold at least so many meanwhile, and it sold in so many of all other buckets: chance makes no such gap. */
const [MISSED, REGULARLY] = [12, 0.9];
/** Rows of the question: a brand with more products than fit is not told. */
export const MOST_UNIT_ROWS = 5_000;

export interface StoodStill {
  readonly product: string;
  /** First and last bucket without a sale, as the answer has them. */
  readonly from: string;
  readonly until: string;
  /** Units it would have sold meanwhile at its usual pace. */
  readonly missed: number;
}

/**
 * The product that sells all the time and for a while sold nothing: of all of them the one that missed most. `units` are units sold by product
 * and bucket; `byProduct` tells what sold in the period before: what is new did not stand still until it came. Null when none did.
 */
export function stoodStill(
  units: KpiAnswer | undefined,
  byProduct: KpiAnswer | undefined,
  grain: string,
  now = new Date(),
): StoodStill | null {
  if (units === undefined || units.rows.length >= MOST_UNIT_ROWS) return null;
  const soldBefore = new Set(byProduct?.comparison?.map(({ product }) => product));
  const courses = new Map<string, { time: string; sold: number }[]>();
  for (const { time, product, units_sold: sold } of units.rows) {
    if (product == null || isOpenBucket(String(time), grain, units.timezone, now)) continue;
    const course = courses.get(String(product)) ?? [];
    course.push({ time: String(time), sold: Number(sold) });
    courses.set(String(product), course);
  }
  const gaps = [...courses].flatMap(([product, course]) => {
    const gap = longestGap(course.map(({ sold }) => sold));
    if (gap === null || (gap.from === 0 && !soldBefore.has(product))) return [];
    const [from, until] = [course[gap.from]?.time ?? '', course[gap.to - 1]?.time ?? ''];
    return [{ product, from, until, missed: Math.round(gap.missed) }];
  });
  return gaps.sort((a, b) => b.missed - a.missed)[0] ?? null;
}

/** The longest run of nothing, `from` inclusive, `to` exclusive, where what is around it is no gap itself. */
function longestGap(sold: readonly number[]): { from: number; to: number; missed: number } | null {
  let [from, to] = [0, 0];
  for (let start = 0, at = 0; at <= sold.length; at++) {
    if (at < sold.length && sold[at] === 0) continue;
    if (at - start > to - from) [from, to] = [start, at];
    start = at + 1;
  }
  const others = sold.length - (to - from);
  const missed = (sold.reduce((sum, one) => sum + one, 0) / others) * (to - from);
  const isRegular = sold.filter((one) => one > 0).length >= REGULARLY * others;
  return isRegular && missed >= MISSED ? { from, to, missed } : null;
}
