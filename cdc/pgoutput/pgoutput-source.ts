/**
 * Changes straight from Postgres: a logical replication connection whose bytes become rows for ClickHouse.
 *
 * Pulled, not pushed: received bytes wait undecoded until `next()` asks, so that it can stop at any transaction (`before`),
 * and a slow consumer slows the server down instead of filling memory.
 */
import type { Socket } from 'node:net';
import { type Catalog, readCatalog } from '../catalog.ts';
import type { ChangeBatch, ChangeSource, Lsn } from '../change-source.ts';
import { Heartbeat } from '../heartbeat.ts';
import { formatLsn } from '../lsn.ts';
import { connect } from '../wire/take-over.ts';
import { BatchBuilder } from './batch-builder.ts';
import { type Held, Intake } from './intake.ts';
import { ReceivedBytes } from './received-bytes.ts';
import type { TableRoles } from './relation.ts';
import { standbyStatus } from './standby-status.ts';
import { startReplication } from './start-replication.ts';

export interface PgOutputOptions extends TableRoles {
  readonly url: string;
  readonly slot: string;
  readonly publication: string;
  /** High bits of every `_version`; raised with each new slot. */
  readonly generation: number;
  /** Start here instead of where the slot was last confirmed (it never goes back before that). */
  readonly from?: Lsn;
  /** Bytes of encoded rows at which a batch is cut, and of received bytes at which reading pauses. 8 MB by default. */
  readonly batchBytes?: number;
  /** Idle milliseconds after which a heartbeat is sent. 1,000 by default. */
  readonly heartbeatMs?: number;
}

/** Opens the stream; rejects when the slot is missing, lost, or stays in use. */
export async function openPgOutputSource(options: PgOutputOptions): Promise<ChangeSource> {
  const catalog = await loadCatalog(options);
  const from = options.from ?? 0n;
  const socket = await startReplication({ ...options, from });
  return new PgOutputSource(options, catalog, socket);
}

async function loadCatalog(options: PgOutputOptions): Promise<Catalog> {
  const client = await connect(options.url, { applicationName: 'uco catalogue' });
  try {
    return await readCatalog(client, options.publication);
  } finally {
    await client.end();
  }
}

interface Waiting {
  readonly before: Lsn | null;
  readonly resolve: (batch: ChangeBatch | null) => void;
  readonly reject: (error: Error) => void;
}

const statusIntervalMs = 1000;
/** A position that moved without changes is told this often, so that consumers don't spin on keepalives. */
const positionIntervalMs = 200;

class PgOutputSource implements ChangeSource {
  private readonly intake: Intake;
  private readonly heartbeat: Heartbeat;
  private readonly timers: NodeJS.Timeout[] = [];
  private waiting: Waiting | null = null;
  private delivered: Lsn;
  private acknowledged: Lsn;
  private deliveredAt = 0;
  private failure: Error | null = null;

  constructor(
    private readonly options: PgOutputOptions,
    catalog: Catalog,
    private readonly socket: Socket,
  ) {
    const batchBytes = options.batchBytes ?? 8 * 1024 * 1024;
    const from = options.from ?? 0n;
    this.delivered = this.acknowledged = from;
    const received = new ReceivedBytes(socket, batchBytes, () => this.pump());
    this.intake = new Intake(
      {
        ...options,
        batchBytes,
        loadCatalog: () => loadCatalog(options),
        take: () => received.take(),
        onCatalog: (error) => (error ? this.fail(error) : this.pump()),
        onReplyWanted: () => this.sendStatus(),
      },
      catalog,
      from,
    );
    const intervalMs = options.heartbeatMs ?? 1000;
    this.heartbeat = new Heartbeat({ url: options.url, intervalMs, idleMs: () => Date.now() - this.intake.lastEndAt });
    this.timers.push(setInterval(() => this.sendStatus(), statusIntervalMs));
    this.timers.push(setInterval(() => this.pump(), positionIntervalMs));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  next(options: { readonly before?: Lsn } = {}): Promise<ChangeBatch | null> {
    const before = options.before ?? null;
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      if (this.waiting) return reject(new Error('next() is already waiting'));
      this.waiting = { before, resolve, reject };
      // Something of ours behind the position tells soonest that nothing more comes before it.
      if (before !== null && before > this.intake.decoded) void this.heartbeat.beat();
      this.pump();
    });
  }

  acknowledge(position: Lsn): void {
    if (position > this.delivered) {
      throw new Error(`acknowledged ${formatLsn(position)}, but only ${formatLsn(this.delivered)} was delivered`);
    }
    if (position <= this.acknowledged) return;
    this.acknowledged = position;
    this.sendStatus();
  }

  lagBytes(): bigint {
    const lag = this.heartbeat.serverEnd - this.delivered;
    return lag > 0n ? lag : 0n;
  }

  async close(): Promise<void> {
    this.sendStatus();
    this.fail(new Error('the change source was closed'));
    await this.heartbeat.close();
  }

  private fail(cause: Error): void {
    if (this.failure) return;
    this.failure = new Error(`change stream of slot ${this.options.slot} ended: ${cause.message}`, { cause });
    for (const timer of this.timers) clearInterval(timer);
    // A status that was written still goes out.
    this.socket.destroySoon();
    void this.heartbeat.close();
    this.waiting?.reject(this.failure);
    this.waiting = null;
  }

  /** Nothing but what was acknowledged is ever told: the server forgets what is before. */
  private sendStatus(): void {
    if (!this.failure && this.socket.writable) this.socket.write(standbyStatus(this.acknowledged));
  }

  /** Decodes what was received until the caller can be answered or nothing is left. */
  private pump(): void {
    const { waiting, intake } = this;
    if (!waiting || this.failure || intake.held?.kind === 'relation') return;
    try {
      if (this.answerAtOnce(waiting.before)) return;
      const held = intake.decode(waiting.before);
      if (held === null) this.answerDry(waiting.before);
      else if (held.kind === 'full' || (held.kind !== 'relation' && intake.decoder.batch.hasContent)) this.deliver();
      else if (held.kind === 'truncate') this.deliverTruncate(held);
      else if (held.kind === 'begin') this.settle(null);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** True when the answer needs no decoding. */
  private answerAtOnce(before: Lsn | null): boolean {
    const { held, insideTransaction, decoded, decoder } = this.intake;
    if (held?.kind === 'truncate') {
      this.deliverTruncate(held);
      return true;
    }
    if (before === null || decoder.batch.hasContent) return false;
    if (held?.kind === 'begin') {
      if (held.position < before) return false;
    } else if (insideTransaction) {
      if ((decoder.transaction?.position ?? 0n) < before) return false;
      throw new Error(`asked for changes before ${formatLsn(before)} in the middle of a later transaction`);
    } else if (decoded < before) return false;
    this.settle(null);
    return true;
  }

  /** Everything received is decoded. A transaction that is still arriving is waited for. */
  private answerDry(before: Lsn | null): void {
    const { decoder, decoded } = this.intake;
    if (decoder.transaction !== null) return;
    if (decoder.batch.hasContent) this.deliver();
    else if (before !== null && decoded >= before) this.settle(null);
    else if (decoded > this.delivered && Date.now() - this.deliveredAt >= positionIntervalMs) this.deliver();
  }

  private deliverTruncate(held: Extract<Held, { kind: 'truncate' }>): void {
    const { batch } = this.intake.decoder;
    batch.truncated = { tables: held.tables, position: held.position };
    batch.changes++;
    this.intake.held = null;
    this.deliver();
  }

  private deliver(): void {
    const { decoder, decoded, insideTransaction } = this.intake;
    const batch = decoder.batch.build({
      endsTransaction: !insideTransaction,
      openCommit: insideTransaction ? (decoder.transaction?.position ?? null) : null,
      commit: decoder.lastCommit,
      position: decoded,
    });
    decoder.batch = new BatchBuilder(decoder.commitTime);
    this.delivered = decoded;
    this.deliveredAt = Date.now();
    this.settle(batch);
  }

  private settle(batch: ChangeBatch | null): void {
    const { waiting } = this;
    this.waiting = null;
    waiting?.resolve(batch);
  }
}
