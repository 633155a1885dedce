import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem.ts';
import type { Instant } from './buckets.ts';
import { type Comparison, comparedRange, type Preset, resolveRange, type TimeRange } from './time-range.ts';

const at = (text: string): Instant => BigInt(Date.parse(text)) * 1_000n;
const text = (instant: Instant) => new Date(Number(instant / 1_000n)).toISOString().replace(':00.000Z', 'Z');
const NOW = '2024-03-31T10:30:00Z';

function resolved(range: TimeRange, zone = 'UTC', now = NOW): string[] {
  const { from, to } = resolveRange(range, zone, at(now));
  return [text(from), text(to)];
}

function compared(range: TimeRange, comparison: Comparison, zone = 'UTC', now = NOW): string[] {
  const { from, to } = comparedRange(range, resolveRange(range, zone, at(now)), comparison, zone, at(now));
  return [text(from), text(to)];
}

describe('time ranges', () => {
  it('are days of the zone, or exact instants', () => {
    expect(resolved({ from: '2024-03-31', to: '2024-04-01' }, 'Europe/London')).toEqual([
      '2024-03-31T00:00Z',
      '2024-03-31T23:00Z',
    ]);
    expect(resolved({ from: '2024-01-01', to: '2024-01-02' }, 'Asia/Kathmandu')).toEqual([
      '2023-12-31T18:15Z',
      '2024-01-01T18:15Z',
    ]);
    expect(resolved({ from: '2024-01-01T00:00:00+05:45', to: '2024-01-02' })).toEqual([
      '2023-12-31T18:15Z',
      '2024-01-02T00:00Z',
    ]);
    const { from } = resolveRange({ from: '2024-01-01T00:00:00.000001Z', to: '2024-01-02' }, 'UTC', at(NOW));
    expect(from).toBe(at('2024-01-01T00:00:00Z') + 1n);
  });

  it.each<[Preset, string, string]>([
    ['today', '2024-03-31T00:00Z', '2024-03-31T23:00Z'],
    ['yesterday', '2024-03-30T00:00Z', '2024-03-31T00:00Z'],
    ['last_7_days', '2024-03-25T00:00Z', '2024-03-31T23:00Z'],
    ['last_30_days', '2024-03-02T00:00Z', '2024-03-31T23:00Z'],
    ['month_to_date', '2024-03-01T00:00Z', '2024-03-31T23:00Z'],
    ['year_to_date', '2024-01-01T00:00Z', '2024-03-31T23:00Z'],
  ])('%s follows the clock of the zone', (preset, from, to) => {
    expect(resolved({ preset }, 'Europe/London')).toEqual([from, to]);
  });

  // Mutation: "today" by the clock of the server.
  it('know that it is tomorrow already in Auckland', () => {
    expect(resolved({ preset: 'today' }, 'Pacific/Auckland', '2024-06-01T13:00:00Z')).toEqual([
      '2024-06-01T12:00Z',
      '2024-06-02T12:00Z',
    ]);
  });

  it('of presets are filled up to now only', () => {
    expect(resolveRange({ preset: 'today' }, 'UTC', at(NOW)).fillTo).toBe(at(NOW) + 1n);
    expect(resolveRange({ preset: 'yesterday' }, 'UTC', at(NOW)).fillTo).toBe(at('2024-03-31T00:00:00Z'));
  });

  it('compare with the period just before: months with months, days with days, else as long', () => {
    expect(compared({ from: '2024-02-01', to: '2024-03-01' }, 'previous_period')).toEqual([
      '2024-01-01T00:00Z',
      '2024-02-01T00:00Z',
    ]);
    expect(compared({ from: '2024-01-01', to: '2024-03-01' }, 'previous_period')).toEqual([
      '2023-11-01T00:00Z',
      '2024-01-01T00:00Z',
    ]);
    expect(compared({ from: '2024-03-04', to: '2024-03-11' }, 'previous_period')).toEqual([
      '2024-02-26T00:00Z',
      '2024-03-04T00:00Z',
    ]);
    expect(compared({ from: '2024-03-04T01:00Z', to: '2024-03-04T03:00Z' }, 'previous_period')).toEqual([
      '2024-03-03T23:00Z',
      '2024-03-04T01:00Z',
    ]);
    // The day before the clocks changed is 24 hours long, whatever today is.
    expect(
      compared({ from: '2024-03-31', to: '2024-04-01' }, 'previous_period', 'Europe/London', '2024-05-01T00:00:00Z'),
    ).toEqual(['2024-03-30T00:00Z', '2024-03-31T00:00Z']);
  });

  it('compare with the same dates a year earlier', () => {
    expect(compared({ from: '2024-02-01', to: '2024-03-01' }, 'previous_year')).toEqual([
      '2023-02-01T00:00Z',
      '2023-03-01T00:00Z',
    ]);
    expect(compared({ from: '2024-02-29', to: '2024-03-01' }, 'previous_year')).toEqual([
      '2023-02-28T00:00Z',
      '2023-03-01T00:00Z',
    ]);
  });

  // Mutation: comparing a running month with a whole one.
  it('compare a running range with as much of the other', () => {
    expect(compared({ preset: 'today' }, 'previous_period')).toEqual(['2024-03-30T00:00Z', '2024-03-30T10:30Z']);
    expect(compared({ preset: 'month_to_date' }, 'previous_period')).toEqual([
      '2024-02-01T00:00Z',
      '2024-02-29T10:30Z',
    ]);
    expect(compared({ preset: 'year_to_date' }, 'previous_year')).toEqual(['2023-01-01T00:00Z', '2023-03-31T10:30Z']);
    expect(compared({ from: '2024-03-01', to: '2024-04-01' }, 'previous_year')).toEqual([
      '2023-03-01T00:00Z',
      '2023-03-31T10:30Z',
    ]);
  });

  it.each([
    ['2024-13-01', '2025-01-01', 'timeRange.from'],
    ['2024-02-30', '2025-01-01', 'timeRange.from'],
    ['2024-01-01T00:00:00', '2025-01-01', 'timeRange.from'],
    ['2024-01-01', "2025-01-01'; DROP TABLE", 'timeRange.to'],
    ['2024-01-01', '2024-01-01', 'timeRange.from'],
    ['2024-01-02', '2024-01-01', 'timeRange.from'],
    ['0001-01-01', '2024-01-01', 'timeRange.from'],
    ['2024-01-01', '9999-01-01', 'timeRange.to'],
    ['2024-01-01T00:00:00.1234567Z', '2025-01-01', 'timeRange.from'],
    ['2024-01-01T25:00:00Z', '2025-01-01', 'timeRange.from'],
  ])('refuse %s – %s and name %s', (from, to, path) => {
    try {
      resolveRange({ from, to }, 'UTC', at(NOW));
      expect.unreachable();
    } catch (error) {
      expect((error as Problem).errors[0]?.path).toBe(path);
    }
  });
});
