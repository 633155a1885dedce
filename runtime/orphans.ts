// After a kill -9 of the supervisor its children end by themselves; this waits for those that have not yet.
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresProcesses } from './engines/postgres-processes.ts';
import { commandLine } from './process-identity.ts';
import { readRun } from './run-file.ts';

/** Ends processes that an earlier instance of this data directory left behind. Returns their names. Take the lock first. */
export async function endOrphans(dir: string): Promise<string[]> {
  const known = [...(readRun(dir)?.processes ?? []), ...postgres(dir)];
  // A pid may mean another process by now: only one whose command line names our directory is ours.
  const orphans = new Map(
    known.filter(({ pid }) => pid !== process.pid && belongs(pid, dir)).map((p) => [p.pid, p.name]),
  );
  for (const [pid, name] of orphans) kill(pid, name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
  const patience = Date.now() + 5_000;
  while ([...orphans.keys()].some((pid) => belongs(pid, dir))) {
    if (Date.now() > patience) for (const pid of orphans.keys()) if (belongs(pid, dir)) kill(pid, 'SIGKILL');
    await sleep(20);
  }
  return [...orphans.values()];
}

/** Also one that was started in the last moment and that nobody has written down, and backends whose postmaster is dead. */
function postgres(dir: string): { name: string; pid: number }[] {
  const home = join(dir, 'postgres');
  return (postgresProcesses(home) ?? postmaster(home)).map((pid) => ({ name: 'postgres', pid }));
}

function postmaster(home: string): number[] {
  try {
    const pid = Number(readFileSync(join(home, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return pid > 1 ? [pid] : [];
  } catch {
    return [];
  }
}

function belongs(pid: number, dir: string): boolean {
  const words = commandLine(pid);
  if (words !== null && workingFolder(pid)?.startsWith(`${dir}/`)) return true;
  return words !== null && (words.includes(`${dir}/`) || words.includes(`${dir} `) || words.endsWith(dir));
}

/** Postgres works in its data directory, and may have been handed it without its name. */
function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
