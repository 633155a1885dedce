import { DateTime } from 'luxon';

/** How far back the history goes: the day of its end and as many before. */
export const HISTORY_DAYS = 90;

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const MINUTE = 60_000;

/** A day of a brand's zone. */
export interface LocalDay {
  /** 0 is the day of the end, -1 the day before. */
  readonly index: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** The instant (ms) at which each local hour 0–23 begins; at a change of the clock a missing one is the next. */
  readonly hours: readonly number[];
}

/** The days of a zone up to the one that holds `end`, the oldest first. */
export function localDays(zone: string, end: number): LocalDay[] {
  const last = DateTime.fromMillis(end, { zone }).startOf('day');
  return Array.from({ length: HISTORY_DAYS + 1 }, (_, position) => {
    const index = position - HISTORY_DAYS;
    const day = last.plus({ days: index });
    const midnight = day.toMillis();
    const usual = day.plus({ days: 1 }).toMillis() - midnight === DAY;
    const hours = Array.from({ length: 24 }, (_hour, hour) =>
      usual ? midnight + hour * HOUR : day.set({ hour }).toMillis(),
    );
    return { index, weekday: day.weekday - 1, hours };
  });
}

/** When the day `index` (0 is the last) begins. */
export function dayStart(days: readonly LocalDay[], index: number): number {
  const day = days[index + HISTORY_DAYS];
  if (day === undefined) throw new RangeError(`the history has no day ${index}`);
  return day.hours[0] as number;
}
