// One running instance per data directory.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { processIdentity } from './process-identity.ts';

const holderSchema = z.object({ pid: z.number().int(), identity: z.string() });
type Holder = z.output<typeof holderSchema>;

/** Takes the directory for this process, also from a holder that died; throws a Failure naming the pid of a living one. */
export function takeLock(dir: string): { release(): void } {
  const lock = join(dir, 'lock');
  const mine: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  const draft = join(dir, `lock.${process.pid}`);
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    // A link is made at once and whole, or not at all: nobody ever reads half a lock.
    while (!link(draft, lock)) {
      const holder = readLock(lock);
      if (holder && isAlive(holder)) throw taken(dir, holder);
      removeStale(dir, lock, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      if (readLock(lock)?.identity === mine.identity) rmSync(lock, { force: true });
    },
  };
}

/** The living process that holds the directory, if any. */
export function lockHolder(dir: string): { readonly pid: number } | null {
  const holder = readLock(join(dir, 'lock'));
  return holder && isAlive(holder) ? { pid: holder.pid } : null;
}

function isAlive(holder: Holder): boolean {
  return processIdentity(holder.pid) === holder.identity;
}

function taken(dir: string, holder: Holder): Failure {
  return new Failure(
    `${dir} is in use by a running instance (pid ${holder.pid}).`,
    'Stop that one first, or give this one a DATA_DIR and PORT of its own.',
  );
}

/** Moves the dead holder's lock away. Two may try at once: whoever moved a living one's by mistake puts it back. */
function removeStale(dir: string, lock: string, seen: Holder | null): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readLock(aside);
  if (moved && moved.identity !== seen?.identity && isAlive(moved)) {
    link(aside, lock);
    rmSync(aside);
    throw taken(dir, moved);
  }
  rmSync(aside);
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
