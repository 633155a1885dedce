import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSource, Lsn, TableRows } from '../cdc/change-source.ts';
import type { ClickHouseClient } from './clickhouse.ts';
import type { PositionWaiters } from './position-waiters.ts';
import { writeProgress } from './progress.ts';
import type { RawWriter } from './raw-writer.ts';
import type { StreamMetrics } from './stream-metrics.ts';

export interface CheckpointsOptions {
  readonly client: ClickHouseClient;
  readonly source: ChangeSource;
  readonly writer: RawWriter;
  readonly metrics: StreamMetrics;
  readonly waiters: PositionWaiters;
  /** A checkpoint begins no sooner than this after the one before, milliseconds; at once when somebody waits for it. */
  readonly checkpointMs: number;
}

/** Facts are refreshed up to `position`; `commitTime` is that of the newest commit before it, null before the first. */
export interface Reached {
  readonly position: Lsn;
  readonly commitTime: Date | null;
}

/**
 * Says how far facts reach, then acknowledges it: beside the next cycles instead of in them, and for several at once when they
 * come fast. Rows that nobody waits for are stored here, before anything is said about their position.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #reached: Reached;
  #applied: Lsn;
  #tenants = new Map<string, Date>();
  #later: TableRows[] = [];
  #due = false;
  #writing: Promise<void> | null = null;
  #hurry = new AbortController();
  #begunAt = Number.NEGATIVE_INFINITY;
  #writtenAt = 0;
  #failure: Error | null = null;

  constructor(options: CheckpointsOptions, start: Reached) {
    this.#options = options;
    this.#reached = start;
    this.#applied = start.position;
  }

  /** Everything before is durable, said and acknowledged. */
  get applied(): Lsn {
    return this.#applied;
  }

  /** When ops.progress was last written, on the clock of `performance`. */
  get writtenAt(): number {
    return this.#writtenAt;
  }

  /** What broke a checkpoint. The source is closed by then: only a new one delivers again what was lost here. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Bytes of rows set aside. */
  get bytesLater(): number {
    return this.#later.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Sets rows aside until the next checkpoint. */
  storeLater(rows: readonly TableRows[]): void {
    for (const added of rows) {
      const same = this.#later.find(({ table }) => table === added.table);
      if (!same) this.#later.push({ ...added, chunks: [...added.chunks] });
      else {
        same.chunks.push(...added.chunks);
        same.rows += added.rows;
        same.bytes += added.bytes;
      }
    }
  }

  /** Facts have come this far, and `tenants` (→ newest commit) had changes on the way. A checkpoint follows; not waited for. */
  reached(reached: Reached, tenants: ReadonlyMap<string, Date>): void {
    this.#reached = reached;
    for (const [tenant, time] of tenants) this.#tenants.set(tenant, time);
    this.renew();
    if (this.#options.waiters.due(reached.position)) this.#hurry.abort();
  }

  /** Says again how far facts reach: a stream that stands still is told from one that is gone by this. */
  renew(): void {
    // After a failure rows may be missing of what was reached: nothing may be said any more.
    if (this.#failure) return;
    this.#due = true;
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was reached and set aside is durable and acknowledged; rejects when that failed. */
  async settle(): Promise<void> {
    if (this.#later.length > 0) this.renew();
    this.#hurry.abort();
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  async #write(): Promise<void> {
    try {
      while (this.#due) {
        const left = this.#options.checkpointMs - (performance.now() - this.#begunAt);
        if (left > 1) await sleep(left, undefined, { signal: this.#hurry.signal }).catch(() => {});
        await this.#checkpoint();
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      await this.#options.source.close();
    } finally {
      this.#writing = null;
    }
  }

  async #checkpoint(): Promise<void> {
    const { client, source, writer, metrics, waiters } = this.#options;
    const [{ position, commitTime }, tenants, later] = [this.#reached, this.#tenants, this.#later];
    this.#begunAt = performance.now();
    this.#hurry = new AbortController();
    this.#due = false;
    this.#tenants = new Map();
    this.#later = [];
    await writer.storeAll(later);
    const lagBytes = source.lagBytes();
    await writeProgress(client, { position, commitTime, lagBytes, tenants });
    source.acknowledge(position);
    this.#writtenAt = performance.now();
    this.#applied = position;
    metrics.progress(lagBytes);
    metrics.applied(position, commitTime);
    waiters.applied(position);
  }
}
