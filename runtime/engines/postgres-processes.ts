import { existsSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processIdentity } from '../process-identity.ts';

/** Pids of the postmaster and backends that work in a cluster's directory; null where that can't be told (not Linux). */
export function postgresProcesses(dir: string): number[] | null {
  if (process.platform !== 'linux' || !existsSync(dir)) return null;
  const home = realpathSync(dir);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => folderOf(pid) === home && processIdentity(pid) !== null);
}

/** The working directory of a Postgres process; null for any other. */
function folderOf(pid: number): string | null {
  try {
    // " (deleted)" follows the name of a program that was replaced meanwhile, as by npm ci.
    const program = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
    return program === 'postgres' ? readlinkSync(`/proc/${pid}/cwd`) : null;
  } catch {
    return null;
  }
}

/**
 * Removes the pid file of a postmaster that was killed. Postgres does so itself, unless the pid answers to a signal: that of a
 * zombie nobody has reaped (in a container whose first process does not), or one given to another instance's process.
 */
export function clearStalePidFile(dir: string): void {
  const file = join(dir, 'postmaster.pid');
  if (!existsSync(file) || postgresProcesses(dir)?.length !== 0) return;
  // A postmaster enters its directory before it writes the file, so none lives that wrote this one.
  rmSync(file, { force: true });
}
