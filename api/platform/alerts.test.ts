import { describe, expect, it } from 'vitest';
import { AlertBook } from './alert-book.ts';
import { alertsOf, type PlatformFacts } from './alerts.ts';
import type { ServiceState, StreamState } from './instance.ts';

const now = new Date('2026-03-10T12:00:00Z');
const up = (name: string, more: Partial<ServiceState> = {}): ServiceState => ({
  ...{ name, state: 'up', restarts: 0, reason: null, since: '2026-03-10T08:00:00Z', ...more },
});
const stream: StreamState = {
  ...{ state: 'live', problem: null, position: '0/1', lagBytes: 0, lastCommit: null, appliedAt: now.toISOString() },
  ...{
    delayMs: 80,
    rowsPerSecond: 1,
    deadLetters: 0,
    staleKeys: 0,
    restarts: 0,
    storeMs: 1,
    refreshMs: 1,
    drift: 0,
    sampled: 0,
  },
};
const calm: PlatformFacts = {
  instance: { reasons: [], services: ['postgres', 'clickhouse', 'stream', 'api'].map((name) => up(name)), stream },
  ...{ findings: null, quiet: [], slugs: new Map([['t1', 'atlas']]), lastMoved: '2026-03-10T11:59:30Z', now },
};
const told = (change: Partial<PlatformFacts['instance']>, rest: Partial<PlatformFacts> = {}) =>
  alertsOf({ ...calm, ...rest, instance: { ...calm.instance, ...change } });

describe('alerts', () => {
  it('say nothing while nothing is wrong', () => expect(alertsOf(calm)).toEqual([]));

  it('tell a process that is down, since when and what that affects, and not the stream besides', () => {
    const services = [
      up('postgres'),
      up('stream', { state: 'restarting', reason: 'ended by SIGKILL', since: '2026-03-10T11:58:00Z' }),
    ];
    const [alert, ...others] = told({ services, stream: null, reasons: ['stream is restarting'] });
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ id: 'process stream', tone: 'bad', since: '2026-03-10T11:58:00Z' });
    expect(alert?.title).toBe('stream is restarting: ended by SIGKILL');
    expect(alert?.effect).toMatch(/stand still.*Nothing is lost/);
  });

  it('tell a restart for a quarter of an hour', () => {
    const services = (since: string) => [up('stream', { restarts: 2, reason: 'ended by SIGKILL', since })];
    expect(told({ services: services('2026-03-10T11:50:00Z') })).toMatchObject([
      { id: 'restart stream', tone: 'warn' },
    ]);
    expect(told({ services: services('2026-03-10T11:40:00Z') })).toEqual([]);
  });

  it('tell stalled from lagging from silent, since figures last moved', () => {
    const since = calm.lastMoved;
    expect(told({ stream: { ...stream, state: 'stalled', problem: 'disk full' } })).toMatchObject([
      { id: 'stream', tone: 'bad', title: 'The change stream is stalled: disk full', since },
    ]);
    expect(told({ stream: { ...stream, state: 'lagging', lagBytes: 3_145_728, delayMs: 4_200 } })).toMatchObject([
      {
        tone: 'warn',
        title: 'The change stream lags: 3.0 MiB of the log wait',
        effect: expect.stringContaining('4.2 s'),
      },
    ]);
    expect(told({ stream: null })).toMatchObject([{ tone: 'bad', title: 'The change stream does not answer' }]);
  });

  it('tell dead letters and drift with the brands they touch, worst first', () => {
    const letter = {
      id: 'x',
      table: 'orders',
      key: 't1,o1',
      tenantId: 't1',
      firstSeen: '2026-03-10T09:00:00Z',
      reason: 'no',
    };
    const findings = {
      deadLetters: [letter],
      drift: [{ table: 'facts.orders', key: 't1,o2', detail: '', checkedAt: '' }],
      checks: [],
    };
    const alerts = told({ stream: { ...stream, state: 'lagging', deadLetters: 1, staleKeys: 1 } }, { findings });
    expect(alerts.map(({ id, brands }) => [id, brands])).toEqual([
      ['dead letters', ['atlas']],
      ['drift', ['atlas']],
      ['stream', []],
    ]);
    expect(alerts[0]).toMatchObject({ since: letter.firstSeen, effect: expect.stringContaining('1 row of orders') });
  });
});

describe('the book of alerts', () => {
  it('keeps since when an alert is known, and those that ended within the hour', () => {
    const book = new AlertBook();
    const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
    const drifting = { deadLetters: [], checks: [], drift: [{ table: 'a', key: 't1', detail: '', checkedAt: '' }] };
    const drift = told({}, { findings: drifting });
    book.note(drift, at(0));
    book.note(drift, at(5));
    expect(book.current).toMatchObject([{ id: 'drift', since: at(0).toISOString(), endedAt: null }]);
    book.note([], at(6));
    expect([book.current, book.ended]).toMatchObject([[], [{ id: 'drift', endedAt: at(6).toISOString() }]]);
    book.note([], at(67));
    expect(book.ended).toEqual([]);
  });
});
