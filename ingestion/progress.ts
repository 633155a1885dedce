import type { ClampedValue, Lsn } from '../cdc/change-source.ts';
import { type ClickHouseClient, insertTsv, queryRows } from './clickhouse.ts';

/** Stands for the stream as a whole in ops.progress. */
export const WHOLE_STREAM = '00000000-0000-0000-0000-000000000000';

export interface Progress {
  /** Every change before this is applied. */
  readonly position: Lsn;
  /** Newest commit that is applied; null before the first. */
  readonly commitTime: Date | null;
  readonly lagBytes: bigint;
  /** tenant → its newest commit since the last call. */
  readonly tenants: ReadonlyMap<string, Date>;
}

const COLUMNS = ['tenant_id', 'commit_time', 'position', 'lag_bytes', 'applied_at'];

/** Says how far the figures reach. Called when facts are refreshed and before the position is acknowledged. */
export async function writeProgress(client: ClickHouseClient, progress: Progress): Promise<void> {
  const rest = `${progress.position}\t${progress.lagBytes}\t${instant(new Date())}\n`;
  const newest = instant(progress.commitTime ?? new Date(0));
  let rows = `${WHOLE_STREAM}\t${newest}\t${rest}`;
  for (const [tenant, time] of progress.tenants) {
    if (tenant !== WHOLE_STREAM) rows += `${tenant}\t${instant(time)}\t${rest}`;
  }
  await insertTsv(client, { table: 'ops.progress', columns: COLUMNS, chunks: [Buffer.from(rows)] });
}

/** The stream's own row; null before anything was applied. */
export async function readProgress(client: ClickHouseClient): Promise<{ position: Lsn; commitTime: Date } | null> {
  const [row] = await queryRows<{ position: string; commit: string }>(
    client,
    `SELECT toString(position) AS position, toString(toUnixTimestamp64Milli(commit_time)) AS commit
     FROM ops.progress FINAL WHERE tenant_id = {whole:UUID}`,
    { whole: WHOLE_STREAM },
  );
  return row ? { position: BigInt(row.position), commitTime: new Date(Number(row.commit)) } : null;
}

/** Reports values that were stored as the nearest one ClickHouse can hold. Repeating it changes nothing. */
export async function recordClamped(client: ClickHouseClient, clamped: readonly ClampedValue[]): Promise<void> {
  if (clamped.length === 0) return;
  const seen = instant(new Date());
  await client.insert({
    table: 'ops.clamped_values',
    format: 'JSONEachRow',
    values: clamped.map((value) => ({ ...value, position: String(value.position), seen_at: seen })),
  });
}

/** As ClickHouse reads a DateTime64(6) in UTC. */
export function instant(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000`.replace('T', ' ');
}
