import { expect, test } from 'vitest';
import { Places } from './places.ts';

/** Asks for a place, and tells when it came. */
function ask(places: Places, name: string, came: string[]) {
  const place = places.take();
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
