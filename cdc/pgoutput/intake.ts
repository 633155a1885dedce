/** From received bytes to the batch being built: decodes as far as it may and says why it stopped. */
import type { Catalog } from '../catalog.ts';
import type { Lsn } from '../change-source.ts';
import { MessageFrames } from '../wire/message-frames.ts';
import { serverError } from '../wire/take-over.ts';
import { BatchBuilder } from './batch-builder.ts';
import { Decoder, type DecoderStop } from './decoder.ts';
import { type RelationMessage, type TableRoles, tableOf } from './relation.ts';

/** Why decoding stopped before the next message. */
export type Held =
  /** A transaction that the caller does not want yet has begun. */
  | { readonly kind: 'begin'; readonly position: Lsn }
  | Extract<DecoderStop, { kind: 'truncate' }>
  /** The catalogue is being read; `onCatalog` tells when. */
  | { readonly kind: 'relation' }
  /** The batch has reached its size. */
  | { readonly kind: 'full' };

export interface IntakeOptions extends TableRoles {
  readonly generation: number;
  readonly batchBytes: number;
  readonly loadCatalog: () => Promise<Catalog>;
  /** The oldest received bytes, or null. */
  readonly take: () => Buffer | null;
  /** Decoding may go on after a `relation` stop, or can't. */
  readonly onCatalog: (error: Error | null) => void;
  /** The server wants to hear from us now. */
  readonly onReplyWanted: () => void;
}

export class Intake {
  readonly decoder: Decoder;
  held: Held | null = null;
  /** Everything that committed before this has been decoded. */
  decoded: Lsn;
  /** When a transaction or message last ended, in Date.now() terms. */
  lastEndAt = Date.now();
  private readonly frames: MessageFrames;
  private before: Lsn | null = null;

  constructor(
    private readonly options: IntakeOptions,
    private catalog: Catalog,
    from: Lsn,
  ) {
    this.decoded = from;
    this.decoder = new Decoder(options.generation, options);
    this.decoder.batch = new BatchBuilder(new Date(0));
    this.frames = new MessageFrames((code, bytes, start, end) => this.message(code, bytes, start, end));
  }

  /** Inside a transaction whose first part is already in this batch or was delivered. */
  get insideTransaction(): boolean {
    return this.decoder.transaction !== null && this.held?.kind !== 'begin';
  }

  /** Decodes until something holds it (returned) or all that was received is decoded (null). */
  decode(before: Lsn | null): Held | null {
    this.before = before;
    this.held = null;
    for (;;) {
      if (this.frames.isStopped) this.frames.resume();
      else {
        const chunk = this.options.take();
        if (!chunk) return null;
        this.frames.push(chunk);
      }
      if (this.held) return this.held;
    }
  }

  /** One message of the server; false stops decoding before the next. */
  private message(code: number, bytes: Buffer, from: number, to: number): boolean {
    if (code !== 0x64) return otherMessage(code, bytes, from, to);
    if (bytes[from] !== 0x77) {
      this.keepalive(bytes, from);
      return true;
    }
    const { decoder } = this;
    const stop = decoder.message(bytes, from + 25, to, readHalf(bytes, from + 1), readHalf(bytes, from + 5));
    if (stop !== null) return this.decoderStop(stop);
    if (decoder.batch.bytes < this.options.batchBytes) return true;
    this.held = { kind: 'full' };
    return false;
  }

  private decoderStop(stop: NonNullable<DecoderStop>): boolean {
    switch (stop.kind) {
      case 'begin': {
        if (this.before === null || stop.position < this.before) return true;
        this.held = stop;
        return false;
      }
      case 'end':
        if (stop.position > this.decoded) this.decoded = stop.position;
        this.lastEndAt = Date.now();
        return true;
      case 'relation':
        return this.relation(stop.message);
      case 'truncate':
        this.held = stop;
        return false;
    }
  }

  /**
   * The server has read its log up to here and sent all that committed before: while it sends a transaction it reports the
   * position before that transaction's commit record.
   */
  private keepalive(bytes: Buffer, from: number): void {
    const end = bytes.readBigUInt64BE(from + 1);
    if (this.decoder.transaction === null && end > this.decoded) this.decoded = end;
    if (bytes[from + 17] === 1) this.options.onReplyWanted();
  }

  /**
   * A table's description, sent before its first change and again when something about it may have changed. The catalogue is
   * read again unless this is the first and agrees with what we know.
   */
  private relation(message: RelationMessage): boolean {
    const known = this.catalog.tables.find((table) => table.name === message.name && table.schema === message.schema);
    const agrees = known?.columns.length === message.columns.length;
    if (agrees && !this.decoder.knows(message.id)) {
      this.decoder.defineRelation(message.id, tableOf(message, this.catalog));
      return true;
    }
    this.held = { kind: 'relation' };
    this.options.loadCatalog().then(
      (catalog) => {
        this.catalog = catalog;
        this.decoder.defineRelation(message.id, tableOf(message, catalog));
        this.held = null;
        this.options.onCatalog(null);
      },
      (error: Error) => this.options.onCatalog(error),
    );
    return false;
  }
}

function otherMessage(code: number, bytes: Buffer, from: number, to: number): boolean {
  if (code === 0x45) throw serverError(bytes.subarray(from, to));
  if (code === 0x63) throw new Error('the server ended the stream');
  return true;
}

function readHalf(bytes: Buffer, at: number): number {
  return (
    (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  );
}
