import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportRefused } from './import-refused.ts';
import { type ImportBench, startImportBench } from './testing.ts';

let bench: ImportBench;
beforeAll(async () => {
  bench = await startImportBench();
});
afterAll(() => bench?.stop());

const HEADER = 'order_id,placed_at,customer_id,sku,quantity,unit_price';

describe('what is bad', () => {
  const bad = `${HEADER},status,currency,shipped_at
1,2024-01-05T10:00:00,7,A,1,1,,,
,2024-01-05T10:00:00,7,A,1,1,,,
3,2024-01-05T10:00:00,7,A,0,1,,,
4,2024-01-05T10:00:00,7,A,1.5,1,,,
5,2024-01-05T10:00:00,7,A,1,1.00001,,,
6,2024-01-05T10:00:00,7,A,1,12345678901234567,,,
7,05/01/2024,7,A,1,-1,sent,,
8,2024-02-30,7,A,1,x,,XXY,
9,2024-01-05T10:00:00,7,A,1,1,placed,,2024-01-06
10,2024-01-05T10:00:00,7,A,1
11,2024-01-05T10:00:00,7,A,1,1,,,2024-01-04
12,2024-01-05T10:00:00,7,A,1,1,,,
12,2024-01-05T10:00:00,8,B,1,1,,USD,
`;

  it('is told with line, column and remedy, and nothing is imported', async () => {
    await bench.import(`${HEADER}\n0,2024-01-05T10:00:00,7,A,1,1\n`, { tenant: 'bad' });
    const before = await bench.everything();
    const report = await bench.import(bad, { tenant: 'bad' });
    expect(report).toMatchObject({ ok: false, imported: false, lines: 13, problemCount: 15 });
    expect(report.problems.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual([
      '3 order_id missing',
      '4 quantity quantity',
      '5 quantity number',
      '6 unit_price decimals',
      '7 unit_price range',
      '8 unit_price negative',
      '8 placed_at time',
      '8 status status',
      '9 unit_price number',
      '9 placed_at time',
      '9 currency currency',
      '10 status status',
      '11 undefined ragged',
      '12 shipped_at time_order',
      '14 customer_id contradiction',
    ]);
    expect(await bench.everything()).toEqual(before);
  });

  it('is skipped on request, kept as it was, and can be imported once corrected', async () => {
    const to = bench.path('skipped.csv');
    const text = `${HEADER}\n1,2024-01-05T10:00:00,7,A,1,1\n1,2024-01-05T10:00:00,7,"B ""x""",none,1\n1,2024-01-05T10:00:00,7,C,3,1\n`;
    const report = await bench.import(text, { tenant: 'skip', skipBad: to });
    expect(report).toMatchObject({
      ok: false,
      imported: true,
      skipped: { lines: 1, file: to },
      written: { orderItems: 2 },
    });
    const skipped = readFileSync(to, 'utf8');
    expect(skipped).toContain('1,2024-01-05T10:00:00,7,"B ""x""",none,1,2,3,');
    const corrected = await bench.import(skipped.replace(',none,', ',2,'), { tenant: 'skip' });
    expect(corrected).toMatchObject({ ok: true, written: { orders: 0, orderItems: 1 } });
    expect(
      await bench.stored('skip', 'SELECT line_no, sku FROM commerce.order_items WHERE tenant_id = $brand ORDER BY 1'),
    ).toEqual([
      { line_no: 1, sku: 'A' },
      { line_no: 2, sku: 'B "x"' },
      { line_no: 3, sku: 'C' },
    ]);
    await expect(bench.import(text, { tenant: 'skip', skipBad: to })).rejects.toThrow(ImportRefused);
  });

  it('of a whole file is one clear problem', async () => {
    const of = async (content: string | Buffer) =>
      (await bench.import(bench.file('whole.csv', content), { tenant: 'bad' })).problems.map(
        ({ line, code }) => `${line} ${code}`,
      );
    expect(await of('')).toEqual(['1 empty']);
    expect(await of('order_id,placed_at,sku,quantity\n')).toEqual(['1 header']);
    expect(await of(`${HEADER},prmised_at\n`)).toEqual(['1 header']);
    expect(await of(`${HEADER}\n1,2024-01-05,7,A,1,1\n2,2024-01-05,7,"A,1,1\n3,2024-01-05,7,A,1,1\n`)).toEqual([
      '3 csv',
    ]);
    expect(await of(Buffer.from(`${HEADER}\n1,2024-01-05,7,caf\xe9,1,1\n`, 'latin1'))).toEqual(['2 encoding']);
    expect(await of(`${HEADER}\n1,2024-01-05,7,A\0B,1,1\n`)).toEqual(['2 nul']);
    expect(await of(gzipSync(`${HEADER}\n1,2024-01-05,7,A,1,1\n`.repeat(50)).subarray(0, 60))).toEqual(['1 csv']);
    expect(await of(`${HEADER},line_no\n1,2024-01-05,7,A,1,1,4\n1,2024-01-05,7,A,1,1,4\n`)).toEqual(['3 duplicate']);
    const unknown = await bench.import(`tenant,${HEADER}\nnobody,1,2024-01-05,7,A,1,1\n`, { createTenants: false });
    expect(unknown.problems).toMatchObject([{ line: 2, column: 'tenant', code: 'tenant' }]);
    await expect(bench.import('/nowhere/file.csv', { tenant: 'bad' })).rejects.toThrow(ImportRefused);
  });

  it('is counted beyond the hundred that are shown', async () => {
    const rows = Array.from({ length: 250 }, (_, n) => `${n},2024-01-05,7,A,0,1`).join('\n');
    const report = await bench.import(`${HEADER}\n${rows}\n`, { tenant: 'bad' });
    expect(report.problems).toHaveLength(100);
    expect(report).toMatchObject({ problemCount: 250, problemsByCode: { quantity: 250 } });
    expect(report.problems.at(-1)?.line).toBe(101);
  });
});

describe('importing again', () => {
  const first = `${HEADER},shipped_at,delivered_at
1,2024-01-05T10:00:00,7,A,1,1,,
1,2024-01-05T10:01:00,7,B,1,1,,
2,2024-01-05T10:00:00,7,A,-1,1,,
3,2024-01-05T10:00:00,8,A,2,3,2024-01-06T08:00:00,
`;

  it('changes nothing, and a dry run writes nothing', async () => {
    const empty = await bench.everything();
    expect(await bench.import(first, { tenant: 'again', dryRun: true })).toMatchObject({ ok: true, imported: true });
    expect(await bench.everything()).toEqual(empty);
    await bench.import(first, { tenant: 'again' });
    const before = await bench.everything();
    expect((await bench.import(first, { tenant: 'again' })).ok).toBe(true);
    expect(await bench.everything()).toEqual(before);
  });

  it('adds what is new, moves orders on, never back, and overwrites nothing', async () => {
    const later = first
      .replace(',8,A,2,3,2024-01-06T08:00:00,', ',8,A,2,3,2024-01-06T08:00:00,2024-01-07T09:00:00')
      .replace('7,B,1,1', '7,B,1,1.5');
    const report = await bench.import(`${later}4,2024-02-01T10:00:00,8,A,1,1,,\n`, { tenant: 'again' });
    expect(report.written).toMatchObject({ orders: 1, orderItems: 1, ordersAdvanced: 1, customers: 0, products: 0 });
    expect(report.conflicts).toMatchObject([{ line: 3, column: 'unit_price', code: 'conflict' }]);
    const state = `SELECT o.status, s.delivered_at IS NOT NULL AS delivered FROM commerce.orders o JOIN commerce.shipments s ON s.order_id = o.id WHERE o.tenant_id = $brand`;
    expect(await bench.stored('again', state)).toEqual([{ status: 'delivered', delivered: true }]);
    expect((await bench.import(first, { tenant: 'again' })).ok).toBe(true);
    expect(await bench.stored('again', state)).toEqual([{ status: 'delivered', delivered: true }]);
    expect(
      await bench.stored(
        'again',
        `SELECT event_type FROM commerce.events WHERE tenant_id = $brand AND event_type LIKE '%delivered'`,
      ),
    ).toHaveLength(2);
  });
});
