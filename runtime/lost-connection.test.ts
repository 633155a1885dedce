import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { isLostConnection } from './lost-connection.ts';

test('an engine that went away is told from a fault of ours', async () => {
  const refused = await new Promise((fail) => connect(1, '127.0.0.1').once('error', fail));
  const lost = [
    refused,
    new Error('Connection terminated unexpectedly'),
    new TypeError('fetch failed', { cause: refused }),
    Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' }),
  ];
  expect(lost.map(isLostConnection)).toEqual([true, true, true, true]);
  const others = [
    new Error('no'),
    Object.assign(new Error('unique'), { code: '23505' }),
    'Connection terminated',
    null,
  ];
  expect(others.map(isLostConnection)).toEqual([false, false, false, false]);
});
