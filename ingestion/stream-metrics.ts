import type { ChangeBatch, Lsn } from '../cdc/change-source.ts';

const WINDOW_MS = 10_000;
/** Log of our own heartbeats and of what others write meanwhile: not a backlog. */
const CAUGHT_UP_BYTES = 1n << 20n;

/** Counters of the stream since the process started, for `status` and the metrics endpoint. */
export class StreamMetrics {
  rows = 0;
  batches = 0;
  clamped = 0;
  restarts = 0;
  lagBytes = 0n;
  position: Lsn = 0n;
  lastCommit: Date | null = null;
  appliedAt: Date | null = null;
  /** When ops.progress was last written. */
  progressAt: Date | null = null;
  /** Since when log has been waiting without a moment of having caught up; null when there is none. */
  laggingSince: Date | null = null;
  /** Milliseconds of the last cycle's parts. */
  storeMs = 0;
  refreshMs = 0;
  #recent: { at: number; rows: number }[] = [];
  #delays: { at: number; ms: number }[] = [];

  /** A batch is in raw, but for rows that the next checkpoint stores. */
  stored(batch: ChangeBatch, milliseconds: number): void {
    this.clamped += batch.clamped.length;
    if (batch.changes === 0) return;
    this.rows += batch.changes;
    this.batches++;
    this.storeMs = milliseconds;
    this.#recent.push({ at: performance.now(), rows: batch.changes });
    this.#forgetOld();
  }

  /** Facts and progress have reached `position`. */
  applied(position: Lsn, commit: Date | null): void {
    this.appliedAt = new Date();
    if (commit !== null && commit.getTime() !== this.lastCommit?.getTime()) {
      this.#delays.push({ at: performance.now(), ms: Math.max(0, this.appliedAt.getTime() - commit.getTime()) });
    }
    this.position = position;
    this.lastCommit = commit;
  }

  /** ops.progress was written; `bytes` of log wait. */
  progress(bytes: bigint): void {
    this.progressAt = new Date();
    this.lagBytes = bytes;
    if (bytes < CAUGHT_UP_BYTES) this.laggingSince = null;
    else this.laggingSince ??= this.progressAt;
  }

  /** Changes stored per second over the last ten. */
  rowsPerSecond(): number {
    this.#forgetOld();
    return Math.round(this.#recent.reduce((sum, entry) => sum + entry.rows, 0) / (WINDOW_MS / 1_000));
  }

  /** The longest that a newest commit of the last ten seconds took until figures showed it, milliseconds; null without commits. */
  delayMs(): number | null {
    this.#forgetOld();
    return this.#delays.length === 0 ? null : Math.max(...this.#delays.map(({ ms }) => ms));
  }

  #forgetOld(): void {
    const limit = performance.now() - WINDOW_MS;
    while (this.#recent[0] && this.#recent[0].at < limit) this.#recent.shift();
    while (this.#delays[0] && this.#delays[0].at < limit) this.#delays.shift();
  }
}
