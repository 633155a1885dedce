// Days of a zone in the browser, which knows the zones by Intl alone.
import { dateFormat } from './intl.ts';
import type { PageState } from './page-state.ts';

const DAY_MS = 86_400_000;

/** The wall clock of a zone at an instant, as if it were UTC: for arithmetic on days. */
function wallClock(at: Date, timeZone: string): number {
  const text = dateFormat({ timeZone, dateStyle: 'short', timeStyle: 'medium' }, 'sv-SE').format(at);
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

const dayOf = (wall: number) => new Date(wall).toISOString().slice(0, 10);

/** Today in a zone, `2026-11-29`. */
export function today(now: Date, timeZone: string): string {
  return dayOf(wallClock(now, timeZone));
}

/** The day so many days (also parts of days) after an instant, in a zone. */
export function dayAfter(now: Date, days: number, timeZone: string): string {
  return dayOf(wallClock(now, timeZone) + days * DAY_MS);
}

/** The instant at which a day of a zone begins. */
export function dayStart(day: string, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The offset before and after a change of clocks: the second look decides.
  let at = midnight;
  for (let look = 0; look < 2; look++) at += midnight - wallClock(new Date(at), timeZone);
  return new Date(at);
}

/** The days of a page's period: `from` inclusive, `to` exclusive. */
export function periodDays({ period, from = '', to = '' }: PageState, now: Date, timeZone: string) {
  if (period === 'custom') return { from, to };
  const end = today(now, timeZone);
  const shifted = (by: number) => dayOf(Date.parse(`${end}T00:00:00Z`) + by * DAY_MS);
  const starts = {
    today: end,
    yesterday: shifted(-1),
    last_7_days: shifted(-6),
    last_30_days: shifted(-29),
    month_to_date: `${end.slice(0, 8)}01`,
    last_12_months: dayOf(Date.UTC(Number(end.slice(0, 4)), Number(end.slice(5, 7)) - 12, 1)),
    year_to_date: `${end.slice(0, 5)}01-01`,
  };
  return { from: starts[period], to: period === 'yesterday' ? end : shifted(1) };
}

/** `4 Dec`, or `4 Dec 2027` when that is another year than this. */
export function formatDay(day: string, now: Date): string {
  const isOtherYear = !day.startsWith(String(now.getUTCFullYear()));
  return dateFormat({
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    ...(isOtherYear ? { year: 'numeric' } : {}),
  }).format(new Date(`${day}T00:00:00Z`));
}

/** From day to day, both included: `3 – 17 Nov 2026`; what is no day stays as it is. */
export function formatDays(from: string, until: string): string {
  const [start, end] = [from, until].map((day) => new Date(`${day}T00:00:00Z`));
  if (start === undefined || end === undefined || Number.isNaN(start.getTime() + end.getTime()))
    return `${from} – ${until}`;
  const format = dateFormat({ timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  return start > end ? `${from} – ${until}` : format.formatRange(start, end);
}
