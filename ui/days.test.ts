import { expect, it } from 'vitest';
import { dayAfter, dayStart, formatDay, formatDays, periodDays, today } from './days.ts';

it('knows the day of a zone, and when it begins', () => {
  const now = new Date('2026-11-28T19:00:00Z');
  expect([today(now, 'Asia/Kolkata'), today(now, 'UTC')]).toEqual(['2026-11-29', '2026-11-28']);
  expect(dayStart('2026-11-29', 'Asia/Kolkata').toISOString()).toBe('2026-11-28T18:30:00.000Z');
  // Clocks change on this day, and in Adelaide on that.
  expect(dayStart('2026-10-25', 'Europe/London').toISOString()).toBe('2026-10-24T23:00:00.000Z');
  expect(dayStart('2026-10-26', 'Europe/London').toISOString()).toBe('2026-10-26T00:00:00.000Z');
  expect(dayStart('2026-10-05', 'Australia/Adelaide').toISOString()).toBe('2026-10-04T13:30:00.000Z');
});

it('tells the day on which stock ends that lasts so long', () => {
  const now = new Date('2026-11-28T19:00:00Z');
  // 00:30 in Kolkata: 23 hours later it is still the same day there.
  expect(dayAfter(now, 23 / 24, 'Asia/Kolkata')).toBe('2026-11-29');
  expect(dayAfter(now, 1, 'Asia/Kolkata')).toBe('2026-11-30');
  expect([formatDay('2026-12-04', now), formatDay('2027-01-04', now)]).toEqual(['4 Dec', '4 Jan 2027']);
});

it('makes days of a period as the API does', () => {
  const now = new Date('2026-11-28T19:00:00Z');
  const days = (period: 'last_7_days' | 'yesterday' | 'month_to_date') =>
    periodDays({ period, compare: 'none', filter: [] }, now, 'Asia/Kolkata');
  expect(days('last_7_days')).toEqual({ from: '2026-11-23', to: '2026-11-30' });
  expect(days('yesterday')).toEqual({ from: '2026-11-28', to: '2026-11-29' });
  expect(days('month_to_date')).toEqual({ from: '2026-11-01', to: '2026-11-30' });
});

it('writes from which day to which', () => {
  // Intl's spaces are thin ones.
  const plain = (text: string) => text.replaceAll(/\s/g, ' ');
  expect(plain(formatDays('2026-11-03', '2026-11-17'))).toBe('3 – 17 Nov 2026');
  expect(plain(formatDays('2026-10-28', '2026-11-03'))).toBe('28 Oct – 3 Nov 2026');
  expect(formatDays('2026-11-03', '2026-11-03')).toBe('3 Nov 2026');
  expect(formatDays('', 'no day')).toBe(' – no day');
});
