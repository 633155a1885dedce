/** One row, from its tuple to bytes. */
import type { Lsn } from '../change-source.ts';
import { arrayLiteral } from './array-literal.ts';
import { clampedText } from './clamp.ts';
import { writeDate, writeDecimal, writePlain, writeText, writeTimestamp } from './field-encoders.ts';
import type { Relation } from './relation.ts';
import type { RowWriter } from './row-writer.ts';
import { columnNull, type Tuple } from './tuple.ts';
import type { VersionDigits } from './version-digits.ts';

/** Told of every value that had to be changed to fit. */
export type OnClamp = (relation: Relation, row: Tuple, bytes: Buffer, column: number, stored: string) => void;

/** Room for what a field may grow by besides doubling: a bound instead of `infinity`. */
const fieldSlack = 32;
/** Version, deleted flag and commit time. */
const suffixRoom = 64;

export class RowEncoder {
  /** Position of the change being encoded, in halves. */
  private high = 0;
  private low = 0;
  /** `\t0\t<commit time>\n`; the digit is set per row. */
  private suffix = Buffer.alloc(0);

  constructor(
    private readonly version: VersionDigits,
    private readonly onClamp: OnClamp,
  ) {}

  beginTransaction(commitTime: string): void {
    this.suffix = Buffer.from(`\t0\t${commitTime}\n`, 'latin1');
  }

  setPosition(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  get position(): Lsn {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** Appends the row; returns its length in bytes. */
  encode(bytes: Buffer, relation: Relation, row: Tuple, deleted: boolean, writer: RowWriter): number {
    const count = row.columns;
    writer.reserve(2 * row.length + count * fieldSlack + suffixRoom);
    for (let column = 0; column < count; column++) {
      this.field(bytes, relation, row, column, writer);
      writer.bytes[writer.position++] = 0x09;
    }
    const target = writer.bytes;
    let at = this.version.write(this.high, this.low, target, writer.position);
    const suffix = this.suffix;
    for (let i = 0; i < suffix.length; i++) target[at + i] = suffix[i] as number;
    if (deleted) target[at + 1] = 0x31;
    at += suffix.length;
    writer.position = at;
    return writer.endRow();
  }

  private field(bytes: Buffer, relation: Relation, row: Tuple, column: number, writer: RowWriter): void {
    const target = writer.bytes;
    const at = writer.position;
    if (row.state[column] === columnNull) {
      target[at] = 0x5c;
      target[at + 1] = 0x4e;
      writer.position = at + 2;
      return;
    }
    const from = row.from[column] as number;
    const to = row.to[column] as number;
    let end: number;
    const kind = relation.kinds[column];
    switch (kind) {
      case 'plain':
        end = writePlain(bytes, from, to, target, at);
        break;
      case 'text':
        end = writeText(bytes, from, to, target, at);
        break;
      case 'decimal':
        end = writeDecimal(bytes, from, to, target, at);
        break;
      case 'timestamp':
        end = writeTimestamp(bytes, from, to, target, at);
        break;
      case 'date':
        end = writeDate(bytes, from, to, target, at);
        break;
      default:
        this.array(bytes, relation, row, column, writer);
        return;
    }
    if (end < 0 && (kind === 'timestamp' || kind === 'date' || kind === 'decimal')) {
      const stored = clampedText(kind, bytes.toString('latin1', from, to));
      this.onClamp(relation, row, bytes, column, stored);
      end = at + target.write(stored, at, 'latin1');
    }
    writer.position = end;
  }

  private array(bytes: Buffer, relation: Relation, row: Tuple, column: number, writer: RowWriter): void {
    const text = bytes.toString('utf8', row.from[column], row.to[column]);
    const literal = arrayLiteral(text, relation.elements[column] ?? 'quoted');
    if (literal.changed) this.onClamp(relation, row, bytes, column, literal.text);
    const length = Buffer.byteLength(literal.text);
    // What follows in the row keeps the room that was reserved for it.
    writer.reserve(length + 2 * row.length + row.columns * fieldSlack + suffixRoom);
    writer.position += writer.bytes.write(literal.text, writer.position, 'utf8');
  }
}
