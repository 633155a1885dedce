/** Collects what one batch will carry. A new one is made for each. */
import type {
  ChangeBatch,
  ClampedValue,
  Commit,
  Lsn,
  RejectedChange,
  TableRows,
  TableSchema,
} from '../change-source.ts';
import { type Relation, sameLayout } from './relation.ts';
import { RowWriter } from './row-writer.ts';
import { TouchedKeys } from './touched-keys.ts';

export class BatchBuilder {
  readonly touched: TouchedKeys;
  readonly clamped: ClampedValue[] = [];
  readonly rejected: RejectedChange[] = [];
  readonly messages: { prefix: string; content: string; position: Lsn }[] = [];
  truncated: { tables: TableSchema[]; position: Lsn } | null = null;
  changes = 0;
  bytes = 0;
  private readonly writers: { table: TableSchema; writer: RowWriter }[] = [];
  private lastRelation: Relation | null = null;
  private lastWriter: RowWriter | null = null;

  constructor(commitTime: Date) {
    this.touched = new TouchedKeys(commitTime);
  }

  writerOf(relation: Relation): RowWriter {
    if (relation === this.lastRelation && this.lastWriter) return this.lastWriter;
    const { table } = relation;
    let entry = this.writers.find((other) => other.table === table);
    entry ??= this.writers.find((other) => other.table.name === table.name && sameLayout(other.table, table));
    if (!entry) {
      entry = { table, writer: new RowWriter(table) };
      this.writers.push(entry);
    }
    this.lastRelation = relation;
    this.lastWriter = entry.writer;
    return entry.writer;
  }

  /** True when there is something besides a moved position. */
  get hasContent(): boolean {
    return this.changes > 0 || this.messages.length > 0;
  }

  build(end: { endsTransaction: boolean; openCommit: Lsn | null; commit: Commit | null; position: Lsn }): ChangeBatch {
    const rows: TableRows[] = this.writers.map((entry) => entry.writer.finish()).filter((table) => table.rows > 0);
    return {
      rows,
      truncated: this.truncated,
      changedKeys: this.touched.groups,
      tenants: this.touched.tenants,
      clamped: this.clamped,
      ...(this.rejected.length > 0 ? { rejected: this.rejected } : {}),
      messages: this.messages,
      changes: this.changes,
      ...end,
    };
  }
}
