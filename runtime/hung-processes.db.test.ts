// Processes that live and do nothing any more, each stopped by SIGSTOP.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { freePorts } from './ports.ts';
import { commandLine } from './process-identity.ts';
import { type Instance, startInstance } from './supervisor.ts';

const dir = mkdtempSync(join(tmpdir(), 'uco-hung-'));
chmodSync(dir, 0o711);
const told: string[] = [];
let instance: Instance;

beforeAll(async () => {
  const [port] = (await freePorts(1)) as [number];
  const config = readConfig({ DATA_DIR: join(dir, 'data'), PORT: String(port), LOG_LEVEL: 'warn', DEMO: 'off' });
  instance = await startInstance({ config, tell: (line) => told.push(line), patienceMs: 9_000 });
});

afterAll(async () => {
  await instance?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function readyz(): Promise<string> {
  const options = { signal: AbortSignal.timeout(2_000) };
  return fetch(`${instance.url}/readyz`, options).then(
    async (response) => `${response.status} ${await response.text()}`,
    () => 'no answer',
  );
}

const untilReady = () => expect.poll(readyz, { timeout: 100_000, interval: 200 }).toMatch(/^200/);
const service = (name: string) => instance.view().services.find((candidate) => candidate.name === name);

// Red when only the end of a process is noticed: it would hang for ever, and /readyz could not say why.
test.each(['postgres', 'clickhouse', 'stream', 'api'])(
  '%s is told by /readyz while it hangs, then killed and started again',
  async (name) => {
    await untilReady();
    const { pid, restarts } = service(name) ?? { pid: null, restarts: 0 };
    process.kill(pid as number, 'SIGSTOP');
    const said = name === 'api' ? /^no answer/ : new RegExp(`^503.*${name} is silent: no answer for \\d+ s`);
    await expect.poll(readyz, { timeout: 60_000, interval: 200 }).toMatch(said);
    await expect.poll(() => service(name)?.restarts, { timeout: 60_000 }).toBeGreaterThan(restarts);
    await untilReady();
    // Polled: on a busy machine the next answer may be late, too.
    const now = expect.poll(() => service(name), { timeout: 60_000 });
    await now.toMatchObject({ state: 'up', reason: 'did not answer for 9 s' });
    expect(service(name)?.pid).not.toBe(pid);
    expect(told).toContain(`${name} did not answer for 9 s; starting it again`);
  },
  200_000,
);

/** Of the processes of this instance, the one whose command line has `part`; it may be too young to be in any list of ours. */
function find(part: string): number | undefined {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.find((pid) => {
    const words = commandLine(pid) ?? '';
    return words.includes(part) && words.includes(dir);
  });
}

// Red when only what runs is watched: what hangs before it is up would never be.
test('what hangs while it starts is killed and started again', async () => {
  await untilReady();
  const { pid, restarts } = service('clickhouse') ?? { pid: null, restarts: 0 };
  process.kill(pid as number, 'SIGKILL');
  let young: number | undefined;
  const isThere = () => {
    young = find('clickhouse-host');
    return young !== undefined && young !== pid;
  };
  await expect.poll(isThere, { timeout: 60_000, interval: 2 }).toBe(true);
  process.kill(young as number, 'SIGSTOP');
  const reason = () => service('clickhouse')?.reason;
  await expect.poll(reason, { timeout: 100_000 }).toBe('did not answer for 36 s while it started');
  await untilReady();
  expect(service('clickhouse')?.restarts).toBeGreaterThan(restarts + 1);
}, 300_000);
