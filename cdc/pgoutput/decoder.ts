/**
 * Reads pgoutput messages (protocol version 1) and encodes their rows. Knows transactions, relations and rows; nothing of
 * sockets or confirmation. https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
import type { Commit, Lsn, TableSchema } from '../change-source.ts';
import type { BatchBuilder } from './batch-builder.ts';
import { dateOf, timeText } from './commit-time.ts';
import {
  type Relation,
  type RelationMessage,
  readRelation,
  relationOf,
  sameLayout,
  type TableRoles,
} from './relation.ts';
import { RowEncoder } from './row-encoder.ts';
import type { Tuple } from './tuple.ts';
import { VersionDigits } from './version-digits.ts';

/** What the caller must do before the next message. */
export type DecoderStop =
  | { readonly kind: 'begin'; readonly position: Lsn }
  /** All that committed before this position has been decoded. */
  | { readonly kind: 'end'; readonly position: Lsn }
  | { readonly kind: 'relation'; readonly message: RelationMessage }
  | { readonly kind: 'truncate'; readonly tables: TableSchema[]; readonly position: Lsn }
  | null;

export class Decoder {
  /** The transaction being received, null between transactions. */
  transaction: { readonly position: Lsn } | null = null;
  lastCommit: Commit | null = null;
  batch!: BatchBuilder;
  private readonly relations = new Map<number, Relation>();
  private readonly encoder: RowEncoder;
  /** Of the transaction being received, else of the last one. */
  commitTime = new Date(0);

  constructor(
    generation: number,
    private readonly roles: TableRoles,
  ) {
    this.encoder = new RowEncoder(new VersionDigits(generation), (relation, row, bytes, column, stored) =>
      this.noteClamp(relation, row, bytes, column, stored),
    );
  }

  /** One pgoutput message in `bytes[at, end)`; `high` and `low` are the halves of its position. */
  message(bytes: Buffer, at: number, end: number, high: number, low: number): DecoderStop {
    switch (bytes[at]) {
      case 0x49: // Insert
        this.insert(bytes, at + 1, high, low);
        return null;
      case 0x55: // Update
        this.update(bytes, at + 1, high, low);
        return null;
      case 0x44: // Delete
        this.delete(bytes, at + 1, high, low);
        return null;
      case 0x42: // Begin
        return this.begin(bytes, at + 1);
      case 0x43: // Commit
        return this.commit(bytes, at + 1);
      case 0x52: // Relation
        return { kind: 'relation', message: readRelation(bytes, at + 1) };
      case 0x54: // Truncate
        return this.truncate(bytes, at + 1, (BigInt(high) << 32n) | BigInt(low));
      case 0x4d: // Message
        return this.logicalMessage(bytes, at + 1, end);
      case 0x59: // Type
      case 0x4f: // Origin
        return null;
      default:
        throw new Error(`unknown pgoutput message ${JSON.stringify(String.fromCharCode(bytes[at] as number))}`);
    }
  }

  /** What the stream's relation id means from here on. */
  defineRelation(id: number, table: TableSchema): void {
    const known = this.relations.get(id);
    if (known && known.table.name === table.name && sameLayout(known.table, table)) return;
    this.relations.set(id, relationOf(table, this.roles));
  }

  /** Whether the stream has described this relation before. */
  knows(id: number): boolean {
    return this.relations.has(id);
  }

  private relation(id: number): Relation {
    const relation = this.relations.get(id);
    if (!relation) throw new Error(`change for relation ${id}, which the stream has not described`);
    return relation;
  }

  private begin(bytes: Buffer, at: number): DecoderStop {
    const commitPosition = bytes.readBigUInt64BE(at);
    const micros = bytes.readBigInt64BE(at + 8);
    this.transaction = { position: commitPosition };
    this.commitTime = dateOf(micros);
    this.encoder.beginTransaction(timeText(micros));
    this.batch.touched.beginTransaction(this.commitTime);
    return { kind: 'begin', position: commitPosition };
  }

  private commit(bytes: Buffer, at: number): DecoderStop {
    const position = bytes.readBigUInt64BE(at + 1);
    const end = bytes.readBigUInt64BE(at + 9);
    this.lastCommit = { position, end, time: this.commitTime };
    this.transaction = null;
    return { kind: 'end', position: end };
  }

  private insert(bytes: Buffer, at: number, high: number, low: number): void {
    const relation = this.relation(bytes.readUInt32BE(at));
    relation.row.read(bytes, at + 5);
    this.encoder.setPosition(high, low);
    this.write(bytes, relation, relation.row, false);
    this.batch.changes++;
  }

  private update(bytes: Buffer, start: number, high: number, low: number): void {
    const relation = this.relation(bytes.readUInt32BE(start));
    const { row, oldRow } = relation;
    let at = start + 4;
    // K carries the replica identity's columns alone, O the whole old row, N the new one.
    const hasOld = bytes[at] !== 0x4e;
    if (hasOld) at = oldRow.read(bytes, at + 1);
    row.read(bytes, at + 1);
    this.encoder.setPosition(high, low);
    this.batch.changes++;
    if (row.unchanged > 0 && !(hasOld && bytes[start + 4] === 0x4f && row.fillUnchanged(oldRow))) {
      this.reject(bytes, relation, row);
      return;
    }
    if (hasOld) {
      if (relation.sortKey.some((column) => !row.sameColumn(bytes, oldRow, column))) {
        this.write(bytes, relation, oldRow, true);
      } else {
        this.batch.touched.note(bytes, relation, oldRow);
      }
    }
    this.write(bytes, relation, row, false);
  }

  private delete(bytes: Buffer, at: number, high: number, low: number): void {
    const relation = this.relation(bytes.readUInt32BE(at));
    relation.oldRow.read(bytes, at + 5);
    this.encoder.setPosition(high, low);
    this.write(bytes, relation, relation.oldRow, true);
    this.batch.changes++;
  }

  private write(bytes: Buffer, relation: Relation, row: Tuple, deleted: boolean): void {
    this.batch.bytes += this.encoder.encode(bytes, relation, row, deleted, this.batch.writerOf(relation));
    this.batch.touched.note(bytes, relation, row);
  }

  private truncate(bytes: Buffer, start: number, position: Lsn): DecoderStop {
    const count = bytes.readUInt32BE(start);
    const tables: TableSchema[] = [];
    for (let i = 0; i < count; i++) tables.push(this.relation(bytes.readUInt32BE(start + 5 + 4 * i)).table);
    return { kind: 'truncate', tables, position };
  }

  private logicalMessage(bytes: Buffer, start: number, end: number): DecoderStop {
    const position = bytes.readBigUInt64BE(start + 1);
    const prefixEnd = bytes.indexOf(0, start + 9);
    const prefix = bytes.toString('utf8', start + 9, prefixEnd);
    if (prefix === 'uco' || prefix.startsWith('uco.')) {
      this.batch.messages.push({ prefix, content: bytes.toString('utf8', prefixEnd + 5, end), position });
    }
    // Messages outside transactions arrive in log order, after everything that committed before them.
    return this.transaction === null ? { kind: 'end', position } : null;
  }

  private noteClamp(relation: Relation, row: Tuple, bytes: Buffer, column: number, stored: string): void {
    this.batch.clamped.push({
      table: relation.table.name,
      column: relation.table.columns[column]?.name ?? '',
      key: keyText(bytes, relation, row),
      original: row.text(bytes, column) ?? '',
      stored,
      position: this.encoder.position,
    });
  }

  private reject(bytes: Buffer, relation: Relation, row: Tuple): void {
    const { table } = relation;
    this.batch.touched.note(bytes, relation, row);
    this.batch.rejected.push({
      table: table.name,
      key: keyText(bytes, relation, row),
      tenant: relation.tenant < 0 ? null : row.text(bytes, relation.tenant),
      reason:
        'an update left a large value unchanged and the old row is not in the log: ' +
        `ALTER TABLE ${table.name} REPLICA IDENTITY FULL`,
      row: Object.fromEntries(table.columns.map((column, i) => [column.name, row.text(bytes, i)])),
      position: this.encoder.position,
    });
  }
}

function keyText(bytes: Buffer, relation: Relation, row: Tuple): string {
  return relation.key.map((column) => row.text(bytes, column) ?? '').join(',');
}
