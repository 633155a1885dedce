import { type Instant, inZone, type TimeSpan, toInstant } from './buckets.ts';

/** How many days a present rate is the mean of. */
export const RATE_DAYS = 28;

/**
 * The days that tell the rate at which stock goes: the last 28 whole days of the zone. Today is not among them, so that a rate
 * changes at midnight only, and every weekday counts four times.
 */
export function rateWindow(now: Instant, zone: string): TimeSpan {
  const today = inZone(now, zone).startOf('day');
  return { from: toInstant(today.minus({ days: RATE_DAYS }).startOf('day')), to: toInstant(today) };
}
