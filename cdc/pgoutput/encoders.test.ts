import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arrayLiteral } from './array-literal.ts';
import { clampedText } from './clamp.ts';
import { timeText } from './commit-time.ts';
import { writeDate, writeDecimal, writeText, writeTimestamp } from './field-encoders.ts';
import { RowWriter } from './row-writer.ts';

type Writer = (source: Buffer, from: number, to: number, target: Buffer, at: number) => number;

/** What the encoder makes of a value that stands between other bytes; null when it hands it to clamping. */
function encoded(write: Writer, text: string): string | null {
  const source = Buffer.from(`<${text}>`);
  const target = Buffer.alloc(source.length * 2 + 64);
  const end = write(source, 1, source.length - 1, target, 3);
  return end < 0 ? null : target.toString('utf8', 3, end);
}

// Red when: an escape is missing. A raw tab or newline would move or cut the row.
it('escapes text so that a reader of TabSeparated gets it back (property)', () => {
  const letters: Record<string, string> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const value = text.replaceAll('\0', '');
      const written = encoded(writeText, value) ?? '';
      expect(written).not.toMatch(/[\t\n\r]/);
      expect(written.replace(/\\(.)/gs, (_, letter: string) => letters[letter] ?? '?')).toBe(value);
    }),
  );
});

it('takes timestamps as they are from 1900 to 2299, without their offset', () => {
  expect(encoded(writeTimestamp, '2011-01-01 00:00:00.123456+00')).toBe('2011-01-01 00:00:00.123456');
  expect(encoded(writeTimestamp, '1900-01-01 00:00:00')).toBe('1900-01-01 00:00:00');
  expect(encoded(writeTimestamp, '2299-12-31 23:59:59.999999+00')).toBe('2299-12-31 23:59:59.999999');
  for (const far of [
    '1899-12-31 23:59:59+00',
    '2300-01-01 00:00:00+00',
    'infinity',
    '-infinity',
    '2011-01-01 00:00:00+00 BC',
    '12011-01-01 00:00:00',
    '0001-01-01 00:00:00',
  ]) {
    expect(encoded(writeTimestamp, far)).toBeNull();
  }
  for (const far of ['infinity', '-infinity', '12011-01-01', '2011-01-01 BC', '1899-12-31'])
    expect(encoded(writeDate, far)).toBeNull();
  expect(encoded(writeDate, '2024-02-29')).toBe('2024-02-29');
  expect(encoded(writeDecimal, 'NaN')).toBeNull();
  expect(encoded(writeDecimal, '-12.3400')).toBe('-12.3400');
});

// Red when: a date before the range is stored as its end.
it('clamps to the nearer end', () => {
  const low = ['-infinity', '0044-03-15 BC', '12011-01-01 BC', '1899-12-31 23:59:59.9+00', '0099-01-01'];
  const high = ['infinity', '2300-01-01', '294276-12-31 23:59:59+00'];
  for (const text of low) expect([text, clampedText('date', text)]).toEqual([text, '1900-01-01']);
  for (const text of high) expect([text, clampedText('date', text)]).toEqual([text, '2299-12-31']);
  expect(clampedText('timestamp', 'infinity')).toBe('2299-12-31 23:59:59.999999');
});

it('writes arrays as ClickHouse reads them', () => {
  const literal = (text: string, kind: Parameters<typeof arrayLiteral>[1]) => arrayLiteral(text, kind).text;
  expect(literal('{a,"b,c",NULL,"NULL","","q\\"\\\\\\t"}', 'quoted')).toBe(`['a','b,c',NULL,'NULL','','q"\\\\t']`);
  expect(literal(`{it's}`, 'quoted')).toBe(`['it''s']`);
  expect(literal('[0:2]={1,NULL,-3}', 'plain')).toBe('[1,NULL,-3]');
  expect(literal('{t,f}', 'bool')).toBe('[true,false]');
  expect(literal('{}', 'plain')).toBe('[]');
  expect(arrayLiteral('{{1,2},{3,4}}', 'plain')).toEqual({ text: '[1,2,3,4]', changed: true });
  expect(arrayLiteral('{infinity,NULL}', 'date')).toEqual({ text: "['2299-12-31',NULL]", changed: true });
});

it('prints commit times with all their microseconds', () => {
  expect(timeText(0n)).toBe('2000-01-01 00:00:00.000000');
  expect(timeText(815_000_000_123_456n)).toBe('2025-10-28 20:53:20.123456');
});

// Red when: a row is split over chunks, or bytes go astray while the writer grows.
it('keeps rows whole in every chunk (property)', () => {
  const table = { name: 't', columns: [] };
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(60_000), { maxLength: 4 }), { maxLength: 60 }), (rows) => {
      const writer = new RowWriter(table);
      let expected = '';
      rows.forEach((fields, i) => {
        const text = `${fields.map((length) => String(i % 10).repeat(length)).join('\t')}\n`;
        for (const piece of text.match(/.{1,7000}|\n/gs) ?? []) {
          writer.reserve(piece.length);
          writer.position += writer.bytes.write(piece, writer.position, 'latin1');
        }
        if (i % 5 === 4) writer.dropRow();
        else {
          writer.endRow();
          expected += text;
        }
      });
      const written = writer.finish();
      expect(Buffer.concat(written.chunks).toString('latin1') === expected).toBe(true);
      expect(written.chunks.every((chunk) => chunk.at(-1) === 0x0a)).toBe(true);
      expect(written.bytes).toBe(expected.length);
    }),
    { numRuns: 50 },
  );
});
