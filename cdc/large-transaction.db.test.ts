import { afterAll, beforeAll, expect, it } from 'vitest';
import { CdcBench } from './testing.ts';

let bench: CdcBench;
beforeAll(async () => {
  bench = await CdcBench.start();
});
afterAll(() => bench.stop());

const rows = 1_000_000;

// Red when: a transaction is collected whole before it is delivered, or reading goes on while nobody asks.
it('cuts a large transaction and holds little of it in memory', async () => {
  await bench.tables(
    `CREATE TABLE lines (tenant_id int, id int, note text, PRIMARY KEY (tenant_id, id)); ALTER TABLE lines REPLICA IDENTITY FULL`,
  );
  const source = await bench.source({ groups: { lines: { group: 'orders', column: 'id' } } });
  await bench.sql(`INSERT INTO lines SELECT 1, g, repeat('note ', 50) || g FROM generate_series(1, ${rows}) g`);
  // A consumer that is slow at first: the server must wait, not our memory grow.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const before = process.memoryUsage().rss;
  let highest = 0;
  let changes = 0;
  let cut = 0;
  let bytes = 0;
  await bench.drain(source, (batch) => {
    expect(batch.rows.reduce((sum, table) => sum + table.bytes, 0)).toBeLessThan(9_000_000);
    changes += batch.changes;
    bytes += batch.rows.reduce((sum, table) => sum + table.bytes, 0);
    if (!batch.endsTransaction) {
      cut++;
      // Nothing of an unfinished transaction may be confirmed.
      expect(batch.commit === null || batch.position <= batch.commit.end).toBe(true);
    }
    highest = Math.max(highest, process.memoryUsage().rss);
  });
  expect(changes).toBe(rows);
  expect(bytes).toBeGreaterThan(250_000_000);
  expect(cut).toBeGreaterThan(10);
  expect((highest - before) / 1e6).toBeLessThan(200);
}, 180_000);

// Red when: a batch is cut inside a row, or the bytes of a row are lost at a chunk's end.
it('delivers large values whole', async () => {
  await bench.tables(`CREATE TABLE lines (id int PRIMARY KEY, note text); ALTER TABLE lines REPLICA IDENTITY FULL`);
  const source = await bench.source();
  await bench.sql(
    `INSERT INTO lines SELECT g, repeat(chr(9) || 'x', 500000 + g) FROM generate_series(1, 20) g; INSERT INTO lines VALUES (21, 'last')`,
  );
  const lengths: number[] = [];
  await bench.drain(source, (batch) => {
    for (const table of batch.rows) {
      for (const chunk of table.chunks) {
        const lines = chunk.toString().trimEnd().split('\n');
        lengths.push(...lines.map((line) => (line.split('\t')[1] as string).length));
      }
    }
  });
  expect(lengths).toEqual([...Array.from({ length: 20 }, (_, i) => 3 * (500_001 + i)), 4]);
});
