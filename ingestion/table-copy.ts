import type { Catalog } from '../cdc/catalog.ts';
import type { TableRows, TableSchema } from '../cdc/change-source.ts';
import { versionOf } from '../cdc/lsn.ts';
import { openSnapshot, type Snapshot } from '../cdc/snapshot/snapshot.ts';
import type { Log } from '../runtime/log.ts';
import type { ClickHouseClient } from './clickhouse.ts';
import { DeadLetters } from './dead-letters.ts';
import { recordClamped, writeProgress } from './progress.ts';
import { ensureRawTables } from './raw-schema.ts';
import { RawWriter } from './raw-writer.ts';
import type { SourceDatabase } from './source-database.ts';
import { type StreamState, writeStreamState } from './stream-state.ts';
import { buryOlderRows } from './truncate.ts';

/** Bytes of one insert: large enough that parts are few, small enough that four of them fit in memory. */
const INSERT_BYTES = 16 << 20;
/** Tables copied at once. */
const PARALLEL = 2;

export interface CopyOptions {
  readonly client: ClickHouseClient;
  readonly database: SourceDatabase;
  readonly postgresUrl: string;
  readonly publication: string;
  readonly slot: string;
  readonly log: Log;
}

/**
 * Copies every published table as a new generation, from a new slot's snapshot, and buries what older generations left. A
 * crash on the way leaves the state `snapshot`, upon which the next start begins again with the next generation.
 */
export async function copyEverything(
  options: CopyOptions,
  catalog: Catalog,
  target: { readonly generation: number; readonly systemIdentifier: string },
): Promise<StreamState> {
  const { client, database, slot } = options;
  const { generation, systemIdentifier } = target;
  const state = { generation, slot, systemIdentifier, consistentPoint: '0', tables: [] };
  await writeStreamState(client, { ...state, phase: 'snapshot' });
  await database.dropSlot(slot);
  const startedAt = new Date();
  const snapshot = await openSnapshot({ url: options.postgresUrl, publication: options.publication, slot, generation });
  try {
    await copySnapshot({ ...options, generation }, snapshot, snapshot.tables);
  } finally {
    await snapshot.close();
  }
  const oldest = versionOf(generation, 0n);
  for (const table of catalog.tables) await buryOlderRows(client, table.name, oldest);
  const letters = await DeadLetters.open(client);
  await letters.settleOlder(oldest);
  const copied: StreamState = {
    ...state,
    phase: 'build',
    consistentPoint: String(snapshot.consistentPoint),
    tables: snapshot.tables.map((table) => table.name),
  };
  const position = snapshot.consistentPoint;
  await writeProgress(client, { position, commitTime: startedAt, lagBytes: 0n, tenants: new Map() });
  await writeStreamState(client, copied);
  return copied;
}

/** Copies tables that were published later; the stream goes on from its own slot. */
export async function copyAdded(
  options: CopyOptions,
  tables: readonly TableSchema[],
  generation: number,
): Promise<void> {
  const snapshot = await openSnapshot({ url: options.postgresUrl, publication: options.publication, generation });
  try {
    await copySnapshot({ ...options, generation }, snapshot, tables);
  } finally {
    await snapshot.close();
  }
}

async function copySnapshot(
  options: CopyOptions & { readonly generation: number },
  snapshot: Snapshot,
  tables: readonly TableSchema[],
): Promise<void> {
  const { client, log, generation } = options;
  await ensureRawTables(client, tables);
  const writer = new RawWriter({ client, generation, letters: await DeadLetters.open(client) });
  // The largest first: the others fill the second connection meanwhile.
  const size = (table: TableSchema) => snapshot.estimatedRows.get(table.name) ?? 0;
  const queue = [...tables].sort((a, b) => size(b) - size(a));
  const work = async () => {
    for (let table = queue.shift(); table; table = queue.shift()) {
      const begun = performance.now();
      const rows = await copyTable(client, writer, snapshot, table);
      log.info({ table: table.name, rows, ms: Math.round(performance.now() - begun) }, 'table copied');
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}

/** Reads on while the rows before are being stored. */
async function copyTable(
  client: ClickHouseClient,
  writer: RawWriter,
  snapshot: Snapshot,
  table: TableSchema,
): Promise<number> {
  let rows = 0;
  let gathered: TableRows | null = null;
  let storing: Promise<void> = Promise.resolve();
  for await (const part of snapshot.read(table)) {
    await recordClamped(client, part.clamped);
    rows += part.rows.rows;
    gathered = gathered ? joined(gathered, part.rows) : part.rows;
    if (gathered.bytes < INSERT_BYTES) continue;
    await storing;
    storing = writer.store(gathered);
    // Seen at the next await; until then it must not count as unhandled.
    storing.catch(() => {});
    gathered = null;
  }
  await storing;
  if (gathered) await writer.store(gathered);
  return rows;
}

function joined(a: TableRows, b: TableRows): TableRows {
  return { ...a, chunks: [...a.chunks, ...b.chunks], rows: a.rows + b.rows, bytes: a.bytes + b.bytes };
}
