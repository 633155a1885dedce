import type { ChangeBatch, TableRows, TableSchema } from '../cdc/change-source.ts';
import { type ClickHouseClient, insertTsv } from './clickhouse.ts';
import { verdict } from './clickhouse-errors.ts';
import { refusedLetter, rejectedLetter } from './dead-letter.ts';
import type { DeadLetters } from './dead-letters.ts';
import { ensureRawTables, type MissingValues } from './raw-schema.ts';
import { isolateRefused } from './row-isolation.ts';
import { splitRows } from './tsv-rows.ts';

export interface RawWriterOptions {
  readonly client: ClickHouseClient;
  readonly letters: DeadLetters;
  /** Of the versions of changes that come without one. */
  readonly generation: number;
  /** Values that rows which were there before a column was added have (from the Postgres catalogue). */
  readonly missingValues?: (table: TableSchema) => Promise<MissingValues>;
}

/** Stores the rows of batches in raw, durably. Storing a batch again changes nothing: versions decide. */
export class RawWriter {
  readonly #options: RawWriterOptions;
  /** Column layouts known to fit their raw table, as text. */
  readonly #known = new Set<string>();

  constructor(options: RawWriterOptions) {
    this.#options = options;
  }

  /** The rows of a batch, and its changes that became none. */
  async write(batch: Pick<ChangeBatch, 'rows' | 'rejected'>): Promise<void> {
    const { letters, generation } = this.#options;
    // First: a later change of the same row may be among the rows, and settles the letter.
    await letters.record((batch.rejected ?? []).map((change) => rejectedLetter(change, generation)));
    await this.storeAll(batch.rows);
  }

  /** Resolves when every one of these rows is fsynced, in its raw table or in ops.dead_letters. */
  async storeAll(tables: readonly TableRows[]): Promise<void> {
    for (const rows of tables) await this.#ensureTable(rows.table);
    await Promise.all(tables.map((rows) => this.store(rows)));
  }

  async #ensureTable(table: TableSchema): Promise<void> {
    const layout = JSON.stringify(table);
    if (this.#known.has(layout)) return;
    const missing = await this.#options.missingValues?.(table);
    await ensureRawTables(this.#options.client, [table], missing);
    this.#known.add(layout);
  }

  /** The same for rows of one table, which is known to fit them. */
  async store(rows: TableRows): Promise<void> {
    if (rows.rows === 0) return;
    const { letters } = this.#options;
    try {
      await this.#insert(rows, rows.chunks);
    } catch (error) {
      if (verdict(error) !== 'row') throw error;
      await this.#isolate(rows);
      return;
    }
    if (letters.waitsFor(rows.table.name)) await letters.supersede(rows, splitRows(rows.chunks));
  }

  async #isolate(rows: TableRows): Promise<void> {
    const { letters } = this.#options;
    const all = splitRows(rows.chunks);
    const refused = await isolateRefused(all, (some) => this.#insert(rows, some));
    await letters.record(refused.map((entry) => refusedLetter(rows, entry)));
    const bad = new Set(refused.map((entry) => entry.row));
    await letters.supersede(
      rows,
      all.filter((row) => !bad.has(row)),
    );
  }

  #insert(rows: TableRows, chunks: readonly Buffer[]): Promise<void> {
    const merged = chunks.length > 64 ? [Buffer.concat(chunks)] : chunks;
    return insertTsv(this.#options.client, {
      table: `raw.\`${rows.table.name}\``,
      columns: rows.columns,
      chunks: merged,
    });
  }
}
