import { formatLsn } from '../cdc/lsn.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { StreamState } from './stream-state.ts';

/**
 * - `starting`: not following yet (copying, building, or waiting for an engine); `problem` says why
 * - `stalled`: nothing was applied, not even a heartbeat, for five seconds
 * - `lagging`: log waits for more than two seconds
 * - `idle`: no commit for ten seconds
 */
export type StreamCondition = 'starting' | 'stalled' | 'lagging' | 'idle' | 'live';

export interface StreamStatus {
  readonly state: StreamCondition;
  readonly problem: string | null;
  readonly held: boolean;
  /** Everything before it is visible in facts. */
  readonly position: string;
  readonly lagBytes: number;
  readonly lastCommit: string | null;
  readonly appliedAt: string | null;
  readonly generation: number | null;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly batches: number;
  /** Commit → figures, the longest of the last ten seconds; null when nothing was committed. */
  readonly delayMs: number | null;
  readonly restarts: number;
  readonly deadLetters: number;
  readonly staleKeys: number;
  readonly clamped: number;
  /** Parts of the last cycle, milliseconds. */
  readonly storeMs: number;
  readonly refreshMs: number;
}

export interface StatusInput {
  readonly metrics: StreamMetrics;
  readonly letters: DeadLetters | null;
  readonly state: StreamState | null;
  readonly problem: string | null;
  readonly held: boolean;
}

export function streamStatus({ metrics, letters, state, problem, held }: StatusInput): StreamStatus {
  return {
    state: condition(metrics, problem, new Date()),
    problem,
    held,
    position: formatLsn(metrics.position),
    lagBytes: Number(metrics.lagBytes),
    lastCommit: metrics.lastCommit?.toISOString() ?? null,
    appliedAt: metrics.appliedAt?.toISOString() ?? null,
    generation: state?.generation ?? null,
    rows: metrics.rows,
    rowsPerSecond: metrics.rowsPerSecond(),
    batches: metrics.batches,
    delayMs: metrics.delayMs(),
    restarts: metrics.restarts,
    deadLetters: letters?.waiting ?? 0,
    staleKeys: letters?.staleKeys ?? 0,
    clamped: metrics.clamped,
    storeMs: Math.round(metrics.storeMs),
    refreshMs: Math.round(metrics.refreshMs),
  };
}

function condition(metrics: StreamMetrics, problem: string | null, now: Date): StreamCondition {
  const since = (time: Date | null) => (time ? now.getTime() - time.getTime() : Number.POSITIVE_INFINITY);
  if (metrics.appliedAt && since(metrics.progressAt) > 5_000) return 'stalled';
  if (problem !== null) return 'starting';
  if (metrics.laggingSince && since(metrics.laggingSince) > 2_000) return 'lagging';
  return since(metrics.lastCommit) > 10_000 ? 'idle' : 'live';
}
