import { expect, test } from 'vitest';
import { Places } from './places.ts';

/** Asks for a place, and tells when it came. */
function ask(places: Places, name: string, came: string[], owner = name) {
  const place = places.take(owner);
  void place.then(() => came.push(name));
  return place;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('places go to those who asked, in their order; one that is given back twice is one', async () => {
  const came: string[] = [];
  const places = new Places({ places: 2, leaseMs: 60_000 });
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ask(places, name, came));
  await turn();
  expect(came).toEqual(['a', 'b']);
  const leave = await (b as Promise<() => void>);
  leave();
  leave();
  await turn();
  expect(came).toEqual(['a', 'b', 'c']);
  (await (a as Promise<() => void>))();
  (await (c as Promise<() => void>))();
  await d;
  await ask(places, 'e', came);
  expect(came).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('owners take turns, however often one asks', async () => {
  const came: string[] = [];
  const places = new Places({ places: 1, leaseMs: 60_000 });
  const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map((name) => ask(places, name, came, name[0]));
  for (let taken = 1; taken <= all.length; taken++) {
    await turn();
    const at = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].indexOf(came[taken - 1] ?? '');
    (await (all[at] as Promise<() => void>))();
  }
  expect(came).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('who stays longer than the lease holds nobody up, and gives nothing back a second time', async () => {
  const came: string[] = [];
  const places = new Places({ places: 1, leaseMs: 20 });
  const leave = await ask(places, 'stays', came);
  const next = await ask(places, 'next', came);
  leave();
  const third = ask(places, 'third', came);
  await turn();
  expect(came).toEqual(['stays', 'next']);
  next();
  await third;
});
