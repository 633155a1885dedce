import { expect, test } from 'vitest';
import type { ChildSettings } from './child-protocol.ts';
import { startNodeChild } from './node-child.ts';
import { HungStart } from './silence.ts';

// Red when a child is waited for as long as it lives.
test('a child that hangs before it is ready is killed', async () => {
  const settings = { dataDir: '/nowhere' } as ChildSettings;
  const start = startNodeChild({ entry: './testing-hung-child.ts', settings, patienceMs: 500 });
  await expect(start).rejects.toThrow(HungStart);
});
