/**
 * Connections whose bytes we read ourselves. The driver does what it does well (address, TLS, authentication); then its parser
 * is detached, because it makes an object of every message and these streams carry one per row.
 */
import type { Socket } from 'node:net';
import pg from 'pg';

export interface ConnectOptions {
  /** Shows up in pg_stat_activity and pg_stat_replication. */
  readonly applicationName: string;
  /** A replication connection takes START_REPLICATION and friends besides plain SQL. */
  readonly replication?: boolean;
  /** Milliseconds; 10 s by default. */
  readonly connectTimeoutMs?: number;
}

// Values arrive as text in these formats whatever the server's or the role's defaults are.
// Row-level security must refuse rather than hide rows: a snapshot would silently lack them.
const textFormats =
  '-c row_security=off ' +
  '-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex ' +
  '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0';

/** The driver's client with text formats settled. The caller ends it. */
export async function connect(url: string, options: ConnectOptions): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    options: textFormats,
    client_encoding: 'UTF8',
    ...(options.replication ? { replication: 'database' } : {}),
  });
  // A broken connection shows in the next query or on the taken-over socket; the process must not die of the event.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/**
 * Detaches the driver from its socket. No query may be running. The client must not be used afterwards: the socket's owner
 * reads, writes and destroys it.
 */
export function takeOver(client: pg.Client): Socket {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data');
  stream.pause();
  return stream;
}

/** A simple Query message. */
export function queryMessage(sql: string): Buffer {
  const body = Buffer.from(sql, 'utf8');
  const message = Buffer.alloc(body.length + 6);
  message[0] = 0x51;
  message.writeUInt32BE(body.length + 5, 1);
  body.copy(message, 5);
  return message;
}

/** What an ErrorResponse says, as an error with its SQLSTATE in `code`. */
export function serverError(body: Buffer): Error & { code?: string } {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    fields.set(String.fromCharCode(body[at] as number), body.toString('utf8', at + 1, end));
    at = end + 1;
  }
  const detail = fields.get('D') ?? fields.get('H');
  const error: Error & { code?: string } = new Error(
    `Postgres: ${fields.get('M') ?? 'unknown error'}${detail ? ` (${detail})` : ''}`,
  );
  const code = fields.get('C');
  if (code) error.code = code;
  return error;
}
