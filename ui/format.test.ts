import { describe, expect, it } from 'vitest';
import { formatAge, formatFigure, formatSpan } from './format.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a length of time', () => {
  it.each([
    [0, '0 s'],
    [80, '80 ms'],
    [1_240, '1.2 s'],
    [12 * MINUTE, '12.0 min'],
    [90 * MINUTE, '1.5 h'],
    [23 * HOUR, '23.0 h'],
    [116.1 * HOUR, '4.8 days'],
    [-90 * MINUTE, '−1.5 h'],
  ])('of %d ms is written in the largest unit that it fills: %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  it('reads the same whatever unit a KPI is computed in', () => {
    expect(formatFigure('1.2', { id: 'avg_ship_time', unit: 'days' })).toBe('1.2 days');
    expect(formatFigure('28.8', { id: 'ship_time_p50', unit: 'hours' })).toBe('1.2 days');
    expect(formatFigure('0.05', { id: 'avg_ship_time', unit: 'days' })).toBe('1.2 h');
    expect(formatFigure('90', { id: 'freshness', unit: 'seconds' })).toBe('1.5 min');
  });

  it('shares the unit of the largest that it is compared with', () => {
    expect(formatFigure('12', { id: 'ship_time_p50', unit: 'hours', like: '36' })).toBe('0.5 days');
    expect(formatFigure(null, { id: 'ship_time_p50', unit: 'hours', like: '36' })).toBe('–');
  });

  it('stays in days where they are its name', () => {
    expect(formatFigure('0.4', { id: 'days_of_inventory', unit: 'days' })).toBe('0.4 days');
    expect(formatFigure('0', { id: 'days_of_inventory', unit: 'days' })).toBe('0 days');
  });

  it('ago counts the units that have passed', () => {
    const now = Date.parse('2026-03-02T12:00:00Z');
    expect(formatAge('2026-03-02T11:59:59.9Z', now)).toBe('0 s');
    expect(formatAge('2026-03-02T11:58:01Z', now)).toBe('1 min');
    expect(formatAge('2026-03-01T11:00:00Z', now)).toBe('1 day');
    expect(formatAge('2026-02-26T11:00:00Z', now)).toBe('4 days');
  });
});
