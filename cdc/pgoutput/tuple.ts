/** Where the columns of a pgoutput tuple stand in the received bytes. One is reused for all rows of a relation. */

export const columnNull = 0x6e;
/** A TOASTed value that an update left as it was: the tuple does not carry it. */
export const columnUnchanged = 0x75;

export class Tuple {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** `n`, `u` or `t`. */
  readonly state: Uint8Array;
  /** Bytes of all values. */
  length = 0;
  /** Columns whose value is not carried. */
  unchanged = 0;

  constructor(readonly columns: number) {
    this.from = new Int32Array(columns);
    this.to = new Int32Array(columns);
    this.state = new Uint8Array(columns);
  }

  /** Reads TupleData at `at`; returns where it ends. */
  read(bytes: Buffer, start: number): number {
    const count = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
    if (count !== this.columns) throw new Error(`tuple of ${count} columns for a relation of ${this.columns}`);
    let at = start + 2;
    this.unchanged = 0;
    for (let i = 0; i < count; i++) {
      const state = bytes[at] as number;
      this.state[i] = state;
      at++;
      if (state === columnNull) continue;
      if (state === columnUnchanged) {
        this.unchanged++;
        continue;
      }
      const length =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      at += 4;
      this.from[i] = at;
      at += length;
      this.to[i] = at;
    }
    this.length = at - start;
    return at;
  }

  /** Takes over the values that this tuple does not carry; returns false when the other has them neither. */
  fillUnchanged(old: Tuple): boolean {
    for (let i = 0; i < this.columns; i++) {
      if (this.state[i] !== columnUnchanged) continue;
      const state = old.state[i] as number;
      if (state === columnUnchanged) return false;
      this.state[i] = state;
      this.from[i] = old.from[i] as number;
      this.to[i] = old.to[i] as number;
      this.length += (old.to[i] as number) - (old.from[i] as number);
    }
    this.unchanged = 0;
    return true;
  }

  /** True when the column's value is the same in both, byte by byte. */
  sameColumn(bytes: Buffer, other: Tuple, column: number): boolean {
    if (this.state[column] !== other.state[column]) return false;
    if (this.state[column] === columnNull) return true;
    const from = this.from[column] as number;
    const length = (this.to[column] as number) - from;
    const otherFrom = other.from[column] as number;
    if ((other.to[column] as number) - otherFrom !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== bytes[otherFrom + i]) return false;
    return true;
  }

  /** The column's text, or null. */
  text(bytes: Buffer, column: number): string | null {
    if (this.state[column] === columnNull || this.state[column] === columnUnchanged) return null;
    return bytes.toString('utf8', this.from[column], this.to[column]);
  }
}
