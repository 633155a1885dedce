import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.ts';
import { processIdentity } from './process-identity.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'uco-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const leave = (holder: object | string) =>
  writeFileSync(join(dir, 'lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));

test('is held until it is released, and then leaves nothing', () => {
  const lock = takeLock(dir);
  expect(lockHolder(dir)).toEqual({ pid: process.pid });
  expect(() => takeLock(dir)).toThrow(`pid ${process.pid}`);
  lock.release();
  expect(lockHolder(dir)).toBeNull();
  expect(readdirSync(dir)).toEqual([]);
});

test('a lock whose holder died is taken over', () => {
  const { pid } = spawnSync('true');
  leave({ pid, identity: 'gone' });
  takeLock(dir).release();
});

test('a lock whose pid another process has by now is taken over', () => {
  // Red when only the pid is compared: pid 1 always lives.
  leave({ pid: 1, identity: `${processIdentity(1)}, but an earlier one` });
  expect(lockHolder(dir)).toBeNull();
  takeLock(dir).release();
});

test('a lock that was never written to the end is taken over', () => {
  leave('{"pid":');
  takeLock(dir).release();
});
