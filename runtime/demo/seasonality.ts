import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan } from './brand-plan.ts';
import { HISTORY_DAYS, HOUR, type LocalDay } from './calendar.ts';
import { WeightedPick } from './weighted.ts';

/** Relative demand of the local hours 0–23. */
const HOURS: Readonly<Record<BrandPlan['hours'], readonly number[]>> = {
  // Lunch and the evening.
  shop: [4, 2, 1, 1, 1, 3, 8, 18, 32, 46, 54, 58, 64, 58, 52, 50, 50, 52, 56, 60, 58, 44, 26, 12],
  // Mostly after work.
  evening: [8, 4, 2, 1, 1, 2, 6, 14, 24, 32, 36, 40, 48, 44, 38, 38, 40, 48, 60, 78, 92, 88, 60, 26],
  office: [0, 0, 0, 0, 0, 1, 4, 22, 60, 88, 96, 84, 52, 64, 86, 80, 58, 24, 6, 3, 2, 1, 1, 0],
};

/** Share of a day's demand that falls into each hour; adds up to 1. */
export function hourShares(hours: BrandPlan['hours']): readonly number[] {
  const weights = HOURS[hours];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Orders to be expected on a day: size, growth, weekday. */
export function usualOrders(plan: BrandPlan, day: LocalDay): number {
  const mean = plan.weekdays.reduce((sum, weight) => sum + weight, 0) / 7;
  const age = (day.index + HISTORY_DAYS) / HISTORY_DAYS;
  return ((plan.ordersPerDay * (plan.weekdays[day.weekday] as number)) / mean) * (1 + plan.growth * (age - 0.5));
}

/** A whole number around the expected one: days differ by up to a fifth. */
export function count(random: Random, expected: number): number {
  const noise = 0.8 + 0.2 * (random.next() + random.next());
  return Math.floor(expected * noise + random.next());
}

/** Instants of `orders` orders on a day of the brand, in order. */
export function instants(random: Random, plan: BrandPlan, day: LocalDay, orders: number): number[] {
  const hour = new WeightedPick(HOURS[plan.hours].map((weight, at) => [at, weight] as const));
  return Array.from(
    { length: orders },
    () => (day.hours[hour.pick(random)] as number) + Math.floor(random.next() * HOUR),
  ).sort((a, b) => a - b);
}
