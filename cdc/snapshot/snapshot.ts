/**
 * All published rows as of one position, in the stream's own encoding. The stream of the slot made with it goes on exactly
 * there: no change falls between, and one that is in both wins as the later version.
 */
import pg from 'pg';
import { type PublishedTable, readCatalog } from '../catalog.ts';
import type { ClampedValue, Lsn, TableRows, TableSchema } from '../change-source.ts';
import { versionOf } from '../lsn.ts';
import { addedColumns } from '../pgoutput/row-writer.ts';
import { copyOut, run } from '../wire/copy-out.ts';
import { connect, takeOver } from '../wire/take-over.ts';
import { clampedValuesSql, clampMarks, clampsUnseen, selectExpression } from './select-expressions.ts';
import { createSnapshotPoint } from './snapshot-point.ts';

export interface SnapshotOptions {
  readonly url: string;
  readonly publication: string;
  /** Permanent slot to make, from which the stream goes on; it must not exist. Without it only the rows are of interest. */
  readonly slot?: string;
  readonly generation: number;
  /** See SnapshotPointOptions. */
  readonly timeoutMs?: number;
}

export interface SnapshotPart {
  /** One chunk of whole rows, at most some MB. */
  readonly rows: TableRows;
  /** Values that were clamped; the last part of a table carries them (at most 10,000 per column). */
  readonly clamped: readonly ClampedValue[];
}

export interface Snapshot {
  readonly consistentPoint: Lsn;
  readonly tables: readonly TableSchema[];
  /** Rows the planner believes a table to have: for progress only. */
  readonly estimatedRows: ReadonlyMap<string, number>;
  /** The table's rows. Several tables may be read at once, each on a connection of its own. */
  read(table: TableSchema): AsyncGenerator<SnapshotPart>;
  /** Call when all tables were read; the slot stays. */
  close(): Promise<void>;
}

const clampedLimit = 10_000;

/** Makes the slot and its snapshot. When this or a read fails, drop the slot and begin anew with a higher generation. */
export async function openSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const point = await createSnapshotPoint(options.url, { slot: options.slot, timeoutMs: options.timeoutMs });
  try {
    const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(point.snapshotName)}`;
    const { tables, estimatedRows, time } = await describe(options, begin);
    const { consistentPoint } = point;
    const rowEnd = Buffer.from(`\t${versionOf(options.generation, 0n)}\t0\t${time}\n`);
    return {
      consistentPoint,
      tables,
      estimatedRows,
      read: (table) => readTable(options.url, begin, publishedTable(tables, table), rowEnd, consistentPoint),
      close: () => point.close(),
    };
  } catch (error) {
    await point.close().catch(() => {});
    throw error;
  }
}

function publishedTable(tables: readonly PublishedTable[], table: TableSchema): PublishedTable {
  const found = tables.find((other) => other.name === table.name);
  if (!found) throw new Error(`the snapshot has no table ${table.name}`);
  return found;
}

async function describe(options: SnapshotOptions, begin: string) {
  const client = await connect(options.url, { applicationName: 'uco snapshot' });
  try {
    await client.query(begin);
    const { tables } = await readCatalog(client, options.publication);
    const estimates = await client.query<{ schema: string; name: string; rows: number }>(
      `SELECT n.nspname AS schema, c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')`,
    );
    const estimatedRows = new Map(
      estimates.rows
        .filter((row) => tables.some((table) => table.schema === row.schema && table.name === row.name))
        .map((row) => [row.name, row.rows]),
    );
    const now = await client.query<{ time: string }>("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text AS time");
    return { tables, estimatedRows, time: now.rows[0]?.time ?? '' };
  } finally {
    await client.end();
  }
}

async function* readTable(
  url: string,
  begin: string,
  table: PublishedTable,
  rowEnd: Buffer,
  position: Lsn,
): AsyncGenerator<SnapshotPart> {
  const name = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
  const columns = [...table.columns.map((column) => column.name), ...addedColumns];
  const socket = takeOver(await connect(url, { applicationName: `uco snapshot ${table.name}` }));
  let clampSuspected = clampsUnseen(table);
  try {
    await run(socket, begin);
    const select = table.columns.map(selectExpression).join(', ');
    const copy = `COPY (SELECT ${select} FROM ${name}) TO STDOUT`;
    for await (const { bytes, rows } of copyOut(socket, copy, rowEnd)) {
      clampSuspected ||= clampMarks.some((mark) => bytes.includes(mark));
      yield { rows: { table, columns, chunks: [bytes], rows, bytes: bytes.length }, clamped: [] };
    }
  } finally {
    socket.destroy();
  }
  const clamped = clampSuspected ? await findClamped(url, begin, name, table, position) : [];
  if (clamped.length > 0) yield { rows: { table, columns, chunks: [], rows: 0, bytes: 0 }, clamped };
}

async function findClamped(
  url: string,
  begin: string,
  name: string,
  table: TableSchema,
  position: Lsn,
): Promise<ClampedValue[]> {
  const sql = clampedValuesSql(name, table, clampedLimit);
  if (!sql) return [];
  const client = await connect(url, { applicationName: `uco snapshot ${table.name}` });
  try {
    await client.query(begin);
    const found = await client.query<{ column: string; key: string; original: string; stored: string }>(sql);
    return found.rows.map((row) => ({ table: table.name, ...row, position }));
  } finally {
    await client.end();
  }
}
