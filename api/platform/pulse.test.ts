import { expect, it } from 'vitest';
import type { StreamState } from './instance.ts';
import { Pulse } from './pulse.ts';

const begin = Date.parse('2026-03-10T12:00:00Z');
const at = (seconds: number) => new Date(begin + seconds * 1_000);
const stream = (state: StreamState['state'], moved: number, delayMs: number | null): StreamState => ({
  ...{
    state,
    delayMs,
    appliedAt: at(moved).toISOString(),
    problem: null,
    position: '0/1',
    lagBytes: 7,
    lastCommit: null,
  },
  ...{ rowsPerSecond: 3, deadLetters: 0, staleKeys: 0, restarts: 0, storeMs: 1, refreshMs: 1, drift: 0, sampled: 0 },
});

it('tells by how much figures are behind: while they move by their delay, else by how long they have stood', () => {
  const pulse = new Pulse();
  pulse.beat(stream('live', 0, 80), at(0));
  pulse.beat(stream('idle', 5, null), at(5));
  pulse.beat(stream('stalled', 5, null), at(15));
  pulse.beat(null, at(20));
  expect(pulse.beats.map(({ state, behindMs }) => [state, behindMs])).toEqual([
    ['live', 80],
    ['idle', null],
    ['stalled', 10_000],
    ['silent', 15_000],
  ]);
});

it('keeps an hour', () => {
  const pulse = new Pulse();
  for (const minute of [0, 1, 30, 61]) pulse.beat(null, at(minute * 60));
  expect(pulse.beats.map((beat) => beat.at)).toEqual([1, 30, 61].map((minute) => at(minute * 60).toISOString()));
});
