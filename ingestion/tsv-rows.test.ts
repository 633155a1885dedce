import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeField, pickFields, rowFields, splitRows, unescapeField } from './tsv-rows.ts';

test('rows are found wherever the chunks were cut', () => {
  // Mutation: splitting each chunk alone → a row that spans two chunks is lost.
  const rows = ['a\t1\n', 'b\\n\t2\n', '\t\n', 'emoji 🎁\t3\n'];
  const whole = Buffer.from(rows.join(''));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 5 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((end, i) => whole.subarray(places[i], end));
      expect(splitRows(chunks).map(String)).toEqual(rows);
    }),
  );
});

test('a row that was cut is an error, not a shorter row', () => {
  expect(() => splitRows([Buffer.from('a\t1\nb')])).toThrow(/after the last newline/);
});

test('fields keep their escapes until asked', () => {
  const row = Buffer.from('x\t\\N\ta\\tb\\\\\n');
  expect(rowFields(row)).toEqual(['x', '\\N', 'a\\tb\\\\']);
  expect(pickFields(row, [0, 2])).toEqual(['x', 'a\\tb\\\\']);
  expect(rowFields(row).map(unescapeField)).toEqual(['x', null, 'a\tb\\']);
});

test('a value survives escaping and back', () => {
  fc.assert(
    fc.property(fc.option(fc.string({ unit: 'binary' })), (value) => {
      expect(unescapeField(escapeField(value))).toBe(value);
      expect(escapeField(value)).not.toMatch(/[\t\n]/);
    }),
  );
});
