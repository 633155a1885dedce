import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { bucketsOf, type Grain, isZoneName, toInstant } from './buckets.ts';

function span(from: string, to: string, zone: string) {
  return { from: toInstant(DateTime.fromISO(from, { zone })), to: toInstant(DateTime.fromISO(to, { zone })) };
}

function times(from: string, to: string, grain: Grain, zone: string): string[] {
  return (bucketsOf(span(from, to, zone), grain, zone, 5_000) ?? []).map(({ time }) => time);
}

describe('buckets', () => {
  it('are days of the zone, across a change of the clock', () => {
    const days = bucketsOf(span('2024-03-30', '2024-04-02', 'Europe/London'), 'day', 'Europe/London', 10) ?? [];
    expect(days.map(({ time }) => time)).toEqual(['2024-03-30', '2024-03-31', '2024-04-01']);
    expect(days.map(({ from, to }) => Number((to - from) / 3_600_000_000n))).toEqual([24, 23, 24]);
  });

  // Mutation: counting from the bucket before instead of the first.
  it('begin when the day does, where midnight is skipped', () => {
    const days = bucketsOf(span('2018-11-03', '2018-11-06', 'America/Sao_Paulo'), 'day', 'America/Sao_Paulo', 10) ?? [];
    expect(days.map(({ from }) => new Date(Number(from / 1_000n)).toISOString())).toEqual([
      '2018-11-03T03:00:00.000Z',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
    ]);
  });

  // Mutations: what is remembered of a series is returned whole, or never made longer.
  it('are as many as asked for, whatever was asked for before', () => {
    for (const to of ['2024-05-03', '2024-05-06', '2024-05-04', '2024-05-06']) {
      const days = times('2024-05-01', to, 'day', 'Europe/Rome');
      expect([days[0], days.length]).toEqual(['2024-05-01', Number(to.slice(-2)) - 1]);
    }
    expect(times('2024-05-01', '2024-05-03', 'day', 'Asia/Tokyo')).toHaveLength(2);
  });

  it('are whole weeks from Monday, months, quarters and years around the span', () => {
    expect(times('2024-01-03', '2024-01-16', 'week', 'UTC')).toEqual(['2024-01-01', '2024-01-08', '2024-01-15']);
    expect(times('2023-12-31', '2024-01-02', 'month', 'UTC')).toEqual(['2023-12-01', '2024-01-01']);
    expect(times('2023-12-31', '2024-04-02', 'quarter', 'UTC')).toEqual(['2023-10-01', '2024-01-01', '2024-04-01']);
    expect(times('2020-06-01', '2022-01-01', 'year', 'UTC')).toEqual(['2020-01-01', '2021-01-01']);
    expect(times('2020-12-31', '2021-01-02', 'week', 'UTC')).toEqual(['2020-12-28']);
  });

  // Mutation: hours of UTC.
  it('are full hours of the wall clock, off by 45 minutes or not', () => {
    expect(times('2024-01-01T00:10', '2024-01-01T02:00', 'hour', 'Asia/Kathmandu')).toEqual([
      '2024-01-01T00:00:00+05:45',
      '2024-01-01T01:00:00+05:45',
    ]);
    expect(times('2024-01-01T09:30', '2024-01-01T11:00', 'hour', 'Australia/Eucla')).toEqual([
      '2024-01-01T09:00:00+08:45',
      '2024-01-01T10:00:00+08:45',
    ]);
  });

  it('have the hour twice that comes twice, and not the one that is skipped', () => {
    expect(times('2024-10-27T00:00', '2024-10-27T03:00', 'hour', 'Europe/London')).toEqual([
      '2024-10-27T00:00:00+01:00',
      '2024-10-27T01:00:00+01:00',
      '2024-10-27T01:00:00+00:00',
      '2024-10-27T02:00:00+00:00',
    ]);
    expect(times('2024-03-31T00:00', '2024-03-31T03:00', 'hour', 'Europe/London')).toEqual([
      '2024-03-31T00:00:00+00:00',
      '2024-03-31T02:00:00+01:00',
    ]);
    // Clocks go back by half an hour only.
    expect(times('2024-04-07T00:00', '2024-04-07T03:00', 'hour', 'Australia/Lord_Howe')).toEqual([
      '2024-04-07T00:00:00+11:00',
      '2024-04-07T01:00:00+11:00',
      '2024-04-07T01:30:00+11:00',
      '2024-04-07T02:00:00+10:30',
    ]);
  });

  it('are refused when there are too many, before any is made', () => {
    const started = performance.now();
    expect(bucketsOf(span('1900-01-02', '2299-12-31', 'UTC'), 'hour', 'UTC', 5_000)).toBeNull();
    expect(performance.now() - started).toBeLessThan(50);
    expect(bucketsOf(span('2024-01-01', '2024-01-08', 'UTC'), 'day', 'UTC', 7)).toHaveLength(7);
    expect(bucketsOf(span('2024-01-01', '2024-01-08', 'UTC'), 'day', 'UTC', 6)).toBeNull();
  });

  it('are in zones of the database, spelled as there', () => {
    for (const name of ['UTC', 'Europe/London', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])
      expect(isZoneName(name)).toBe(true);
    for (const name of ['', 'utc', 'europe/london', '+05:30', 'local', 'Mars/Base', "UTC'", 'UTC\n', '../UTC']) {
      expect(isZoneName(name), name).toBe(false);
    }
  });
});
