import {
  type Migration,
  type MigrationRefused,
  migrationsDirectory,
  pendingMigrations,
  readMigrations,
} from './migrations.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';

export interface MigratePostgresOptions {
  /** Folder of `NNNN_name.sql`; sql/postgres by default. */
  readonly directory?: string;
  readonly onApplied?: (name: string, milliseconds: number) => void;
}

/** Any constant serves, as long as every version of the program uses the same. */
const ADVISORY_LOCK = 7_210_417_003;

const BOOKKEEPING = `
  CREATE SCHEMA IF NOT EXISTS ops;
  CREATE TABLE IF NOT EXISTS ops.schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );`;

/**
 * Brings the database up to date and returns the names of the migrations it applied. Each runs in a transaction of its own
 * together with its record, under an advisory lock: several may start at once, and a crash leaves whole migrations only.
 * Throws {@link MigrationRefused} when an applied migration was edited or is unknown.
 */
export async function migratePostgres(url: string, options: MigratePostgresOptions = {}): Promise<string[]> {
  const files = await readMigrations(options.directory ?? migrationsDirectory('postgres'));
  const client = await connectAdmin(url, { applicationName: 'uco migrate' });
  try {
    // Belongs to the session: released when the connection ends, however it ends.
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(BOOKKEEPING);
    const applied = await client.query<{ name: string; checksum: string }>(
      'SELECT name, checksum FROM ops.schema_migrations ORDER BY name',
    );
    const pending = pendingMigrations(files, applied.rows);
    for (const migration of pending) {
      const start = performance.now();
      await apply(client, migration);
      options.onApplied?.(migration.name, performance.now() - start);
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

async function apply(client: AdminClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO ops.schema_migrations (name, checksum) VALUES ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    const line = lineOf(migration.sql, error);
    throw new Error(`${migration.path}${line}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** `:LINE` of a Postgres error that carries a character position, else nothing. */
function lineOf(sql: string, error: unknown): string {
  const position = Number((error as { position?: string } | null)?.position);
  return position > 0 ? `:${sql.slice(0, position).split('\n').length}` : '';
}
