import { expect, test } from 'vitest';
import { type ImportReport, nothingWritten } from '../../api/commerce/import/import-report.ts';
import { importText } from './import-text.ts';

const report: ImportReport = {
  ...{ file: 'orders.csv', ok: true, dryRun: false, imported: true, lines: 2 },
  byType: { sale: 2, return: 0, adjustment: 0, stock_adjustment: 0 },
  ...{ brands: ['acme'], brandsCreated: [], problemCount: 0, problemsByCode: {}, problems: [], skipped: null },
  ...{ conflictCount: 0, conflicts: [], notes: [], written: nothingWritten() },
  seconds: { read: 1, write: 2, total: 3 },
};
const problem = {
  line: 3,
  column: 'sku',
  code: 'missing',
  message: 'is missing',
} as unknown as ImportReport['problems'][number];
const last = (more: Partial<ImportReport>) =>
  importText({ ...report, ...more })
    .trimEnd()
    .split('\n')
    .at(-1);

test('an import says what became of the lines', () => {
  const none = { sale: 0, return: 0, adjustment: 0, stock_adjustment: 0 };
  const skipped = { lines: 2, file: 'bad.csv' };
  expect(last({})).toBe('Everything was there already.');
  expect(last({ written: { ...nothingWritten(), orders: 1, orderItems: 2 } })).toBe(
    'Imported: 1 orders, 2 order items.',
  );
  expect(last({ imported: false })).toBe('Nothing was imported.');
  expect(last({ dryRun: true })).toBe('Everything could be imported; this was a dry run.');
  expect(last({ dryRun: true, imported: false })).toBe('Nothing would be imported.');
  expect(last({ dryRun: true, skipped })).toBe('All other lines could be imported; this was a dry run.');
  // Red when a file without a good line is said to be there already.
  expect(last({ byType: none, skipped })).toBe('Nothing to import: there is no good line.');
});

test('every problem has its line and column', () => {
  const text = importText({ ...report, imported: false, lines: 1, problemCount: 1, problems: [problem] });
  expect(text).toBe(
    '1 line read in 1 s, written in 2 s.\n1 problem:\n  line 3, sku: is missing\nNothing was imported.\n',
  );
});
