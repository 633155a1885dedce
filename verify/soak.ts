import { setTimeout as sleep } from 'node:timers/promises';
import { OwnInstance } from './soak/own-instance.ts';
import { createRandom } from './traffic/random.ts';
import { runTraffic, type TrafficReport } from './traffic.ts';

export interface SoakOptions {
  readonly kills: number;
  /** How long the traffic lasts; the kills are spread over it. */
  readonly minutes: number;
  readonly seed: number;
  readonly brands?: number;
  readonly writers?: number;
  /** Keeps the directory and its logs even when all is well. */
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

export interface SoakReport {
  readonly seed: number;
  /** The command that plays the same again. */
  readonly replay: string;
  /** Names of the processes killed, in order. */
  readonly kills: readonly string[];
  readonly traffic: TrafficReport;
  /** What `verify --json` printed at the end. */
  readonly verification: unknown;
  readonly ok: boolean;
  /** Where the instance's data and logs are, when they were kept. */
  readonly dir: string | null;
}

/** Kills at random moments of the given time; waits for readiness after some, strikes again at once after others. */
async function killAtRandom(instance: OwnInstance, options: SoakOptions, killed: string[]): Promise<void> {
  const random = createRandom(options.seed).fork('kills');
  const whole = options.minutes * 60_000;
  const begun = Date.now();
  const moments = Array.from({ length: options.kills }, () => random.next() * whole).sort((a, b) => a - b);
  for (const moment of moments) {
    await sleep(Math.max(0, begun + moment - Date.now()), undefined, { signal: options.signal });
    const patient = random.chance(0.7);
    const choice = random.next();
    instance.start();
    if (patient) await instance.ready();
    for (let waited = 0; instance.processes().length === 0 && waited < 10_000; waited += 50) await sleep(50);
    const candidates = instance.processes();
    const victim = candidates[Math.floor(choice * candidates.length)];
    if (!victim) continue;
    await instance.kill(victim);
    killed.push(victim.name);
    options.onProgress?.(`kill ${killed.length}/${options.kills}: ${victim.name} (pid ${victim.pid})`);
  }
  await sleep(Math.max(0, begun + whole - Date.now()), undefined, { signal: options.signal });
}

/** The traffic while processes die; ends when the last kill and the time are over. */
async function trafficUnderFire(instance: OwnInstance, options: SoakOptions, killed: string[]): Promise<TrafficReport> {
  const over = new AbortController();
  const traffic = runTraffic({
    url: () => instance.postgresUrl(),
    seed: options.seed,
    brands: options.brands ?? 4,
    writers: options.writers ?? 3,
    signal: over.signal,
  });
  try {
    await Promise.race([killAtRandom(instance, options, killed), traffic.then(() => new Promise<never>(() => {}))]);
  } finally {
    over.abort();
  }
  return traffic;
}

async function verifyAtTheEnd(instance: OwnInstance) {
  await instance.ready();
  const { stdout, stderr, exitCode } = await instance.command('verify', '--json');
  let verification: unknown;
  try {
    verification = JSON.parse(stdout);
  } catch {
    verification = { error: stderr.slice(-2_000), stdout: stdout.slice(-2_000) };
  }
  return { verification, ok: exitCode === 0 };
}

/**
 * Starts an instance of its own, lets random commerce run on it, kills random processes of it with SIGKILL, and verifies at
 * the end that nothing was lost, doubled or left stale. Never touches another instance.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const instance = await OwnInstance.temporary('soak');
  const replay = `uco soak --kills ${options.kills} --minutes ${options.minutes} --seed ${options.seed}`;
  options.onProgress?.(`seed ${options.seed} (again: ${replay}), instance in ${instance.parent}`);
  let ok = false;
  try {
    const killed: string[] = [];
    instance.start();
    await instance.ready();
    const traffic = await trafficUnderFire(instance, options, killed);
    options.onProgress?.(`traffic is over: ${traffic.committed} transactions committed; verifying`);
    const end = await verifyAtTheEnd(instance);
    ok = end.ok;
    const dir = ok && !options.keep ? null : instance.parent;
    return { seed: options.seed, replay, kills: killed, traffic, verification: end.verification, ok, dir };
  } finally {
    await instance.stop();
    if (ok && !options.keep) instance.remove();
  }
}
