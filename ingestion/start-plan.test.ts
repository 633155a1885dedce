import { expect, test } from 'vitest';
import { planStart, type SlotFacts } from './start-plan.ts';
import type { StreamState } from './stream-state.ts';

const state: StreamState = {
  generation: 3,
  phase: 'stream',
  slot: 'uco',
  systemIdentifier: '71',
  consistentPoint: '100',
  tables: ['orders'],
};
const facts: SlotFacts = { systemIdentifier: '71', slot: { confirmed: 200n, usable: true } };

test('goes on where it was', () => {
  expect(planStart(state, 200n, facts, 'uco')).toEqual({ kind: 'resume', state });
  expect(
    planStart({ ...state, phase: 'build' }, null, { ...facts, slot: { confirmed: 100n, usable: true } }, 'uco').kind,
  ).toBe('resume');
});

// Mutation: resume in any of these cases → changes between the two positions are lost for good.
test.each([
  ['nothing is known', null, 200n, facts],
  ['a copy was broken off', { ...state, phase: 'snapshot' as const }, 200n, facts],
  ['the slot is gone', state, 200n, { ...facts, slot: null }],
  ['the slot lost its log', state, 200n, { ...facts, slot: { confirmed: 200n, usable: false } }],
  ['it is another cluster', state, 200n, { ...facts, systemIdentifier: '72' }],
  ['ClickHouse was restored to an earlier state', state, 150n, facts],
])('copies everything as a new generation when %s', (_, known, applied, now) => {
  expect(planStart(known, applied, now, 'uco')).toMatchObject({ kind: 'copy', generation: known ? 4 : 1 });
});
