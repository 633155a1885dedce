import { notRepeatable, splitStatements } from './clickhouse-statements.ts';
import {
  type AppliedMigration,
  type Migration,
  MigrationRefused,
  migrationsDirectory,
  pendingMigrations,
  readMigrations,
} from './migrations.ts';

/** What a migration needs of a ClickHouse connection (an administrative one). */
export interface ClickHouseMigrationClient {
  /** Runs one statement without a result. */
  command(sql: string): Promise<unknown>;
  /** Runs one query and returns its rows, text columns as strings. */
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
}

export interface MigrateClickHouseOptions {
  /** Folder of `NNNN_name.sql`; sql/clickhouse by default. */
  readonly directory?: string;
  readonly onApplied?: (name: string, milliseconds: number) => void;
}

/**
 * Brings ClickHouse up to date and returns the names of the migrations it applied. ClickHouse has neither transactions
 * around DDL nor advisory locks, so every statement must be repeatable (checked): an interrupted migration runs again from
 * its start, and two migrators at once do no harm. Throws {@link MigrationRefused} as {@link migratePostgres} does.
 */
export async function migrateClickHouse(
  client: ClickHouseMigrationClient,
  options: MigrateClickHouseOptions = {},
): Promise<string[]> {
  const files = await readMigrations(options.directory ?? migrationsDirectory('clickhouse'));
  await client.command('CREATE DATABASE IF NOT EXISTS ops');
  await client.command(`CREATE TABLE IF NOT EXISTS ops.schema_migrations (
    name String, checksum String, applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
  ) ENGINE = ReplacingMergeTree(applied_at) ORDER BY name SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`);
  const applied = await client.rows('SELECT name, checksum FROM ops.schema_migrations FINAL ORDER BY name');
  const pending = pendingMigrations(files, applied.map(toApplied));
  for (const migration of pending) {
    const start = performance.now();
    await apply(client, migration);
    options.onApplied?.(migration.name, performance.now() - start);
  }
  return pending.map(({ name }) => name);
}

function toApplied(row: Record<string, unknown>): AppliedMigration {
  return { name: String(row.name), checksum: String(row.checksum) };
}

async function apply(client: ClickHouseMigrationClient, migration: Migration): Promise<void> {
  const statements = splitStatements(migration.sql);
  for (const statement of statements) {
    const reason = notRepeatable(statement);
    if (reason) throw new MigrationRefused(`${migration.path}: ${reason}, in: ${statement.slice(0, 120)}`);
  }
  for (const [index, statement] of statements.entries()) {
    try {
      await client.command(statement);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${migration.path}, statement ${index + 1}: ${message}`, { cause: error });
    }
  }
  // Names pass FILE_NAME and checksums are hex: nothing to escape.
  await client.command(
    `INSERT INTO ops.schema_migrations (name, checksum) VALUES ('${migration.name}', '${migration.checksum}')`,
  );
}
