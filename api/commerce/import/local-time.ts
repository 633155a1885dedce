import { IANAZone } from 'luxon';
import type { ClockReading } from './date-format.ts';

/** An instant as fixed-width text, `2011-03-27T00:30:00.000000Z`: sorts as it is ordered, and Postgres reads it. */
export type Instant = string;

/** Why a reading names no instant. */
export type NoInstant = 'gap' | 'range';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What analytics can hold (DateTime64); a time beyond it in a file of orders is a slip. */
const FIRST = Date.UTC(1900, 0, 2);
const LAST = Date.UTC(2299, 11, 30);

/**
 * Turns wall-clock readings into instants. A reading without offset is local time of `zone`:
 * one that the clocks skipped is a 'gap', one that happened twice is the earlier of both.
 */
export class ZoneClock {
  readonly #zone: IANAZone;
  /** Local day → its offset in ms, or null on a day whose neighbourhood has a change of clocks. */
  readonly #steady = new Map<number, number | null>();

  constructor(zone: string) {
    if (!IANAZone.isValidZone(zone)) throw new RangeError(`unknown time zone ${zone}`);
    this.#zone = IANAZone.create(zone);
  }

  /** The instant of a reading; a plain date is the first moment of that day. */
  instant(clock: ClockReading): Instant | { readonly none: NoInstant } {
    const wall = wallMs(clock);
    if (clock.offset !== undefined) return text(wall - clock.offset * 60_000, clock.micros);
    const utc = clock.dateOnly ? this.#startOfDay(wall) : this.#utc(wall);
    return utc === undefined ? { none: 'gap' } : text(utc, clock.micros);
  }

  /** The last microsecond of the reading's day. */
  endOfDay(clock: ClockReading): Instant | { readonly none: NoInstant } {
    return text(this.#startOfDay(wallMs({ ...clock, hour: 0, minute: 0, second: 0 }) + DAY) - 1, 999_999);
  }

  #offset(utc: number): number {
    return Math.round(this.#zone.offset(utc) * 60_000);
  }

  #utc(wall: number): number | undefined {
    const day = Math.floor(wall / DAY);
    let steady = this.#steady.get(day);
    if (steady === undefined) {
      // Offsets lie within ±15 h (−15:13 … +15:13 in old local times): these two instants enclose the local day.
      const before = this.#offset((day - 1) * DAY);
      steady = before === this.#offset((day + 2) * DAY) ? before : null;
      this.#steady.set(day, steady);
    }
    if (steady !== null) return wall - steady;
    const candidates = [this.#offset(wall - DAY), this.#offset(wall + DAY)].map((offset) => wall - offset);
    const real = candidates.filter((utc) => utc + this.#offset(utc) === wall);
    return real.length === 0 ? undefined : Math.min(...real);
  }

  /** The first instant whose local date is that of `midnight`: where the clocks skip midnight, the moment of the change. */
  #startOfDay(midnight: number): number {
    const utc = this.#utc(midnight);
    if (utc !== undefined) return utc;
    let low = midnight - DAY;
    let high = midnight + DAY;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (middle + this.#offset(middle) >= midnight) high = middle;
      else low = middle;
    }
    return high;
  }
}

function wallMs(clock: ClockReading): number {
  const { year, month, day, hour, minute, second, micros } = clock;
  // Date.UTC reads the years 0–99 as 1900–1999; those are out of range anyway.
  return year < 100
    ? Number.NEGATIVE_INFINITY
    : Date.UTC(year, month - 1, day, hour, minute, second) + Math.floor(micros / 1000);
}

function text(utc: number, micros: number): Instant | { readonly none: NoInstant } {
  if (!(utc >= FIRST && utc < LAST)) return { none: 'range' };
  return `${new Date(utc).toISOString().slice(0, 23)}${String(micros % 1000).padStart(3, '0')}Z`;
}
