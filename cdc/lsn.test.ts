import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatLsn, parseLsn, splitVersion, versionOf } from './lsn.ts';
import { VersionDigits } from './pgoutput/version-digits.ts';

it('reads and prints positions as Postgres does', () => {
  expect(parseLsn('16/B374D848')).toBe(0x16b374d848n);
  expect(formatLsn(0x16b374d848n)).toBe('16/B374D848');
  expect(formatLsn(0n)).toBe('0/0');
  for (const text of ['', '16', '16/', '/1', 'x/1', '123456789/0'])
    expect(() => parseLsn(text)).toThrow(/log position/);
});

// Red when: the generation stands below the position, or a snapshot's version is not below every streamed one.
it('orders versions by generation, then position', () => {
  expect(versionOf(2, 0n) > versionOf(1, (1n << 48n) - 1n)).toBe(true);
  expect(versionOf(1, 1n) > versionOf(1, 0n)).toBe(true);
  expect(splitVersion(versionOf(7, 0x16b374d848n))).toEqual({ generation: 7, lsn: 0x16b374d848n });
  expect(() => versionOf(1, 1n << 48n)).toThrow(/48 bits/);
});

// Red when: a carry between the digit halves is lost.
it('writes the digits of any version (property)', () => {
  const half = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0xffff));
  const low = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffffffff));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 32_767 }),
      fc.array(fc.tuple(half, low), { minLength: 1 }),
      (generation, halves) => {
        const digits = new VersionDigits(generation);
        const bytes = Buffer.alloc(32);
        for (const [high, lowHalf] of halves) {
          const end = digits.write(high, lowHalf, bytes, 2);
          const written = bytes.toString('latin1', 2, end);
          expect(BigInt(written)).toBe(versionOf(generation, (BigInt(high) << 32n) | BigInt(lowHalf)));
        }
      },
    ),
    { numRuns: 500 },
  );
});
