/** Bytes of encoded rows, in chunks that each hold whole rows. */
import type { TableRows, TableSchema } from '../change-source.ts';

const firstChunk = 16 * 1024;
const largestChunk = 1024 * 1024;

/** Columns that follow a table's own in every raw row. */
export const addedColumns = ['_version', '_deleted', '_commit_time'] as const;

export class RowWriter {
  /** The chunk being filled; encoders write to it directly from `position` on. */
  bytes: Buffer = Buffer.allocUnsafeSlow(firstChunk);
  position = 0;
  private rowStart = 0;
  private readonly rows: TableRows;

  constructor(table: TableSchema) {
    const columns = [...table.columns.map((column) => column.name), ...addedColumns];
    this.rows = { table, columns, chunks: [], rows: 0, bytes: 0 };
  }

  /** Makes room for `length` bytes from `position` on. A row that was begun moves to the new chunk. */
  reserve(length: number): void {
    if (this.position + length <= this.bytes.length) return;
    const begun = this.position - this.rowStart;
    const size = Math.max(begun + length, Math.min(this.bytes.length * 2, largestChunk));
    const next = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(next, 0, this.rowStart, this.position);
    this.seal();
    this.bytes = next;
    this.position = begun;
    this.rowStart = 0;
  }

  /** The bytes up to `position` are one more row. Returns its length. */
  endRow(): number {
    const length = this.position - this.rowStart;
    this.rows.rows++;
    this.rows.bytes += length;
    this.rowStart = this.position;
    return length;
  }

  /** Forgets a row that was begun. */
  dropRow(): void {
    this.position = this.rowStart;
  }

  /** Everything written; the writer is spent. */
  finish(): TableRows {
    this.seal();
    return this.rows;
  }

  private seal(): void {
    if (this.rowStart > 0) this.rows.chunks.push(this.bytes.subarray(0, this.rowStart));
  }
}
