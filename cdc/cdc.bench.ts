/**
 * What the byte path costs, against readers that throw everything away. Ratios compare runs over the same log or tables, one
 * after the other, in the same process.
 */
import type { Lsn } from './change-source.ts';
import { parseLsn } from './lsn.ts';
import { openPgOutputSource, type PgOutputOptions } from './pgoutput/pgoutput-source.ts';
import { startReplication } from './pgoutput/start-replication.ts';
import { openSnapshot, type SnapshotOptions } from './snapshot/snapshot.ts';
import { MessageFrames } from './wire/message-frames.ts';
import { connect, queryMessage, takeOver } from './wire/take-over.ts';

export interface Throughput {
  readonly rows: number;
  readonly seconds: number;
  readonly perSecond: number;
}

export interface RatioResult {
  readonly name: string;
  readonly ratio: number;
  readonly goal: number;
  readonly ours: Throughput;
  readonly baseline: Throughput;
}

const throughput = (rows: number, milliseconds: number): Throughput => ({
  rows,
  seconds: milliseconds / 1000,
  perSecond: Math.round((rows * 1000) / milliseconds),
});

/** The end of the log now. */
export async function walEnd(url: string): Promise<Lsn> {
  const client = await connect(url, { applicationName: 'uco bench' });
  try {
    const answer = await client.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    return parseLsn(answer.rows[0]?.lsn ?? '');
  } finally {
    await client.end();
  }
}

/** The floor: reads the slot's changes up to `until` over a replication connection and drops them. Confirms nothing. */
export async function bareReader(
  options: Pick<PgOutputOptions, 'url' | 'slot' | 'publication'>,
  until: Lsn,
): Promise<Throughput> {
  const socket = await startReplication({ ...options, from: 0n });
  const started = performance.now();
  let changes = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const frames = new MessageFrames((_, bytes, from) => {
        if (bytes[from] === 0x77) {
          const kind = bytes[from + 25];
          if (kind === 0x49 || kind === 0x55 || kind === 0x44) changes++;
        } else if (bytes.readBigUInt64BE(from + 1) >= until) resolve();
        return true;
      });
      socket.on('data', (chunk: Buffer) => frames.push(chunk));
      socket.on('close', () => reject(new Error('the server closed the connection')));
      socket.resume();
    });
    return throughput(changes, performance.now() - started);
  } finally {
    socket.destroy();
  }
}

/** Our source over the same log, its batches dropped. Confirms nothing. */
export async function encodingReader(options: PgOutputOptions, until: Lsn): Promise<Throughput> {
  const source = await openPgOutputSource(options);
  const started = performance.now();
  let changes = 0;
  try {
    for (;;) {
      const batch = await source.next({ before: until });
      if (!batch) return throughput(changes, performance.now() - started);
      changes += batch.changes;
    }
  } finally {
    await source.close();
  }
}

/** Median ratio of `rounds` pairs: changes per second encoded ÷ what the bare reader gets from the same log. */
export async function benchEncoding(options: PgOutputOptions, rounds = 3): Promise<RatioResult> {
  const until = await walEnd(options.url);
  return medianOf(
    rounds,
    'cdc-encode',
    0.9,
    () => bareReader(options, until),
    () => encodingReader(options, until),
  );
}

/** COPY of the tables as they are, bytes thrown away. */
export async function bareCopy(url: string, tables: readonly string[]): Promise<number> {
  const started = performance.now();
  for (const table of tables) {
    const socket = takeOver(await connect(url, { applicationName: 'uco bench' }));
    await new Promise<void>((resolve, reject) => {
      let last = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        last = Buffer.concat([last, chunk.subarray(-6)]).subarray(-6);
        // ReadyForQuery: Z, length 5, status I.
        if (last[0] === 0x5a && last[4] === 5 && last[5] === 0x49) resolve();
      });
      socket.on('close', () => reject(new Error('the server closed the connection')));
      socket.write(queryMessage(`COPY ${table} TO STDOUT`));
      socket.resume();
    });
    socket.destroy();
  }
  return performance.now() - started;
}

/** Rows per second of a snapshot, its bytes thrown away ÷ COPY of the same tables. The slot is a temporary one. */
export async function benchSnapshot(
  options: Omit<SnapshotOptions, 'generation' | 'slot'>,
  schema: string,
  rounds = 3,
): Promise<RatioResult> {
  let rows = 0;
  let tables: string[] = [];
  const ours = async () => {
    const snapshot = await openSnapshot({ ...options, generation: 1 });
    tables = snapshot.tables.map((table) => `"${schema}"."${table.name}"`);
    rows = 0;
    const started = performance.now();
    for (const table of snapshot.tables) for await (const part of snapshot.read(table)) rows += part.rows.rows;
    const milliseconds = performance.now() - started;
    await snapshot.close();
    return throughput(rows, milliseconds);
  };
  // Once to know the tables and warm the cache, so that neither side reads from disk.
  await ours();
  return medianOf(rounds, 'snapshot', 0.7, async () => throughput(rows, await bareCopy(options.url, tables)), ours);
}

async function medianOf(
  rounds: number,
  name: string,
  goal: number,
  baseline: () => Promise<Throughput>,
  ours: () => Promise<Throughput>,
): Promise<RatioResult> {
  const results: RatioResult[] = [];
  for (let round = 0; round < rounds; round++) {
    const base = await baseline();
    const own = await ours();
    results.push({ name, ratio: own.perSecond / base.perSecond, goal, ours: own, baseline: base });
  }
  results.sort((a, b) => a.ratio - b.ratio);
  return results[Math.floor(rounds / 2)] as RatioResult;
}
