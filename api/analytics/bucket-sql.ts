import type { Grain } from './buckets.ts';

/**
 * The key of the bucket a time is in, as buckets.ts names it: a Date32, or for hours the seconds since 1970 of the full hour
 * of the wall clock. `time` is a DateTime64(6), `zone` an expression. Written with Date32 arithmetic because ClickHouse's own
 * `toStartOf…` of dates before 1970 give 1970-01-01.
 */
export function bucketSql(grain: Grain, time: string, zone: string): string {
  const date = `toDate32(toTimeZone(${time}, ${zone}))`;
  switch (grain) {
    case 'hour': {
      const micros = `toUnixTimestamp64Micro(${time})`;
      const offset = `timezoneOffset(toTimeZone(${time}, ${zone})) * 1000000`;
      return `intDiv(${micros} - positiveModulo(${micros} + ${offset}, 3600000000), 1000000)`;
    }
    case 'day':
      return date;
    case 'week':
      return `${date} - (toDayOfWeek(${date}) - 1)`;
    case 'month':
      return `makeDate32(toYear(${date}), toMonth(${date}), 1)`;
    case 'quarter':
      return `makeDate32(toYear(${date}), toQuarter(${date}) * 3 - 2, 1)`;
    case 'year':
      return `makeDate32(toYear(${date}), 1, 1)`;
  }
}

/** The number of the month a time is in, counted so that the difference of two is the months between them. */
export function monthNumberSql(time: string, zone: string): string {
  const date = `toDate32(toTimeZone(${time}, ${zone}))`;
  return `toInt32(toYear(${date}) * 12 + toMonth(${date}))`;
}
