import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One forward-only migration: a file `NNNN_name.sql`. */
export interface Migration {
  readonly name: string;
  readonly path: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly checksum: string;
}

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
}

/** The recorded history and the files contradict each other: nothing was changed, and the message says what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

/** The folder of this room's migrations for an engine. */
export function migrationsDirectory(engine: 'postgres' | 'clickhouse'): string {
  return fileURLToPath(new URL(engine, import.meta.url));
}

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** All migrations of a folder in the order of their numbers. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  names.forEach((name, index) => {
    if (!FILE_NAME.test(name)) {
      throw new MigrationRefused(`${join(directory, name)}: migrations are named NNNN_name.sql (lower case).`);
    }
    if (index > 0 && names[index - 1]?.slice(0, 4) === name.slice(0, 4)) {
      throw new MigrationRefused(`${names[index - 1]} and ${name} in ${directory} have the same number: renumber one.`);
    }
  });
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      // A checkout with CRLF line ends is the same migration.
      const sql = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
      return { name, path, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The migrations still to be applied, in order. Throws MigrationRefused when history was rewritten. */
export function pendingMigrations(files: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (!file) {
      throw new MigrationRefused(
        `The database has migration ${name}, which this version of the program does not know: ` +
          'start the version that applied it, or a later one.',
      );
    }
    if (file.checksum !== checksum) {
      throw new MigrationRefused(
        `${file.path} was edited after it had been applied (applied ${checksum.slice(0, 12)}, now ${file.checksum.slice(0, 12)}). ` +
          'Restore the file as it was applied and put the change into a new migration with the next number.',
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  const last = [...done].sort().at(-1) ?? '';
  const pending = files.filter(({ name }) => !done.has(name));
  const late = pending.find(({ name }) => name < last);
  if (late) {
    throw new MigrationRefused(
      `${late.path} comes before ${last}, which is applied already: give it the next free number.`,
    );
  }
  return pending;
}
