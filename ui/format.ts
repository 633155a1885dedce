// Figures as people read them. Money stays decimal text until Intl formats it: no float touches it.
import { dateFormat, numberFormat } from './intl.ts';
import { type Cell, isPercentage, type Unit } from './kpi.ts';

export interface FigureFormat {
  readonly id: string;
  readonly unit: Unit;
  /** ISO 4217; for money. */
  readonly currency?: string | null;
  /** Of a length of time: the figure whose unit it shares, the largest on its axis or in its column. */
  readonly like?: Cell;
}

export const NO_FIGURE = '–';

/** A number; its minus as wide as a plus, so that columns of changes stand under each other. */
function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return numberFormat(options).format(value).replace('-', '−');
}

/** Milliseconds of what lengths of time are written in, largest first. */
const SPANS = [
  [86_400_000, 'days'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
] as const;
const KPI_SPANS = { days: SPANS[0][0], hours: SPANS[1][0], seconds: SPANS[3][0] } as const;

/**
 * A length of time in milliseconds. One rule for all of them: the largest unit that it fills, to one decimal, whatever unit it was
 * computed in: `1.2 days`, `5.6 h`, `3.0 min`, `1.2 s`, `80 ms`. What is compared on one axis or in one column shares the unit of the largest, `like`.
 * Two are left out: days of inventory, which are days by name, and the rows behind a figure, which add up (`formatExactSpan`).
 */
export function formatSpan(milliseconds: number, like = milliseconds): string {
  const [size, name] = SPANS.find(([least]) => Math.abs(like) >= least) ?? SPANS[3];
  const digits = name === 'ms' || milliseconds === 0 ? 0 : 1;
  const number = formatNumber(milliseconds / size, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${number} ${name}`;
}

/** How long ago, in whole units that have passed: `5 s`, `3 min`, `2 h`, `1 day`, `4 days`. */
export function formatAge(iso: string, now: number = Date.now()): string {
  const age = Math.max(0, now - Date.parse(iso));
  const [size, name] = SPANS.find(([least]) => age >= least && least >= 1_000) ?? SPANS[3];
  const whole = Math.floor(age / size);
  return `${formatNumber(whole)} ${name === 'days' && whole === 1 ? 'day' : name}`;
}

/** The whole figure with its unit: `€12,345.67`, `1,204`, `97.2%`, `5.6 h`. */
export function formatFigure(value: Cell | undefined, { id, unit, currency, like = value }: FigureFormat): string {
  if (value === null || value === undefined) return NO_FIGURE;
  // Intl takes decimal text as it is; its type does not say so yet.
  const exact = value as unknown as number;
  if (unit === 'money') {
    return currency
      ? formatNumber(exact, { style: 'currency', currency })
      : formatNumber(exact, { minimumFractionDigits: 2 });
  }
  if (isPercentage(id, unit))
    return formatNumber(exact, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (unit === 'count') return formatNumber(exact, { maximumFractionDigits: 0 });
  if (unit === 'ratio') return formatNumber(exact, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const size = KPI_SPANS[unit];
  return formatSpan(Number(value) * size, id === 'days_of_inventory' ? size : Number(like) * size);
}

/** Microseconds as hours and minutes, `26 h 05 min`: of rows that add up. */
export function formatExactSpan(micros: Cell | undefined): string {
  if (micros === null || micros === undefined) return NO_FIGURE;
  const minutes = BigInt(micros) / 60_000_000n;
  return `${formatNumber(Number(minutes / 60n))} h ${String(minutes % 60n).padStart(2, '0')} min`;
}

/** For axes and narrow places: `€12K`, `75%`. */
export function formatShort(value: Cell | undefined, format: FigureFormat): string {
  if (value === null || value === undefined) return NO_FIGURE;
  if (format.unit === 'money' && format.currency) {
    const options = {
      style: 'currency',
      currency: format.currency,
      notation: 'compact',
      maximumFractionDigits: 1,
    } as const;
    return formatNumber(value as unknown as number, options);
  }
  if (format.unit === 'count') return formatNumber(value as number, { notation: 'compact', maximumFractionDigits: 1 });
  if (isPercentage(format.id, format.unit))
    return formatNumber(value as number, { style: 'percent', maximumFractionDigits: 1 });
  return formatFigure(value, format);
}

export interface Change {
  /** `+12.3%`, `−0.8 pp`; null where there is nothing to compare with. */
  readonly text: string | null;
  readonly sense: 'good' | 'bad' | 'neutral';
  readonly direction: 'up' | 'down' | 'flat';
}

/** How a figure moved against another, and whether that is good: a return rate that falls is. */
export function changeOf(
  now: Cell | undefined,
  before: Cell | undefined,
  format: FigureFormat,
  good: 'up is good' | 'down is good' | 'neutral',
): Change {
  const none = { text: null, sense: 'neutral', direction: 'flat' } as const;
  if (now === null || now === undefined || before === null || before === undefined) return none;
  const [a, b] = [Number(now), Number(before)];
  const points = isPercentage(format.id, format.unit);
  if (!points && b === 0) return none;
  const change = points ? (a - b) * 100 : (a - b) / Math.abs(b);
  const signed = { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
  const text = points ? `${formatNumber(change, signed)} pp` : formatNumber(change, { ...signed, style: 'percent' });
  // What reads as no change is none.
  const direction = !/[1-9]/.test(text) ? 'flat' : a > b ? 'up' : 'down';
  const isGood = good === 'neutral' || direction === 'flat' ? null : (direction === 'up') === (good === 'up is good');
  return { text, direction, sense: isGood === null ? 'neutral' : isGood ? 'good' : 'bad' };
}

/** An instant in a zone, `14:03:22`; with the day when that is not today. */
export function formatTime(iso: string, timeZone: string, withSeconds = true): string {
  const at = new Date(iso);
  const day = (date: Date) => dateFormat({ timeZone }, 'en-CA').format(date);
  const time: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
  };
  const isToday = day(at) === day(new Date());
  return dateFormat({ timeZone, ...time, ...(isToday ? {} : { day: 'numeric', month: 'short' }) }).format(at);
}

/** An instant's day in a zone, `29 Nov 2026`. */
export function formatDay(iso: string, timeZone: string): string {
  return dateFormat({ timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));
}

/** Whether a bucket is still filling: what it says so far is no fall. `time` as in `formatBucket`. */
export function isOpenBucket(time: string, grain: string, timeZone: string, now = new Date()): boolean {
  if (grain === 'hour') return now.getTime() < Date.parse(time) + 3_600_000;
  const end = new Date(`${time}T00:00:00Z`);
  if (grain === 'week') end.setUTCDate(end.getUTCDate() + 7);
  else if (grain === 'day') end.setUTCDate(end.getUTCDate() + 1);
  else end.setUTCMonth(end.getUTCMonth() + ({ month: 1, quarter: 3 }[grain] ?? 12));
  return dateFormat({ timeZone }, 'en-CA').format(now) < end.toISOString().slice(0, 10);
}

/** A bucket's label: `12 Mar`, `Mar 2026`, `14:00`. `time` is a date or an instant with offset. */
export function formatBucket(time: string, grain: string, timeZone: string): string {
  if (grain === 'hour')
    return dateFormat({ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(time));
  const options: Intl.DateTimeFormatOptions =
    grain === 'year'
      ? { year: 'numeric' }
      : grain === 'month' || grain === 'quarter'
        ? { month: 'short', year: 'numeric' }
        : { day: 'numeric', month: 'short' };
  return dateFormat({ timeZone: 'UTC', ...options }).format(new Date(`${time}T00:00:00Z`));
}
