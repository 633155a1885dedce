import { expect, test } from 'vitest';
import { Cursors } from './pagination.ts';

const cursors = new Cursors('a key of at least thirty-two bytes, at least');
const items = ['e', 'd', 'c', 'b', 'a'];
const list = ['brand a', '/orders', { status: 'placed' }];

test('leads through a list and ends with null', () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const after: string | undefined = cursor === null ? undefined : cursors.decode(list, cursor)[0];
    const read: string[] = items.filter((item) => after === undefined || item < after).slice(0, 3);
    const page: { items: string[]; nextCursor: string | null } = cursors.page(list, read, 2, (item) => [item]);
    seen.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(items);
});

// Red when the brand is left out of what is signed.
test.each([
  ['another brand', ['brand b', '/orders', { status: 'placed' }]],
  ['another filter', ['brand a', '/orders', { status: 'shipped' }]],
  ['another list', ['brand a', '/returns', { status: 'placed' }]],
])('is refused for %s', (_, other) => {
  expect(() => cursors.decode(other, cursors.encode(list, ['c']))).toThrow('cursor');
});

test.each([
  '',
  '.',
  'x',
  'WyJhIl0.',
  `${Buffer.from('["a"]').toString('base64url')}.AAAAAAAAAAAAAAAAAAAAAA`,
  '\u{1F600}.a',
])('refuses %j', (cursor) => {
  expect(() => cursors.decode(list, cursor)).toThrow('cursor');
});

test('is refused when altered', () => {
  const cursor = cursors.encode(list, ['c']);
  const place = Buffer.from('["a"]').toString('base64url');
  expect(() => cursors.decode(list, `${place}.${cursor.split('.')[1]}`)).toThrow('cursor');
});
