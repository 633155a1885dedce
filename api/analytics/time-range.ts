import { DateTime } from 'luxon';
import { invalid } from '../problem.ts';
import { type Instant, inZone, type TimeSpan, toInstant } from './buckets.ts';

export const presets = [
  'today',
  'yesterday',
  'last_7_days',
  'last_30_days',
  'month_to_date',
  'last_12_months',
  'year_to_date',
] as const;
export type Preset = (typeof presets)[number];
export type TimeRange = { readonly from: string; readonly to: string } | { readonly preset: Preset };
export const comparisons = ['previous_period', 'previous_year'] as const;
export type Comparison = (typeof comparisons)[number];

/** A resolved range. Series are filled up to `fillTo`: a preset that is running has no buckets in the future. */
export interface ResolvedRange extends TimeSpan {
  readonly fillTo: Instant;
}

/** What the stores can hold. */
const EARLIEST = DateTime.utc(1900, 1, 2);
const LATEST = DateTime.utc(2299, 12, 31);
const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The exact instants a range means in a zone at `now`. Presets are whole days of the zone and include the running one, except
 * `yesterday`. Throws a problem that names `timeRange.from` or `timeRange.to`.
 */
export function resolveRange(range: TimeRange, zone: string, now: Instant): ResolvedRange {
  if ('preset' in range) {
    const span = presetSpan(range.preset, inZone(now, zone).startOf('day'));
    return { ...span, fillTo: span.to <= now ? span.to : now + 1n };
  }
  const from = parseInstant(range.from, zone, 'timeRange.from');
  const to = parseInstant(range.to, zone, 'timeRange.to');
  if (from >= to) throw invalid({ path: 'timeRange.from', message: 'must be before timeRange.to' });
  return { from, to, fillTo: to };
}

function presetSpan(preset: Preset, today: DateTime): TimeSpan {
  const tomorrow = today.plus({ days: 1 }).startOf('day');
  const starts: Record<Preset, () => DateTime> = {
    today: () => today,
    yesterday: () => today.minus({ days: 1 }).startOf('day'),
    last_7_days: () => today.minus({ days: 6 }).startOf('day'),
    last_30_days: () => today.minus({ days: 29 }).startOf('day'),
    month_to_date: () => today.startOf('month'),
    // The running month and the eleven before it.
    last_12_months: () => today.startOf('month').minus({ months: 11 }),
    year_to_date: () => today.startOf('year'),
  };
  return { from: toInstant(starts[preset]()), to: toInstant(preset === 'yesterday' ? today : tomorrow) };
}

function parseInstant(text: string, zone: string, path: string): Instant {
  const parts = INSTANT.exec(text);
  const time = PLAIN_DATE.test(text)
    ? DateTime.fromISO(text, { zone })
    : parts
      ? DateTime.fromISO(`${parts[1]}${parts[3]}`)
      : DateTime.invalid('form');
  if (!time.isValid) {
    throw invalid({ path, message: 'must be a date (2011-01-31) or an instant with offset (2011-01-31T09:00:00Z)' });
  }
  if (time < EARLIEST || time > LATEST) throw invalid({ path, message: 'must lie between 1900-01-02 and 2299-12-31' });
  const start = PLAIN_DATE.test(text) ? time.startOf('day') : time;
  return toInstant(start) + BigInt((parts?.[2] ?? '').padEnd(6, '0'));
}

/**
 * The span a range is compared with. `previous_period` is the one of the same length just before: as many months when both
 * ends are firsts of a month, as many days when both are midnights, else as many microseconds; a preset goes back by its own
 * unit. `previous_year` is the same dates a year earlier. A range that is still running is compared with the part of the
 * other that had run by the same moment, so that both are equally complete.
 */
export function comparedRange(
  range: TimeRange,
  resolved: ResolvedRange,
  comparison: Comparison,
  zone: string,
  now: Instant,
): ResolvedRange {
  const to = resolved.from < now && now < resolved.to ? now : resolved.to;
  const back = comparison === 'previous_year' ? { years: 1 } : periodOf(range, resolved, zone);
  if (back === null) {
    const length = resolved.to - resolved.from;
    return { from: resolved.from - length, to: to - length, fillTo: to - length };
  }
  const shift = (instant: Instant) => {
    const micros = ((instant % 1_000n) + 1_000n) % 1_000n;
    return toInstant(inZone(instant, zone).minus(back)) + micros;
  };
  const end = shift(to);
  return { from: shift(resolved.from), to: end, fillTo: end };
}

type CalendarLength = { readonly days: number } | { readonly months: number } | { readonly years: number };

function periodOf(range: TimeRange, span: TimeSpan, zone: string): CalendarLength | null {
  if ('preset' in range) {
    const periods: Record<Preset, CalendarLength> = {
      today: { days: 1 },
      yesterday: { days: 1 },
      last_7_days: { days: 7 },
      last_30_days: { days: 30 },
      month_to_date: { months: 1 },
      last_12_months: { years: 1 },
      year_to_date: { years: 1 },
    };
    return periods[range.preset];
  }
  const from = inZone(span.from, zone);
  const to = inZone(span.to, zone);
  const isMidnight = (at: DateTime, instant: Instant) => toInstant(at.startOf('day')) === instant;
  if (!isMidnight(from, span.from) || !isMidnight(to, span.to)) return null;
  if (from.day === 1 && to.day === 1) return { months: (to.year - from.year) * 12 + to.month - from.month };
  return { days: Math.round(to.startOf('day').diff(from.startOf('day'), 'days').days) };
}
