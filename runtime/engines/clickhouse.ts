// Runs the embedded ClickHouse as a child process (see clickhouse-host.mjs).
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.ts';
import { startedOrHung } from '../silence.ts';
import { endChild, endOnAbort, watchChild } from './child-exit.ts';
import { configXml } from './clickhouse-config.ts';
import { type ClickHousePasswords, usersXml } from './clickhouse-users.ts';
import type { Engine, EngineExit, EngineOutput } from './engine.ts';

export interface ClickHouseOptions {
  /** Holds the store (`store/`) and the generated configuration. */
  readonly dir: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly passwords: ClickHousePasswords;
  /** Replaces our configuration; for tests that need a server as somebody else would run it. */
  readonly configuration?: ClickHouseConfiguration;
  readonly onLine?: EngineOutput;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
  /** Kills it when it leaves a message unanswered for four times as long while it starts; milliseconds. Waits for ever when left out. */
  readonly patienceMs?: number;
}

/** Texts of config.xml and users.xml. Must have a user `admin` with the given password. */
export interface ClickHouseConfiguration {
  readonly config: string;
  readonly users: string;
}

export interface ClickHouseEngine extends Engine {
  /** URLs of the restricted users, passwords included. */
  readonly tenantReaderUrl: string;
  readonly platformReaderUrl: string;
}

const host = fileURLToPath(new URL('./clickhouse-host.mjs', import.meta.url));
// The server lives as long as the last query runs. HTTP comes second: once it answers, both ports are ours.
const bootQuery =
  'SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM system.numbers SETTINGS ' +
  'max_block_size=1, function_sleep_max_microseconds_per_block=0 FORMAT Null';

/** Starts ClickHouse on the directory (created when missing). Resolves when it answers over HTTP. */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const { dir, httpPort, tcpPort, passwords } = options;
  const library = clickHouseLibrary();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const config = join(dir, 'config.xml');
  const users = join(dir, 'users.xml');
  const texts = options.configuration ?? { config: configXml(users), users: usersXml(passwords) };
  writeFileSync(config, texts.config, { mode: 0o600 });
  writeFileSync(users, texts.users, { mode: 0o600 });
  const args = [
    library,
    '--path',
    join(dir, 'store'),
    `--config-file=${config}`,
    '--log-level=error',
    '--listen_host=127.0.0.1',
    `--http_port=${httpPort}`,
    `--tcp_port=${tcpPort}`,
    '--query',
    bootQuery,
  ];
  // A session of its own: Ctrl-C in the terminal is for the supervisor, which stops things in order.
  const child = fork(host, args, { cwd: dir, detached: true, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const exited = watchChild(child, options.onLine);
  const started = endOnAbort(child, options.signal, 'SIGTERM');
  const ready = untilAnswers(httpPort, passwords.admin, exited);
  const { patienceMs } = options;
  await startedOrHung(ready, {
    // It opens its port last, so until then the process is asked, not the server.
    probe: () => hostAnswers(child),
    patienceMs,
    kill: () => child.kill('SIGKILL'),
  }).finally(started);
  const urls = clickHouseUrls(`http://127.0.0.1:${httpPort}`, passwords);
  return {
    name: 'clickhouse',
    pid: child.pid as number,
    url: urls.admin,
    tenantReaderUrl: urls.tenantReader,
    platformReaderUrl: urls.platformReader,
    exited,
    probe: () => ask(httpPort, passwords.admin),
    stop: (timeoutMs = 5_000) => endChild(child, exited, 'SIGTERM', timeoutMs),
  };
}

/** The same server as seen by our users, passwords included. */
export function clickHouseUrls(base: string, passwords: ClickHousePasswords) {
  const as = (user: string, password: string) => {
    const url = new URL(base);
    url.username = user;
    url.password = password;
    return url.href.replace(/\/$/, '');
  };
  return {
    admin: as('admin', passwords.admin),
    tenantReader: as('tenant_reader', passwords.tenantReader),
    platformReader: as('platform_reader', passwords.platformReader),
  };
}

function clickHouseLibrary(): string {
  const require = createRequire(import.meta.url);
  const name = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  try {
    const library = join(createRequire(require.resolve('chdb')).resolve(`${name}/package.json`), '../libchdb.so');
    if (existsSync(library)) return library;
  } catch {
    // Told below.
  }
  throw new Failure(
    `There is no embedded ClickHouse for this machine (${process.platform} ${process.arch}): package ${name} is missing.`,
    'Run `npm ci` without --omit=optional, or set CLICKHOUSE_URL to an existing ClickHouse.',
  );
}

/** Settles when the process that hosts the server has a say; it sends back what it is sent. */
function hostAnswers(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.once('message', () => done());
    if (child.connected) child.send('ping', () => {});
  });
}

/** Asks with our own password: on a port that is taken, another ClickHouse may answer. */
async function untilAnswers(port: number, password: string, exited: Promise<EngineExit>): Promise<void> {
  let ended: EngineExit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  for (;;) {
    if (ended) throw new Failure(`ClickHouse did not start:\n${ended.lastWords}`, remedyFor(ended.lastWords));
    if (await ask(port, password, AbortSignal.timeout(1_000)).catch(() => false)) return;
    await sleep(20);
  }
}

/** Whether it does what the administrator asks; rejects when there is no answer. */
async function ask(port: number, password: string, signal?: AbortSignal): Promise<boolean> {
  const headers = { 'X-ClickHouse-User': 'admin', 'X-ClickHouse-Key': password };
  const response = await fetch(`http://127.0.0.1:${port}/?query=SELECT+1`, { headers, signal: signal ?? null });
  await response.body?.cancel();
  return response.ok;
}

function remedyFor(words: string): string | undefined {
  if (/address already in use/i.test(words)) {
    return 'Free the port, or set CLICKHOUSE_HTTP_PORT and CLICKHOUSE_TCP_PORT to others (or unset them).';
  }
  if (/no space left/i.test(words)) return 'The disk is full: free some space and start again. Nothing was lost.';
  if (/cannot lock file/i.test(words)) return 'Another ClickHouse works on this directory: stop it first.';
  return undefined;
}
