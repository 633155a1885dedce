import { describe, expect, test } from 'vitest';
import { Groups, type Member } from './groups.ts';
import { Places } from './places.ts';

type Run = (members: readonly Member<string>[], signal: AbortSignal) => Promise<PromiseSettledResult<string>[]>;

const done = (members: readonly Member<string>[]): PromiseSettledResult<string>[] =>
  members.map(({ item }) => ({ status: 'fulfilled', value: item.toUpperCase() }));

/** Groups whose work waits until `finish` is called once per group. */
function halting(run: Run = async (members) => done(members), places = 10) {
  const began: string[][] = [];
  const finish: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const groups = new Groups<string, string>({
    run: async (_key, members, signal) => {
      began.push(members.map(({ item }) => item));
      signals.push(signal);
      await new Promise<void>((resolve) => finish.push(resolve));
      return run(members, signal);
    },
    weight: (item) => item.length,
    most: 4,
    waiting: 6,
    places: new Places({ places, leaseMs: 60_000 }),
    owner: (item) => item,
  });
  const add = (item: string, signal = new AbortController().signal, key = 'k') => groups.add(key, item, signal);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { add, began, signals, turn, end: (group: number) => finish[group]?.() };
}

describe('what is done together', () => {
  test('is what comes in one turn, then what comes while a group is at work; keys do not wait for each other', async () => {
    const { add, began, end, turn } = halting();
    const first = [add('a'), add('b')];
    await turn();
    const others = [add('c'), add('d'), add('x', undefined, 'other')];
    await turn();
    expect(began).toEqual([['a', 'b'], ['x']]);
    end(0);
    expect(await Promise.all(first)).toEqual(['A', 'B']);
    expect(began[2]).toEqual(['c', 'd']);
    end(1);
    end(2);
    expect(await Promise.all(others)).toEqual(['C', 'D', 'X']);
  });

  test('grows while others have all places, whose keys take turns; one whose members have left is never begun', async () => {
    const { add, began, end, turn } = halting(undefined, 1);
    const gone = new AbortController();
    const first = add('a', undefined, 'one');
    await turn();
    const left = add('x', gone.signal, 'two');
    const third = [add('b', undefined, 'three')];
    await turn();
    third.push(add('c', undefined, 'three'));
    const fourth = add('d', undefined, 'one');
    gone.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    for (let group = 0; group < 3; group++) {
      await turn();
      end(group);
    }
    expect(await Promise.all([first, ...third, fourth])).toEqual(['A', 'B', 'C', 'D']);
    expect(began).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  test('weighs no more than it may, unless one alone does; beyond what may wait it is refused', async () => {
    const { add, began, end, turn } = halting();
    const first = add('a');
    await turn();
    const others = ['bb', 'cc', 'd', 'eeeeee', 'f', 'g'].map((item) => add(item));
    expect(() => add('h')).toThrow('too many requests');
    end(0);
    for (let group = 1; group < 5; group++) {
      await turn();
      end(group);
    }
    await Promise.all([first, ...others]);
    expect(began).toEqual([['a'], ['bb', 'cc'], ['d'], ['eeeeee'], ['f', 'g']]);
  });

  test('fails together when the work throws, and apart when it says so', async () => {
    const thrown = halting(() => Promise.reject(new Error('gone')));
    const both = Promise.allSettled([thrown.add('a'), thrown.add('b')]);
    await thrown.turn();
    thrown.end(0);
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const apart = halting(async (members) => [{ status: 'rejected', reason: 'no' }, ...done(members.slice(1))]);
    const each = Promise.allSettled([apart.add('a'), apart.add('b')]);
    await apart.turn();
    apart.end(0);
    expect(await each).toEqual([
      { status: 'rejected', reason: 'no' },
      { status: 'fulfilled', value: 'B' },
    ]);
  });
});

describe('one whose signal fires', () => {
  test('leaves while it waits; the others go on', async () => {
    const { add, began, end, turn, signals } = halting();
    const gone = new AbortController();
    const first = add('a');
    await turn();
    const [left, stays] = [add('b', gone.signal), add('c')];
    gone.abort('gone');
    await expect(left).rejects.toBe('gone');
    end(0);
    await first;
    await turn();
    expect(began[1]).toEqual(['c']);
    end(1);
    expect(await stays).toBe('C');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test('leaves until it has been asked to stay; then it gets what comes of the work', async () => {
    const [early, late] = [new AbortController(), new AbortController()];
    const { add, end, turn, signals } = halting(async (members) => {
      expect(members.map((member) => member.stay())).toEqual([false, true]);
      late.abort('late');
      return done(members);
    });
    const [left, stayed] = [add('a', early.signal), add('b', late.signal)];
    await turn();
    early.abort('early');
    await expect(left).rejects.toBe('early');
    expect(signals[0]?.aborted).toBe(false);
    end(0);
    expect(await stayed).toBe('B');
    expect(signals[0]?.aborted).toBe(true);
  });
});
