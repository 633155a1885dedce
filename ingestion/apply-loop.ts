import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeBatch, ChangeSource, GroupKeyColumns, Lsn, TableRows } from '../cdc/change-source.ts';
import { versionOf } from '../cdc/lsn.ts';
import type { BetweenTransactions, Pause } from './between-transactions.ts';
import { Checkpoints } from './checkpoints.ts';
import type { ClickHouseClient } from './clickhouse.ts';
import { PendingRefresh, type RefreshFacts } from './pending-refresh.ts';
import type { PositionWaiters } from './position-waiters.ts';
import { recordClamped } from './progress.ts';
import type { RawWriter } from './raw-writer.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import { buryOlderRows, eachBuriedKey } from './truncate.ts';

export interface ApplyLoopOptions {
  readonly source: ChangeSource;
  readonly client: ClickHouseClient;
  readonly writer: RawWriter;
  readonly generation: number;
  /** Everything before this was applied by an earlier run. */
  readonly start: { readonly position: Lsn; readonly commitTime: Date | null };
  readonly groupKeys: GroupKeyColumns;
  readonly refresh: RefreshFacts;
  readonly metrics: StreamMetrics;
  /** Tasks that need the stream to stand still between two transactions. */
  readonly between: BetweenTransactions;
  readonly waiters: PositionWaiters;
  readonly pacing?: Partial<Pacing>;
}

/** Trade-off between freshness and ClickHouse's cost, which follows statements, not rows. */
export interface Pacing {
  /** A cycle starts no sooner than this after the one before, milliseconds. */
  readonly cycleMs: number;
  /** While at least this much more waits in the source (and the batch was large), facts are refreshed later, together. */
  readonly bulkBytes: bigint;
  /** …but no later than this, milliseconds. */
  readonly bulkMs: number;
  /** …and never more keys at once: bounds our memory and the refresh statement's. */
  readonly bulkKeys: number;
  /** Progress is written and acknowledged no more often than this, milliseconds. */
  readonly checkpointMs: number;
  /** Without changes, progress is renewed this often, milliseconds. */
  readonly idleMs: number;
}

export const DEFAULT_PACING: Pacing = {
  cycleMs: 80,
  bulkBytes: 2n << 20n,
  bulkMs: 2_000,
  bulkKeys: 50_000,
  checkpointMs: 250,
  idleMs: 900,
};

/** The source cuts its batches at 8 MB; one that comes near was not all there was. */
const FULL_BATCH_BYTES = 4 << 20;

/** Half of all rows, and no figure is computed from them: a checkpoint stores those of several cycles together. */
const LOGS = new Set(['audit_logs', 'events']);

/**
 * Applies batches: raw rows, then the facts they changed, then progress, then acknowledge. That order is the promise of the
 * whole path: what is acknowledged never comes again, so by then nothing may be left to do about it. The last two steps are
 * those of a checkpoint, which goes on beside the next cycle.
 */
export class ApplyLoop {
  readonly #options: ApplyLoopOptions;
  readonly #pacing: Pacing;
  readonly #pending: PendingRefresh;
  readonly #checkpoints: Checkpoints;
  #tenants = new Map<string, Date>();
  #commitTime: Date | null;
  /** Stored in raw up to here; facts may still be due. */
  #stored: Lsn;
  #refreshedAt = performance.now();
  /** What broke while a task moved the stream: a batch may be lost to us, so the source must deliver it again. */
  #failure: Error | null = null;

  constructor(options: ApplyLoopOptions) {
    this.#options = options;
    this.#pacing = { ...DEFAULT_PACING, ...options.pacing };
    this.#pending = new PendingRefresh(options.refresh, this.#pacing.bulkKeys);
    this.#checkpoints = new Checkpoints({ ...options, checkpointMs: this.#pacing.checkpointMs }, options.start);
    this.#stored = options.start.position;
    this.#commitTime = options.start.commitTime;
    options.metrics.position = options.start.position;
  }

  get position(): Lsn {
    return this.#checkpoints.applied;
  }

  /** Runs until `signal` aborts (then resolves between two batches) or something fails (rejects; nothing is lost). */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#follow(signal);
    } catch (error) {
      // A checkpoint that failed has closed the source, which then fails as well.
      throw this.#checkpoints.failure ?? error;
    } finally {
      // Nothing of this run may be written when the next one has begun.
      await this.#checkpoints.settle().catch(() => {});
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { between } = this.#options;
    let atBoundary = true;
    while (!signal.aborted) {
      if (atBoundary && between.waiting) {
        await this.#flush();
        await this.#checkpoints.settle();
        await between.runAll(this.#pause());
        if (this.#failure) throw this.#failure;
      }
      const begun = performance.now();
      const batch = await this.#options.source.next();
      if (!batch || signal.aborted) continue;
      await this.#apply(batch);
      atBoundary = batch.endsTransaction;
      if (this.#refreshIsDue(batch)) await this.#flush();
      else if (this.#progressIsOld()) this.#checkpoints.renew();
      if (batch.changes > 0 && !this.#inBulk(batch)) await this.#rest(begun, signal);
    }
  }

  async #apply(batch: ChangeBatch): Promise<void> {
    const { client, writer, metrics } = this.#options;
    const begun = performance.now();
    if (batch.position > this.#stored) this.#stored = batch.position;
    if (batch.truncated) await this.#truncate(batch, batch.truncated);
    const many = this.#inBulk(batch) || this.#checkpoints.bytesLater > FULL_BATCH_BYTES;
    const [now, later] = many ? [batch.rows, []] : split(batch.rows);
    await Promise.all([writer.write({ ...batch, rows: now }), recordClamped(client, batch.clamped)]);
    this.#checkpoints.storeLater(later);
    this.#pending.add(batch.changedKeys);
    for (const [tenant, time] of batch.tenants) this.#tenants.set(tenant, time);
    if (batch.commit) this.#commitTime = batch.commit.time;
    metrics.stored(batch, performance.now() - begun);
    if (this.#pending.full) await this.#pending.flush(this.#version(batch));
  }

  #version(batch?: ChangeBatch): bigint {
    // Of a transaction that was cut, all refreshes carry its commit's position: a repeated run may cut it elsewhere, and of
    // equal versions the one written last stands.
    const position = batch?.openCommit && batch.openCommit > this.#stored ? batch.openCommit : this.#stored;
    return versionOf(this.#options.generation, position);
  }

  async #truncate(batch: ChangeBatch, { tables, position }: NonNullable<ChangeBatch['truncated']>): Promise<void> {
    const { client, groupKeys, generation } = this.#options;
    const version = versionOf(generation, position);
    // What was set aside is to be buried as well.
    await this.#checkpoints.settle();
    for (const table of tables) {
      await buryOlderRows(client, table.name, version);
      await eachBuriedKey(client, table, version, groupKeys, this.#pacing.bulkKeys, async (group, keys) => {
        this.#pending.add(new Map([[group, keys]]));
        if (this.#pending.full) await this.#pending.flush(this.#version(batch));
      });
    }
  }

  /** True when more is certainly or probably waiting: what the source holds, or a batch that is as large as they get. */
  #inBulk(batch: ChangeBatch): boolean {
    if (!batch.endsTransaction) return true;
    const bytes = batch.rows.reduce((sum, rows) => sum + rows.bytes, 0);
    if (bytes > FULL_BATCH_BYTES) return true;
    return batch.changes >= 2_000 && this.#options.source.lagBytes() > this.#pacing.bulkBytes;
  }

  #refreshIsDue(batch: ChangeBatch): boolean {
    if (!batch.endsTransaction) return false;
    if (batch.changes === 0 && this.#pending.size === 0 && this.#tenants.size === 0) {
      return this.#progressIsOld() || this.#options.between.waiting || this.#options.waiters.due(this.#stored);
    }
    return !this.#inBulk(batch) || performance.now() - this.#refreshedAt > this.#pacing.bulkMs;
  }

  #progressIsOld(): boolean {
    return performance.now() - this.#checkpoints.writtenAt > this.#pacing.idleMs;
  }

  /** Brings facts up to what is stored, and has a checkpoint follow. */
  async #flush(): Promise<void> {
    const begun = performance.now();
    const position = this.#stored;
    await this.#pending.flush(this.#version());
    this.#checkpoints.reached({ position, commitTime: this.#commitTime }, this.#tenants);
    this.#tenants = new Map();
    this.#refreshedAt = performance.now();
    this.#options.metrics.refreshMs = this.#refreshedAt - begun;
  }

  #pause(): Pause {
    return {
      position: () => this.#checkpoints.applied,
      version: () => this.#version(),
      refresh: this.#options.refresh,
      applyBefore: async (limit) => {
        try {
          for (let batch = await this.#next(limit); batch; batch = await this.#next(limit)) await this.#apply(batch);
          await this.#flush();
          await this.#checkpoints.settle();
        } catch (error) {
          this.#failure = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      },
    };
  }

  #next(before: Lsn): Promise<ChangeBatch | null> {
    return this.#options.source.next({ before });
  }

  async #rest(begun: number, signal: AbortSignal): Promise<void> {
    const left = this.#pacing.cycleMs - (performance.now() - begun);
    if (left > 1) await sleep(left, undefined, { signal }).catch(() => {});
  }
}

/** The rows to store at once, and those that a checkpoint stores. */
function split(rows: readonly TableRows[]): [TableRows[], TableRows[]] {
  return [rows.filter(({ table }) => !LOGS.has(table.name)), rows.filter(({ table }) => LOGS.has(table.name))];
}
