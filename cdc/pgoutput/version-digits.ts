/** `_version` in decimal digits without a big integer per row: positions of neighbouring changes share their high half. */
import { versionOf } from '../lsn.ts';

const lowDigits = 12;
const lowLimit = 10 ** lowDigits;

export class VersionDigits {
  private high = -1;
  /** Version of the position with low half 0, cut into its leading digits and the 12 last ones. */
  private leading = Buffer.alloc(0);
  private leadingCarried = Buffer.alloc(0);
  private low = 0;

  constructor(private readonly generation: number) {}

  /** Writes the version of the position (two 32-bit halves) at `at`; returns where it ends. At most 20 bytes. */
  write(high: number, low: number, bytes: Buffer, at: number): number {
    if (high !== this.high) this.prepare(high);
    let rest = this.low + low;
    let leading = this.leading;
    if (rest >= lowLimit) {
      rest -= lowLimit;
      leading = this.leadingCarried;
    }
    for (let i = 0; i < leading.length; i++) bytes[at + i] = leading[i] as number;
    const end = at + leading.length + lowDigits;
    const upper = Math.floor(rest / 1e6);
    sixDigits(rest - upper * 1e6, bytes, end);
    sixDigits(upper, bytes, end - 6);
    return end;
  }

  private prepare(high: number): void {
    const base = versionOf(this.generation, BigInt(high) << 32n);
    const limit = BigInt(lowLimit);
    this.leading = Buffer.from(String(base / limit));
    this.leadingCarried = Buffer.from(String(base / limit + 1n));
    this.low = Number(base % limit);
    this.high = high;
  }
}

/** Six decimal digits ending before `end`. The number is below 1,000,000, so 32-bit arithmetic does. */
function sixDigits(value: number, bytes: Buffer, end: number): void {
  let rest = value | 0;
  for (let at = end - 1; at >= end - 6; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}
