// Time buckets in a zone. Instants are microseconds since 1970 as bigint, exact as Postgres keeps them.
import { DateTime, IANAZone } from 'luxon';

export const grains = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof grains)[number];

/** Microseconds since 1970-01-01T00:00Z. */
export type Instant = bigint;

export interface TimeSpan {
  /** Inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

/** A bucket as SQL names it (`key`) and as the answer shows it (`time`), with where it starts and ends. */
export interface Bucket extends TimeSpan {
  readonly key: string;
  readonly time: string;
}

const MICROS = 1_000n;
const HOUR = 3_600_000;
/** No bucket of the grain is shorter: a quick upper bound of their number before any is made. */
const shortest: Readonly<Record<Grain, number>> = {
  hour: HOUR / 2,
  day: 22 * HOUR,
  week: 166 * HOUR,
  month: 28 * 24 * HOUR - 2 * HOUR,
  quarter: 90 * 24 * HOUR - 2 * HOUR,
  year: 365 * 24 * HOUR - 2 * HOUR,
};

export function toInstant(time: DateTime): Instant {
  return BigInt(time.toMillis()) * MICROS;
}

export function inZone(instant: Instant, zone: string): DateTime {
  const floor = instant >= 0n || instant % MICROS === 0n ? instant / MICROS : instant / MICROS - 1n;
  return DateTime.fromMillis(Number(floor), { zone });
}

/** A name of the IANA database, spelled as there ("Europe/London", not "europe/london"; no offsets). */
export function isZoneName(name: string): boolean {
  return /^[A-Z][A-Za-z]*([/_+-][A-Za-z0-9]+)*$/.test(name) && name.length <= 64 && IANAZone.isValidZone(name);
}

/**
 * The buckets of a time span in order, the first and the last whole even when the span cuts them; null when there are more
 * than `most`. Hours are hours of the wall clock, so that in zones off by 30 or 45 minutes they start at their full hour.
 */
export function bucketsOf(span: TimeSpan, grain: Grain, zone: string, most: number): Bucket[] | null {
  if (Number((span.to - span.from) / MICROS) / shortest[grain] > most * 2 + 2) return null;
  const buckets = grain === 'hour' ? hours(span, zone) : calendarBuckets(span, grain, zone);
  return buckets.length > most ? null : buckets;
}

/** Series of buckets by zone, grain and first bucket: asked for over and over, and dear to make (calendars of zones are). */
const remembered = new Map<string, Bucket[]>();
const MOST_REMEMBERED = 500;
const LONGEST_REMEMBERED = 400;

function calendarBuckets(span: TimeSpan, grain: Exclude<Grain, 'hour'>, zone: string): Bucket[] {
  const first = inZone(span.from, zone).startOf(grain);
  const name = `${zone} ${grain} ${first.toMillis()}`;
  const buckets = remembered.get(name) ?? [];
  // Counted from the first one: adding to the one before would carry a skipped midnight along.
  const start = (index: number) => first.plus({ [grain]: index }).startOf(grain);
  for (let last = buckets.at(-1); last === undefined || last.to < span.to; last = buckets.at(-1)) {
    const at = start(buckets.length);
    const date = at.toISODate() ?? '';
    buckets.push({ key: date, time: date, from: toInstant(at), to: toInstant(start(buckets.length + 1)) });
  }
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  if (buckets.length <= LONGEST_REMEMBERED) remembered.set(name, buckets);
  else remembered.delete(name);
  return buckets.filter(({ from }) => from < span.to);
}

/** The bucket an instant is in is the full hour of its wall clock, as an instant at the instant's own offset. */
function hourStart(millis: number, zone: string): number {
  const offset = DateTime.fromMillis(millis, { zone }).offset * 60_000;
  return Math.floor((millis + offset) / HOUR) * HOUR - offset;
}

function hours(span: TimeSpan, zone: string): Bucket[] {
  const buckets: Bucket[] = [];
  let at = hourStart(inZone(span.from, zone).toMillis(), zone);
  while (BigInt(at) * MICROS < span.to) {
    const next = hourStart(at + HOUR, zone);
    const time = DateTime.fromMillis(at, { zone });
    buckets.push({
      key: String(at / 1_000),
      time: hourLabel(time),
      from: BigInt(at) * MICROS,
      to: BigInt(next) * MICROS,
    });
    at = next;
  }
  return buckets;
}

/** `2011-01-01T09:00:00+05:45`. */
export function hourLabel(time: DateTime): string {
  return time.toFormat("yyyy-MM-dd'T'HH:mm:ssZZ");
}
