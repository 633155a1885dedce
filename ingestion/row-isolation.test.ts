import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClickHouseError } from './clickhouse.ts';
import { isolateRefused } from './row-isolation.ts';

const refusal = () => new ClickHouseError({ message: 'bad value', code: '27', type: 'CANNOT_PARSE' });

test('every good row is stored and exactly the bad ones come back', async () => {
  // Mutation: give up on the half that holds a bad row → good rows are missing.
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 200 }), async (goodness) => {
      const rows = goodness.map((good, i) => Buffer.from(`${good ? 'good' : 'bad'} ${i}\n`));
      const stored = new Set<string>();
      const refused = await isolateRefused(rows, async (some) => {
        if (some.some((row) => row.toString().startsWith('bad'))) throw refusal();
        for (const row of some) stored.add(String(row));
      });
      expect(refused.map(({ row }) => String(row))).toEqual(rows.map(String).filter((row) => row.startsWith('bad')));
      expect([...stored]).toEqual(rows.map(String).filter((row) => row.startsWith('good')));
    }),
  );
});

test('an engine that is away is not the fault of a row', async () => {
  const rows = [Buffer.from('a\n'), Buffer.from('b\n')];
  await expect(isolateRefused(rows, () => Promise.reject(new Error('socket hang up')))).rejects.toThrow(
    'socket hang up',
  );
});
