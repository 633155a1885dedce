// The whole instance as an operator sees it: `up` as a process of its own, killed in every way.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnvironment } from './config.ts';
import { freePorts } from './ports.ts';
import { commandLine, processIdentity } from './process-identity.ts';
import { readRun } from './run-file.ts';

const bin = fileURLToPath(new URL('../bin/uco.mjs', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'uco-up-'));
chmodSync(parent, 0o711);
const dir = join(parent, 'data');
let port = 0;
let up: ChildProcess;
let said = '';

function run(args: string[], environment: Record<string, string> = {}): ChildProcess {
  const empty = {
    DATABASE_URL: '',
    CLICKHOUSE_URL: '',
    PG_PORT: '',
    CLICKHOUSE_HTTP_PORT: '',
    CLICKHOUSE_TCP_PORT: '',
    DEMO: 'off',
  };
  const env = childEnvironment({ ...empty, DATA_DIR: dir, PORT: String(port), LOG_LEVEL: 'warn', ...environment });
  return spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outcome(args: string[], environment?: Record<string, string>) {
  const child = run(args, environment);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output };
}

async function start(): Promise<void> {
  said = '';
  up = run(['up']);
  up.stderr?.on('data', (chunk) => (said += String(chunk)));
  await eventually(async () => expect(await ready(), said).toBe(200));
}

async function ready(): Promise<number> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.status,
    () => 0,
  );
}

async function eventually(check: () => Promise<void> | void, ms = 110_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}

const pids = () => new Map(readRun(dir)?.processes.map(({ name, pid }) => [name, pid]));
const isAlive = (pid: number) => processIdentity(pid) !== null && (commandLine(pid)?.includes(parent) ?? false);

async function stopped(signal: NodeJS.Signals): Promise<number> {
  const started = Date.now();
  up.kill(signal);
  if (up.exitCode === null && up.signalCode === null) await new Promise((done) => up.once('exit', done));
  return Date.now() - started;
}

describe('an instance', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    [port] = (await freePorts(1)) as [number];
    await start();
  });
  afterAll(async () => {
    await stopped('SIGTERM');
    rmSync(parent, { recursive: true, force: true });
  });

  test('keeps what others may not read to itself', () => {
    // Red when a file is written with the default mode.
    for (const file of ['run.json', 'secrets.json']) expect(statSync(join(dir, file)).mode & 0o777, file).toBe(0o600);
  });

  test('logs no secret', () => {
    const secrets =
      JSON.stringify(JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'))).match(/[\w-]{43}/g) ?? [];
    expect(secrets.length).toBeGreaterThan(3);
    for (const log of ['api', 'stream', 'postgres', 'clickhouse']) {
      const text = readFileSync(join(dir, `logs/${log}.log`), 'utf8') + said;
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });

  test('refuses a second one on its directory, naming the first', async () => {
    // Red when the lock is taken over without asking whether its holder lives.
    const { code, output } = await outcome(['up'], { PORT: String(port + 1) });
    expect(code).toBe(1);
    expect(output).toContain(`pid ${up.pid}`);
    expect(await ready()).toBe(200);
  });

  test.each(['api', 'stream', 'clickhouse', 'postgres'])('%s comes back after kill -9, where it was', async (name) => {
    const before = readRun(dir);
    const pid = pids().get(name) as number;
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(pids().get(name)).not.toBe(pid));
    await eventually(async () => expect(await ready()).toBe(200));
    const after = readRun(dir);
    expect([after?.postgres.url, after?.clickhouse.url, after?.url]).toEqual([
      before?.postgres.url,
      before?.clickhouse.url,
      before?.url,
    ]);
    const { output } = await outcome(['status', '--json']);
    const { processes } = JSON.parse(output) as { processes: { name: string; restarts: number }[] };
    expect(processes.find((process) => process.name === name)?.restarts).toBeGreaterThan(0);
  });

  test('says why it is not ready while an engine is down', async () => {
    // Red when /readyz asks only whether the processes of ours are there.
    process.kill(pids().get('postgres') as number, 'SIGKILL');
    await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('postgres');
    });
    await eventually(async () => expect(await ready()).toBe(200));
  });

  test('leaves nothing behind after kill -9 of the supervisor, and the next one goes on', async () => {
    const secrets = readFileSync(join(dir, 'secrets.json'), 'utf8');
    const children = [...pids().values()].filter((pid) => pid !== up.pid);
    await stopped('SIGKILL');
    // Red without the watchdog (Postgres stays) or without the exit on disconnect (the others stay).
    await eventually(() => expect(children.filter(isAlive)).toEqual([]), 30_000);
    await start();
    expect(readFileSync(join(dir, 'secrets.json'), 'utf8')).toBe(secrets);
  });

  test('goes on at once after kill -9 of everything', async () => {
    for (const pid of pids().values()) if (pid !== up.pid) process.kill(pid, 'SIGKILL');
    await stopped('SIGKILL');
    await start();
  });

  test('stops within ten seconds and leaves no process and no run.json', async () => {
    const all = [...pids().values()];
    expect(await stopped('SIGTERM')).toBeLessThan(10_000);
    expect(all.filter(isAlive)).toEqual([]);
    expect(readRun(dir)).toBeNull();
    expect((await outcome(['status'])).output).toContain('No instance is running');
    await start();
  });
});

describe('up', { timeout: 120_000 }, () => {
  const elsewhere = join(parent, 'elsewhere');
  test.each([
    ['a port that is no number', { PORT: 'http' }, 2, 'PORT'],
    ['a data directory that is a file', { DATA_DIR: bin }, 1, 'is not a folder'],
    ['a data directory that can not be made', { DATA_DIR: '/proc/uco' }, 1, "can't be written"],
    ['an address it does not have', { DATA_DIR: elsewhere, HOST: '203.0.113.7' }, 1, 'Set HOST'],
    [
      'a database nobody serves',
      { DATA_DIR: elsewhere, DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' },
      1,
      'DATABASE_URL',
    ],
    [
      'a ClickHouse nobody serves',
      { DATA_DIR: elsewhere, CLICKHOUSE_URL: 'http://u:hidden@127.0.0.1:1' },
      1,
      'CLICKHOUSE_URL',
    ],
  ])('refuses %s in one message', async (_, environment, code, message) => {
    const [free] = (await freePorts(1)) as [number];
    const result = await outcome(['up'], { PORT: String(free), ...environment });
    expect(result.output).toContain(message);
    expect(result.output).not.toContain('hidden');
    expect(result.output).not.toContain('    at ');
    expect(result.code).toBe(code);
  });

  test('names the variable of a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const taken = (server.address() as { port: number }).port;
    const [free] = (await freePorts(1)) as [number];
    try {
      for (const variable of ['PORT', 'PG_PORT', 'CLICKHOUSE_HTTP_PORT']) {
        const environment = { PORT: String(free), DATA_DIR: elsewhere, [variable]: String(taken) };
        const { code, output } = await outcome(['up'], environment);
        expect(output).toContain(`set ${variable} to another`);
        expect(code).toBe(1);
      }
    } finally {
      server.close();
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
