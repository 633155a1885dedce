import { type Catalog, readCatalog } from '../cdc/catalog.ts';
import type { Lsn } from '../cdc/change-source.ts';
import { parseLsn } from '../cdc/lsn.ts';
import { dropSlot, readSlot } from '../cdc/slot.ts';
import { type AdminPool, type AdminPoolClient, createAdminPool } from '../sql/postgres.ts';
import type { SlotFacts } from './start-plan.ts';

/** The questions ingestion asks Postgres beside the stream. Reconnects by itself. */
export class SourceDatabase {
  readonly #pool: AdminPool;

  constructor(url: string) {
    this.#pool = createAdminPool(url, { applicationName: 'uco ingestion', max: 2 });
  }

  /**
   * Writes a message into the log and returns its position: everything that was committed before this call lies before it,
   * and a stream that waits for changes sees it pass.
   */
  async nudge(): Promise<Lsn> {
    // In a transaction of its own: its commit flushes the log, without which the walsender does not see it.
    const { rows } = await this.#pool.query<{ lsn: string }>(
      `SELECT pg_logical_emit_message(true, 'uco', 'nudge')::text AS lsn`,
    );
    return parseLsn(rows[0]?.lsn ?? '');
  }

  /** Names of the published tables. */
  async publishedTables(publication: string): Promise<string[]> {
    const { rows } = await this.#pool.query<{ name: string }>(
      'SELECT tablename AS name FROM pg_publication_tables WHERE pubname = $1',
      [publication],
    );
    return rows.map((row) => row.name);
  }

  catalog(publication: string): Promise<Catalog> {
    return this.with((client) => readCatalog(client, publication));
  }

  /** Removes the slot if it is there, and whoever streams from it. */
  async dropSlot(slot: string): Promise<void> {
    await this.with(async (client) => {
      await client.query(
        'SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL',
        [slot],
      );
      await dropSlot(client, slot);
    });
  }

  slotFacts(slot: string): Promise<SlotFacts> {
    return this.with(async (client) => {
      const state = await readSlot(client, slot);
      const { rows } = await client.query<{ id: string }>(
        'SELECT system_identifier::text AS id FROM pg_control_system()',
      );
      return {
        systemIdentifier: rows[0]?.id ?? '',
        slot: state.exists
          ? { confirmed: state.confirmed ?? 0n, usable: state.walStatus !== 'lost' && state.confirmed !== null }
          : null,
      };
    });
  }

  /** Values of columns that were added with a constant default: Postgres shows them in old rows without having written them. */
  async missingValues(table: string): Promise<Record<string, string>> {
    const { rows } = await this.#pool.query<{ column: string; value: string }>(
      `SELECT a.attname AS column, (a.attmissingval::text::text[])[1] AS value
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = $1 AND n.nspname = 'commerce' AND a.atthasmissing AND NOT a.attisdropped`,
      [table],
    );
    return Object.fromEntries(rows.map((row) => [row.column, row.value]));
  }

  /** The array `values` of one row, each as Postgres prints it in UTC; null when there is no row. */
  async row(sql: string, parameters: readonly (string | null)[]): Promise<(string | null)[] | null> {
    return this.with(async (client) => {
      try {
        await client.query("BEGIN READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'");
        const { rows } = await client.query<{ values: (string | null)[] }>(sql, [...parameters]);
        return rows[0]?.values ?? null;
      } finally {
        await client.query('ROLLBACK');
      }
    });
  }

  /** Runs `task` on a connection of its own. */
  async with<T>(task: (client: AdminPoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      return await task(client);
    } finally {
      client.release();
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
