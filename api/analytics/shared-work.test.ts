import { expect, test } from 'vitest';
import { SharedWork } from './shared-work.ts';

/** Work that ends when told. */
function pending() {
  const shared = new SharedWork<string>();
  const begun: {
    readonly signal: AbortSignal;
    readonly done: (value: string) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const ask = (key: string, signal: AbortSignal = new AbortController().signal) =>
    shared.do(key, signal, (own) => new Promise((done, fail) => begun.push({ signal: own, done, fail })));
  return { begun, ask };
}

test('who asks the same meanwhile shares one result; who asks later, or something else, does not', async () => {
  const { begun, ask } = pending();
  const [one, two, other] = [ask('a'), ask('a'), ask('b')];
  expect(begun).toHaveLength(2);
  begun[0]?.done('of a');
  begun[1]?.done('of b');
  expect(await Promise.all([one, two, other])).toEqual(['of a', 'of a', 'of b']);
  const later = ask('a');
  expect(begun).toHaveLength(3);
  begun[2]?.done('newer');
  expect(await later).toBe('newer');
});

test("a failure is everybody's, and not kept", async () => {
  const { begun, ask } = pending();
  const both = Promise.allSettled([ask('a'), ask('a')]);
  begun[0]?.fail(new Error('no'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = ask('a');
  begun[1]?.done('now');
  expect(await again).toBe('now');
});

// Red when the work is cancelled with the first who asked, or goes on for nobody.
test('who leaves is told why and harms nobody; when all have left the work ends', async () => {
  const { begun, ask } = pending();
  const [first, second] = [new AbortController(), new AbortController()];
  const [one, two] = [ask('a', first.signal), ask('a', second.signal)];
  first.abort(new Error('gone'));
  await expect(one).rejects.toThrow('gone');
  expect(begun[0]?.signal.aborted).toBe(false);
  second.abort(new Error('gone too'));
  await expect(two).rejects.toThrow('gone too');
  expect(begun[0]?.signal.aborted).toBe(true);
  const third = ask('a');
  expect(begun).toHaveLength(2);
  begun[0]?.fail(new Error('cancelled'));
  begun[1]?.done('fresh');
  expect(await third).toBe('fresh');
});
