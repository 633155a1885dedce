/** A slot whose consistent point and exported snapshot belong together: the snapshot has exactly what committed before it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Lsn } from '../change-source.ts';
import { parseLsn } from '../lsn.ts';
import { connect } from '../wire/take-over.ts';

export interface SnapshotPoint {
  readonly consistentPoint: Lsn;
  /** For `SET TRANSACTION SNAPSHOT`; valid until `close`. */
  readonly snapshotName: string;
  /** Gives the snapshot up (transactions that took it keep it), and a temporary slot with it. */
  close(): Promise<void>;
}

export interface SnapshotPointOptions {
  /** Permanent slot to make; without it a temporary one of a random name. */
  readonly slot?: string;
  /** A slot can only be made once all transactions that were writing have ended. Milliseconds to wait for them; 30 s. */
  readonly timeoutMs?: number;
}

/** Makes the slot. Rejects after the time-out, naming who holds it up. */
export async function createSnapshotPoint(url: string, options: SnapshotPointOptions = {}): Promise<SnapshotPoint> {
  const slot = options.slot ?? `uco_point_${randomBytes(6).toString('hex')}`;
  const timeoutMs = options.timeoutMs ?? 30_000;
  const [side, replication] = await Promise.all([
    connect(url, { applicationName: 'uco snapshot point' }),
    connect(url, { applicationName: `uco slot ${slot}`, replication: true }),
  ]);
  try {
    const kind = options.slot ? '' : 'TEMPORARY ';
    const created = replication.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(slot)} ${kind}LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const answer = await withNudges(side, created, timeoutMs, slot);
    const row = answer.rows[0];
    if (!row) throw new Error(`Postgres made slot ${slot} without a snapshot`);
    return {
      consistentPoint: parseLsn(row.consistent_point),
      snapshotName: row.snapshot_name,
      close: () => replication.end(),
    };
  } catch (error) {
    // Ending the client alone would not reach a backend that waits for a transaction.
    const { processID } = replication as unknown as { processID: number };
    await side.query('SELECT pg_terminate_backend($1)', [processID]).catch(() => {});
    await replication.end().catch(() => {});
    throw error;
  } finally {
    await side.end().catch(() => {});
  }
}

/**
 * While a slot is being made Postgres waits for a record of the running transactions, which it writes every 15 s on its own:
 * asking for one makes that milliseconds.
 */
async function withNudges<T>(side: pg.Client, created: Promise<T>, timeoutMs: number, slot: string): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let settled = false;
  const done = created.finally(() => {
    settled = true;
  });
  done.catch(() => {});
  for (let pauseMs = 10; !settled; pauseMs = Math.min(pauseMs * 2, 500)) {
    if (Date.now() > deadline) throw new Error(await blockedMessage(side, slot, timeoutMs));
    // Needs Postgres 16 and its privilege; without them it only takes longer.
    await side.query('SELECT pg_log_standby_snapshot()').catch(() => {});
    await Promise.race([done.catch(() => {}), new Promise((resolve) => setTimeout(resolve, pauseMs))]);
  }
  return created;
}

async function blockedMessage(side: pg.Client, slot: string, timeoutMs: number): Promise<string> {
  const oldest = await side.query<{ pid: number; seconds: number; application_name: string }>(
    `SELECT pid, extract(epoch FROM now() - xact_start)::int AS seconds, application_name FROM pg_stat_activity
     WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 1`,
  );
  const row = oldest.rows[0];
  const who = row
    ? `the transaction of pid ${row.pid} (${row.application_name || 'no application name'}), open for ${row.seconds} s, must end first: ` +
      `SELECT pg_terminate_backend(${row.pid}) ends it`
    : 'no running transaction is seen; a prepared one may be (pg_prepared_xacts)';
  return `slot ${slot} could not be made within ${timeoutMs / 1000} s: ${who}`;
}
