import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MessageFrames } from './message-frames.ts';

const framed = (body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = 0x64;
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

// Red when: a message that spans chunks loses or repeats bytes, or a stop swallows what follows it.
it('hands out every message once, however the bytes arrive and whenever it is stopped (property)', () => {
  const bodies = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(700_000).map((n) => new Uint8Array(n).fill(n % 251)),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      bodies,
      fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 30 }),
      fc.nat(3),
      (list, cuts, stopEvery) => {
        const bytes = Buffer.concat(list.map((body) => framed(Buffer.from(body))));
        const seen: Buffer[] = [];
        const frames = new MessageFrames((_, source, from, to) => {
          seen.push(Buffer.from(source.subarray(from, to)));
          return stopEvery === 0 || seen.length % stopEvery !== 0;
        });
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] as number;
          frames.push(bytes.subarray(at, at + size));
          at += size;
          while (frames.isStopped) frames.resume();
        }
        while (frames.isStopped) frames.resume();
        expect(seen.length).toBe(list.length);
        expect(seen.every((body, i) => body.equals(list[i] as Uint8Array))).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
