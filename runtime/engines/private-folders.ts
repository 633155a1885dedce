// Lets Postgres, which refuses to run as root, work in folders that only root can enter (a checkout in /root, a
// DATA_DIR made by mktemp), without opening them to anybody else.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { PostgresBinaries, RunAs } from './postgres-binaries.ts';

/** A file or folder as a child process is told of it. */
export interface Handed {
  /** The path to give to the child. */
  readonly path: string;
  /** To be put into the child's stdio at the place it was handed for; null when the plain path will do. */
  readonly descriptor: number | null;
  close(): void;
}

/**
 * Hands `path` to a child of another user as its file descriptor `place`: /proc/self/fd leads straight to the file, so that
 * only the file's own owner and mode matter, not those of the folders above. The plain path where it is open to the user anyway.
 */
export function handTo(runAs: RunAs | undefined, path: string, place: number): Handed {
  if (!runAs || canReach(runAs, '-r', path)) return { path, descriptor: null, close: () => {} };
  if (process.platform !== 'linux') {
    throw new Failure(
      `Started as root, Postgres runs as user \`postgres\`, who can't reach ${path}.`,
      'Move DATA_DIR out of a private folder such as /root, or start as an ordinary user.',
    );
  }
  const descriptor = openSync(path, 'r');
  return { path: `/proc/self/fd/${place}`, descriptor, close: () => closeSync(descriptor) };
}

/** The programs where the user can run them: a copy outside, when the checkout lies in a private folder. */
export function reachableBinaries(runAs: RunAs | undefined, binaries: PostgresBinaries): PostgresBinaries {
  if (!runAs || canReach(runAs, '-x', binaries.postgres)) return binaries;
  const copy = join(tmpdir(), `uco-postgres-${binaries.version}`);
  if (!existsSync(copy)) copyWhole(binaries.root, copy);
  // Whoever owns the copy decides what runs: it must be us.
  if (lstatSync(copy).uid !== 0 || !lstatSync(copy).isDirectory()) {
    throw new Failure(`${copy} is not ours.`, 'Remove it, or move the checkout out of the private folder it is in.');
  }
  const copied = { ...binaries, root: copy, postgres: join(copy, 'bin/postgres'), initdb: join(copy, 'bin/initdb') };
  if (canReach(runAs, '-x', copied.postgres)) return copied;
  throw new Failure(
    `Started as root, Postgres runs as user \`postgres\`, who can reach neither ${binaries.postgres} nor ${copied.postgres}.`,
    'Move the checkout out of a private folder such as /root, or start as an ordinary user.',
  );
}

function copyWhole(from: string, to: string): void {
  const beside = mkdtempSync(`${to}-`);
  try {
    cpSync(from, beside, { recursive: true, verbatimSymlinks: true });
    chmodSync(beside, 0o755);
    renameSync(beside, to);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Somebody else was quicker.
    if (!existsSync(to)) throw error;
  }
}

function canReach(runAs: RunAs, test: '-r' | '-x', path: string): boolean {
  try {
    execFileSync('test', [test, path], { ...runAs, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
