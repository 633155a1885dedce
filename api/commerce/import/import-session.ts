import { type AdminClient, connectAdmin } from '../../../sql/postgres.ts';

type Row = Record<string, unknown>;

/**
 * One connection for the length of an import. It works as `uco_app`, the role that owns nothing and bypasses nothing;
 * each transaction belongs to one brand, as any other write does.
 */
export class ImportSession {
  readonly client: AdminClient;

  private constructor(client: AdminClient) {
    this.client = client;
  }

  static async open(databaseUrl: string): Promise<ImportSession> {
    const client = await connectAdmin(databaseUrl, { applicationName: 'uco import' });
    // Sorting and grouping half a million lines in memory; the session's own, given back when it ends.
    await client.query(
      `SET ROLE uco_app; SET work_mem = '64MB'; SET temp_buffers = '64MB'; SET client_min_messages = warning`,
    );
    return new ImportSession(client);
  }

  async query<R extends Row = Row>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.client.query<R>(text, values)).rows;
  }

  /** Runs a statement and tells how many rows it wrote. */
  async write(text: string, values: unknown[] = []): Promise<number> {
    return (await this.client.query(text, values)).rowCount ?? 0;
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
