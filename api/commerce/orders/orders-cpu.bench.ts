// Which process spends how much: on a machine that others share, CPU time says what wall time does not.
import { readdirSync } from 'node:fs';
import type { AdminClient } from '../../../sql/postgres.ts';
import { processStat } from '../../process-stat.bench.ts';

/** Milliseconds of CPU so far. */
export interface CpuTimes {
  /** This process, which plays the buyers. */
  readonly buyers: number;
  readonly api: number;
  /** Backends and all other processes of the server. */
  readonly postgres: number;
}

/** Linux only: elsewhere there is no /proc, and null. */
export async function cpuTimes(admin: AdminClient, apiPid: number): Promise<CpuTimes | null> {
  const { rows } = await admin.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'`,
  );
  const checkpointer = processStat(rows[0]?.pid ?? 0);
  const api = processStat(apiPid);
  if (checkpointer === null || api === null) return null;
  const server = readdirSync('/proc')
    .flatMap((name) => (/^\d+$/.test(name) ? (processStat(Number(name)) ?? []) : []))
    .filter(({ pid, parent }) => pid === checkpointer.parent || parent === checkpointer.parent);
  const { user, system } = process.cpuUsage();
  return {
    buyers: (user + system) / 1000,
    api: api.ms,
    // Backends that have ended count in their parent.
    postgres: server.reduce((sum, { pid, ms, endedMs }) => sum + ms + (pid === checkpointer.parent ? endedMs : 0), 0),
  };
}
