import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { AsOf } from '../as-of.ts';
import type { KpiAnswer } from '../query.ts';
import { type KpiQuery, kpiQuerySchema } from '../request.ts';
import { LiveQueries, type LiveScope } from './live-queries.ts';
import type { LiveResult } from './live-result.ts';

const asOf: AsOf = { commitTime: null, position: '0/1', state: 'live' };
const brand = (id: string): LiveScope => ({ isPlatform: false, brandId: id });
const query = (limit: number): KpiQuery =>
  kpiQuerySchema.parse({ measures: ['orders'], timeRange: { preset: 'today' }, limit });

/** Computations that end when told to. */
function setUp(restMs = 0) {
  const running: { name: string; end(orders: number, rowsRead?: number): void }[] = [];
  const begun: string[] = [];
  const queries = new LiveQueries({
    ...{ restMs, most: 1_000, now: () => new Date(), asOf: () => asOf, onFailure: () => {} },
    compute: ({ query: { limit }, scopes }) =>
      new Promise((resolve) => {
        const isPlatform = scopes[0]?.isPlatform;
        const name = `${isPlatform ? 'platform ' : ''}${scopes.map(({ brandId }) => brandId).join('+')} ${limit}`;
        begun.push(name);
        const answer = { rows: [], comparison: null, measures: [], asOf, timezone: 'UTC', currency: null };
        const end = (orders: number, rowsRead = 100) => {
          const value = { ...answer, rows: [{ orders }] } as KpiAnswer;
          resolve({ outcomes: scopes.map(() => ({ status: 'fulfilled', value })), rowsRead });
        };
        running.push({ name, end });
      }),
  });
  const finish = async (orders = 0, rowsRead?: number) => {
    running.shift()?.end(orders, rowsRead);
    await turn();
    await turn();
  };
  return { queries, running, begun, finish };
}

const rowsOf = (result: LiveResult | null | undefined) => JSON.parse(`{${result?.members}`).rows;

// Red when: the key lacks the brand, the scope or the query.
it('computes once for all who ask the same with the same rights, and for nobody else', async () => {
  const { queries, begun, finish, running } = setUp();
  const seen: Record<string, unknown[]> = {};
  const ask = (who: string, scope: LiveScope, limit: number) =>
    queries.subscribe(query(limit), scope, (result) => {
      seen[who] = [...(seen[who] ?? []), rowsOf(result)];
    });
  for (const who of ['ann', 'ben']) ask(who, brand('a'), 1);
  ask('cleo', brand('b'), 1);
  ask('dan', { isPlatform: true, brandId: 'a' }, 1);
  ask('eve', brand('a'), 2);
  await turn();
  for (let n = 1; running.length > 0; n++) await finish(n);
  expect(begun).toEqual(['a+b 1', 'platform a 1', 'a 2']);
  expect(seen).toEqual({
    ann: [[{ orders: 1 }]],
    ben: [[{ orders: 1 }]],
    cleo: [[{ orders: 1 }]],
    dan: [[{ orders: 2 }]],
    eve: [[{ orders: 3 }]],
  });
});

// Red when: a movement is not compared with the brand; a movement during a computation is taken for part of it.
it('computes anew what moved, also while it is being computed, and tells only what has changed', async () => {
  const { queries, begun, finish } = setUp();
  const told: unknown[] = [];
  const subscription = queries.subscribe(query(1), brand('a'), (result) => told.push(rowsOf(result)));
  await turn();
  queries.moved(new Set(['a']));
  await finish(1);
  expect(subscription.isCurrent).toBe(false);
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  await finish(1);
  expect(subscription.isCurrent).toBe(true);
  queries.moved(new Set(['b']));
  expect(begun).toHaveLength(2);
  queries.moved('all');
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  await finish(5);
  expect(told).toEqual([[{ orders: 1 }], [{ orders: 5 }]]);
  subscription.end();
  expect(queries.size).toBe(0);
  queries.moved(new Set(['a']));
  expect(begun).toHaveLength(3);
});

// Red when: one queue serves all in the order they came, or a brand may take every place.
it('keeps a brand with much to compute from delaying the others', async () => {
  const { queries, begun, finish } = setUp();
  for (let limit = 1; limit <= 100; limit++) queries.subscribe(query(limit), brand('busy'), () => {});
  await turn();
  queries.subscribe(query(101), brand('calm'), () => {});
  await turn();
  expect(begun).toEqual(['busy 1', 'busy 2', 'calm 101']);
  queries.subscribe(query(102), brand('calm'), () => {});
  await finish();
  await finish();
  expect(begun.slice(3)).toContain('calm 102');
});

it('forgets what nobody watches, even as it is computed', async () => {
  const { queries, begun, finish } = setUp();
  const told: unknown[] = [];
  const first = queries.subscribe(query(1), brand('a'), () => told.push('first'));
  await turn();
  first.end();
  const second = queries.subscribe(query(1), brand('a'), () => told.push('second'));
  first.end();
  expect(queries.size).toBe(1);
  await finish();
  await finish();
  expect([begun.length, told]).toEqual([2, ['second']]);
  second.end();
  expect(queries.size).toBe(0);
});

// Red when: brands that move together are computed one by one; those who come meanwhile begin a computation each.
it('computes brands that moved together in one go, and gathers who comes meanwhile', async () => {
  const { queries, begun, finish } = setUp();
  const brands = ['a', 'b', 'c', 'd'];
  for (const id of brands) queries.subscribe(query(1), brand(id), () => {});
  await turn();
  await finish();
  queries.moved(new Set(['a', 'b']));
  await vi.waitFor(() => expect(begun).toEqual(['a+b+c+d 1', 'a+b 1']));
  queries.moved(new Set(['c']));
  await turn();
  queries.moved(new Set(['d']));
  await turn();
  await finish();
  await vi.waitFor(() => expect(begun.slice(2)).toEqual(['c+d 1']));
});

// Red when: what was read is not told by weight; a heavy brand keeps its company.
it('computes a brand of many rows alone, so that others need not wait for it', async () => {
  const { queries, begun, running } = setUp();
  const brands = ['a', 'b', 'c', 'heavy'];
  const rowsOf = (name: string) => (name.includes('heavy') ? 3_000_000 : 0) + 100 * name.split('+').length;
  for (const id of brands) queries.subscribe(query(1), brand(id), () => {});
  const round = async () => {
    const from = begun.length;
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(from));
    for (let next = running.shift(); next !== undefined; next = running.shift()) {
      next.end(1, rowsOf(next.name));
      await vi.waitFor(() => expect(running.length).toBeGreaterThan(0), { timeout: 200 }).catch(() => {});
    }
    return begun.slice(from);
  };
  await turn();
  running.shift()?.end(1, rowsOf('a+b+c+heavy'));
  for (let n = 0; n < 3; n++) {
    const done = round();
    queries.moved('all');
    await done;
  }
  expect(begun.slice(-2).sort()).toEqual(['a+b+c 1', 'heavy 1']);
});
