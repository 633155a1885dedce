import { type AdminClient, connectAdmin } from '../../../sql/postgres.ts';

type Row = Record<string, unknown>;

/**
 * One connection for the length of an import. It works as `uco_app`, the role that owns nothing and bypasses nothing;
 * each transaction belongs to one brand, as any other write does.
 */
export class ImportSession {
  readonly client: AdminClient;
  /** The server lets this connection vouch for references, see {@link writeProven}. */
  readonly #mayVouch: boolean;

  private constructor(client: AdminClient, mayVouch: boolean) {
    this.client = client;
    this.#mayVouch = mayVouch;
  }

  static async open(databaseUrl: string): Promise<ImportSession> {
    const client = await connectAdmin(databaseUrl, { applicationName: 'uco import' });
    const { rows } = await client.query<{ may: boolean }>(
      `SELECT has_parameter_privilege('session_replication_role', 'SET') AS may`,
    );
    // Sorting and grouping half a million lines in memory; the session's own, given back when it ends.
    await client.query(
      `SET ROLE uco_app; SET work_mem = '64MB'; SET temp_buffers = '64MB'; SET client_min_messages = warning`,
    );
    // When the importer was killed, its last statement must not hold up the next one. Not every server's system knows how to look.
    await client.query(`SET client_connection_check_interval = '2s'`).catch(() => {});
    return new ImportSession(client, rows[0]?.may === true);
  }

  async query<R extends Row = Row>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.client.query<R>(text, values)).rows;
  }

  /** Runs a statement and tells how many rows it wrote. */
  async write(text: string, values: unknown[] = []): Promise<number> {
    return (await this.client.query(text, values)).rowCount ?? 0;
  }

  /**
   * Like `write`, for an insert every row of which refers to rows that this transaction has written itself or holds FOR KEY
   * SHARE: what a foreign key would make sure of row by row. Postgres is spared asking again (more than half the time of
   * inserting order lines); the role, its row-level security and all other constraints stay as they are. Within a
   * transaction. Where the connection may not set this, the foreign keys are checked as ever.
   */
  async writeProven(text: string, values: unknown[] = []): Promise<number> {
    if (!this.#mayVouch) return this.write(text, values);
    await this.client.query(asOwner('SET LOCAL session_replication_role = replica'));
    const count = await this.write(text, values);
    await this.client.query(asOwner('SET LOCAL session_replication_role = origin'));
    return count;
  }

  /** Counts rows and values of tables for the planner. Only their owner may; without the right to, Postgres leaves them as they are. */
  async analyze(tables: readonly string[]): Promise<void> {
    await this.client.query(asOwner(`ANALYZE ${tables.join(', ')}`));
  }

  /**
   * A transaction of one brand. `app.import_batch` tells the audit and event triggers to leave these rows to the importer,
   * which writes one entry for all of them.
   */
  async transaction<T>(brand: { slug: string; id: string }, batch: string, work: () => Promise<T>): Promise<T> {
    await this.client.query('BEGIN');
    try {
      await this.client.query(
        `SELECT set_config('app.current_tenant_id', $1, true), set_config('app.import_batch', $2, true),
                set_config('app.import_brand', $3, true),
                -- Two imports of one brand take turns: what one found missing the other must not write meanwhile.
                pg_advisory_xact_lock(hashtextextended('uco import ' || $1, 0))`,
        [brand.id, batch, brand.slug],
      );
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  /** Ends the connection, whatever it is doing; an open transaction is rolled back. */
  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }
}

/** The session's own role may set what `uco_app` may not; no row is read or written as it. */
const asOwner = (statement: string) => `SET LOCAL ROLE NONE; ${statement}; SET LOCAL ROLE uco_app`;
