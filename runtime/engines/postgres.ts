// Runs the embedded Postgres as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAdmin } from '../../sql/postgres.ts';
import { Failure } from '../failure.ts';
import { startedOrHung } from '../silence.ts';
import { endChild, endOnAbort, watchChild } from './child-exit.ts';
import type { Engine, EngineExit, EngineOutput } from './engine.ts';
import { type PostgresBinaries, postgresBinaries, postgresUser, type RunAs } from './postgres-binaries.ts';
import { clearStalePidFile } from './postgres-processes.ts';
import { postgresSettings } from './postgres-settings.ts';
import { type Handed, handTo, reachableBinaries } from './private-folders.ts';

export interface PostgresOptions {
  /** The cluster's directory; created and initialised when missing. */
  readonly dir: string;
  readonly port: number;
  /** Of the superuser `uco`; fixed when the cluster is created. */
  readonly password: string;
  /** Added to or replacing our settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False (tests only): don't wait for the disk while initialising. */
  readonly sync?: boolean;
  readonly onLine?: EngineOutput;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
  /** Kills it when it leaves a connection unanswered for four times as long while it starts; milliseconds. Waits for ever when left out. */
  readonly patienceMs?: number;
}

const major = '18';

/** Starts Postgres with database `uco`, and initialises it first if need be. Resolves when it accepts connections. */
export async function startPostgres(options: PostgresOptions): Promise<Engine> {
  const runAs = postgresUser(options.dir);
  const binaries = reachableBinaries(runAs, postgresBinaries());
  prepareDir(options.dir, runAs);
  if (!isInitialised(options.dir)) await initialise(options, binaries, runAs);
  checkMajor(options.dir);
  clearStalePidFile(options.dir);

  const settings = { ...postgresSettings(options.dir, options.port), ...options.settings };
  const home = handTo(runAs, options.dir, 3);
  const args = ['-D', home.path, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  // A session of its own: Ctrl-C in the terminal is for the supervisor, which stops things in order.
  const child = spawn(binaries.postgres, args, {
    ...runAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', ...descriptors(home)],
  });
  home.close();
  const exited = watchChild(child, options.onLine);
  const pid = child.pid as number;
  const watchdog = startWatchdog(pid);
  void exited.then(() => watchdog.kill('SIGKILL'));
  const started = endOnAbort(child, options.signal, 'SIGINT');
  const url = postgresUrl(options.port, options.password);
  const probe = () => askOnce(url);
  const { patienceMs } = options;
  const ready = untilReady(options.dir, child, exited);
  await startedOrHung(ready, { probe, patienceMs, kill: () => child.kill('SIGKILL') }).finally(started);
  return {
    name: 'postgres',
    pid,
    url,
    exited,
    probe,
    stop: async (timeoutMs = 5_000) => {
      // SIGINT is "fast": clients are cut off, then a checkpoint. SIGQUIT leaves recovery to the next start.
      const hurry = setTimeout(() => child.kill('SIGQUIT'), timeoutMs);
      await endChild(child, exited, 'SIGINT', timeoutMs + 1_000);
      clearTimeout(hurry);
    },
  };
}

/** A new connection, as whoever comes next will need one: it takes the postmaster and a process it has made. */
async function askOnce(url: string): Promise<void> {
  const client = await connectAdmin(url, { applicationName: 'uco probe', connectTimeoutMs: 0 });
  await client.end();
}

/** Administrative URL of the embedded Postgres, password included. */
export function postgresUrl(port: number, password: string): string {
  return `postgres://uco:${encodeURIComponent(password)}@127.0.0.1:${port}/uco`;
}

function prepareDir(dir: string, runAs: RunAs | undefined): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (!runAs) return;
  chownSync(dir, runAs.uid, runAs.gid);
  chmodSync(dir, 0o700);
}

/** The further places of a child's stdio: nothing is handed where the plain path will do. */
function descriptors(...handed: readonly Handed[]): (number | 'ignore')[] {
  return handed.map(({ descriptor }) => descriptor ?? 'ignore');
}

/** A cluster is initialised beside its place and then moved there, so whatever stands in the place is a whole one. */
function isInitialised(dir: string): boolean {
  if (existsSync(join(dir, 'PG_VERSION'))) return true;
  if (readdirSync(dir).length === 0) return false;
  throw new Failure(
    `${dir} holds files, but no Postgres cluster (PG_VERSION is missing). Nothing was changed.`,
    'Restore it from a backup, or choose another DATA_DIR.',
  );
}

function checkMajor(dir: string): void {
  const found = readFileSync(join(dir, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  throw new Failure(
    `${dir} was written by Postgres ${found}; this release brings Postgres ${major} and leaves it untouched.`,
    `Start the release that wrote it, or move its data with pg_dump, or choose another DATA_DIR.`,
  );
}

async function initialise(
  options: PostgresOptions,
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
): Promise<void> {
  const dir = `${options.dir}.new`;
  rmSync(dir, { recursive: true, force: true });
  prepareDir(dir, runAs);
  const passwordFile = `${dir}.password`;
  const handed: Handed[] = [];
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  try {
    if (runAs) chownSync(passwordFile, runAs.uid, runAs.gid);
    const home = handTo(runAs, dir, 3);
    const password = handTo(runAs, passwordFile, 4);
    handed.push(home, password);
    await run(
      binaries.initdb,
      [
        '-D',
        home.path,
        '--username=uco',
        `--pwfile=${password.path}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--locale=C.UTF-8',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        ...(options.sync === false ? ['--no-sync'] : []),
      ],
      { runAs, handed },
    );
    const create = 'CREATE DATABASE uco\n';
    await run(binaries.postgres, ['--single', '-D', home.path, 'postgres'], { runAs, handed, input: create });
    renameSync(dir, options.dir);
  } finally {
    for (const { close } of handed) close();
    rmSync(passwordFile, { force: true });
  }
}

interface Run {
  readonly runAs: RunAs | undefined;
  readonly handed: readonly Handed[];
  readonly input?: string;
}

async function run(program: string, args: string[], { runAs, handed, input }: Run): Promise<void> {
  const child = spawn(program, args, {
    ...runAs,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors(...handed)],
  });
  child.stdin?.end(input ?? '');
  const { code, lastWords } = await watchChild(child);
  if (code !== 0)
    throw new Failure(`Postgres could not be initialised:\n${theReason(lastWords)}`, remedyFor(lastWords));
}

/** The postmaster writes its state into the eighth line of its pid file. */
async function untilReady(dir: string, child: ChildProcess, exited: Promise<EngineExit>): Promise<void> {
  let ended: EngineExit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  const file = join(dir, 'postmaster.pid');
  for (;;) {
    if (ended) throw new Failure(`Postgres did not start:\n${theReason(ended.lastWords)}`, remedyFor(ended.lastWords));
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
    await sleep(10);
  }
}

/** Of what it wrote last, the lines that say what went wrong. */
function theReason(words: string): string {
  // Whoever knocks meanwhile is told so in the log, too.
  const lines = words.split('\n').filter((line) => !/starting up|not yet accepting|in recovery mode/.test(line));
  const grave = lines.filter((line) => /FATAL|PANIC|ERROR|error|could not/.test(line));
  return (grave.length > 0 ? grave : lines.slice(-3)).join('\n');
}

function remedyFor(words: string): string | undefined {
  if (/address already in use|could not bind/i.test(words))
    return 'Free the port, or set PG_PORT to another one (or unset it).';
  if (/no space left/i.test(words)) return 'The disk is full: free some space and start again. Nothing was lost.';
  if (/permission denied/i.test(words)) return 'Check the owner and mode of DATA_DIR.';
  return undefined;
}

/** Ends Postgres when we die without a chance to (kill -9): its stdin is a pipe from us, which then closes. */
function startWatchdog(pid: number): ChildProcess {
  const child = spawn('/bin/sh', ['-c', `read _; kill -QUIT ${pid}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin?.on('error', () => {});
  return child;
}
