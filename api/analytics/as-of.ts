import { DateTime } from 'luxon';
import type { ScopedReader } from './tenant-clickhouse.ts';

/** What the figures of an answer reflect: every commit up to `position`, and maybe later ones. */
export interface AsOf {
  /** When the newest applied change was committed; null before the first. */
  readonly commitTime: string | null;
  /** Write-ahead log position, as Postgres prints it; null before the first. */
  readonly position: string | null;
  /** `idle`: nothing was committed for 10 s. `lagging`: more is committed than applied. `stalled`: the stream stands still. */
  readonly state: 'live' | 'idle' | 'lagging' | 'stalled';
}

const STALLED_AFTER_MS = 5_000;
const IDLE_AFTER_MS = 10_000;
const LAGGING_AFTER_MS = 2_000;

export interface ProgressRow {
  readonly commit_micros: string;
  readonly position: string;
  readonly lag_bytes: string;
  readonly applied_ms: string;
}

/** A dashboard asks many times a second. An answer that names a position this old is still at least as new as it says. */
const REMEMBERED_MS = 100;

/**
 * How far the stream has come. The position of an answer must not be later than its figures, and may be a little earlier: so
 * what was read a moment ago serves again, and all who ask meanwhile wait for one read. It is the same for every brand.
 */
export class StreamProgress {
  private latest: { readonly row: ProgressRow; readonly readAt: number } | null = null;
  private reading: Promise<ProgressRow | null> | null = null;

  /** Call before any figure is read. */
  async asOf(reader: ScopedReader, now: Date): Promise<AsOf> {
    const { latest } = this;
    const isFresh = latest !== null && performance.now() - latest.readAt < REMEMBERED_MS;
    return asOf(isFresh ? latest.row : await this.read(reader), now);
  }

  private read(reader: ScopedReader): Promise<ProgressRow | null> {
    // Not cancelled with the request that happens to begin it: others wait for it too.
    this.reading ??= readProgress(reader)
      .then((row) => {
        this.latest = row && { row, readAt: performance.now() };
        return row;
      })
      .finally(() => {
        this.reading = null;
      });
    return this.reading;
  }
}

/** Stands for the stream as a whole in ops.progress. */
export const WHOLE_STREAM = '00000000-0000-0000-0000-000000000000';

/** What a `ProgressRow` is read from. */
export const progressColumns = `toUnixTimestamp64Micro(commit_time) AS commit_micros, position, lag_bytes,
  toUnixTimestamp64Milli(applied_at) AS applied_ms`;

async function readProgress(reader: ScopedReader): Promise<ProgressRow | null> {
  const sql = `SELECT ${progressColumns} FROM ops.progress FINAL WHERE tenant_id = {stream:UUID}`;
  const parameters = { stream: WHOLE_STREAM };
  const [row] = await reader.query<ProgressRow>({ sql, parameters });
  return row ?? null;
}

/** What a row of the whole stream says at `now`; without one the stream has never run. */
export function asOf(row: ProgressRow | null, now: Date): AsOf {
  if (row === null) return { commitTime: null, position: null, state: 'stalled' };
  const micros = BigInt(row.commit_micros);
  const position = BigInt(row.position);
  return {
    commitTime: micros === 0n ? null : instantText(micros),
    position: `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase(),
    state: stateOf(row, now),
  };
}

function stateOf(row: ProgressRow, now: Date): AsOf['state'] {
  const applied = Number(row.applied_ms);
  const committed = Number(BigInt(row.commit_micros) / 1_000n);
  if (now.getTime() - applied > STALLED_AFTER_MS) return 'stalled';
  if (BigInt(row.lag_bytes) > 0n && applied - committed > LAGGING_AFTER_MS) return 'lagging';
  return now.getTime() - committed > IDLE_AFTER_MS ? 'idle' : 'live';
}

function instantText(micros: bigint): string {
  const seconds = DateTime.fromSeconds(Number(micros / 1_000_000n), { zone: 'utc' }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}
