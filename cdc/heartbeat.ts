/**
 * Keeps an idle stream moving. Write-ahead log that holds nothing published never reaches us, so the slot would retain it
 * for ever: a small message of our own comes back through the stream and can be confirmed. On the way we learn how far the
 * server has written.
 */
import type { Client } from 'pg';
import type { Lsn } from './change-source.ts';
import { parseLsn } from './lsn.ts';
import { connect } from './wire/take-over.ts';

export const heartbeatPrefix = 'uco.heartbeat';

export interface HeartbeatOptions {
  readonly url: string;
  /** Idle time after which a message is sent. */
  readonly intervalMs: number;
  /** Milliseconds since the stream last brought something. */
  readonly idleMs: () => number;
}

export class Heartbeat {
  /** The server's last known end of flushed log. */
  serverEnd: Lsn = 0n;
  private client: Client | null = null;
  private busy = false;
  private closed = false;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: HeartbeatOptions) {
    this.timer = setInterval(() => void this.tick(false), options.intervalMs / 2);
  }

  /** Sends one now: whoever waits for a position need not wait for the interval. */
  async beat(): Promise<void> {
    await this.tick(true);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.client?.end().catch(() => {});
  }

  private async tick(always: boolean): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    try {
      this.client ??= await connect(this.options.url, { applicationName: 'uco heartbeat' });
      const emit = always || this.options.idleMs() >= this.options.intervalMs;
      const answer = await this.client.query<{ lsn: string }>(emit ? await this.emitSql() : currentSql);
      const lsn = answer.rows.at(-1)?.lsn;
      if (lsn) this.serverEnd = parseLsn(lsn);
    } catch {
      // The stream's own connection reports a server that is gone; this one is made again at the next tick.
      await this.client?.end().catch(() => {});
      this.client = null;
    } finally {
      this.busy = false;
      if (this.closed) await this.client?.end().catch(() => {});
    }
  }

  private sql: string | null = null;

  private async emitSql(): Promise<string> {
    if (this.sql) return this.sql;
    const version = await this.client?.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    // Outside a transaction nothing flushes the message before Postgres 17; there it goes inside one, whose commit does.
    const flushable = (version?.rows[0]?.version ?? 0) >= 170_000;
    this.sql = flushable
      ? `SELECT pg_logical_emit_message(false, '${heartbeatPrefix}', clock_timestamp()::text, true)::text AS lsn`
      : `SELECT pg_logical_emit_message(true, '${heartbeatPrefix}', clock_timestamp()::text)::text AS lsn`;
    return this.sql;
  }
}

const currentSql = 'SELECT pg_current_wal_flush_lsn()::text AS lsn';
