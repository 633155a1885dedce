/** An instance of our own, started by the real command line in a directory of its own, that can be killed in parts. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childEnvironment } from '../../runtime/config.ts';
import { freePorts } from '../../runtime/ports.ts';

const bin = path.join(import.meta.dirname, '../../bin/uco.mjs');

interface RunFile {
  readonly url: string;
  readonly postgres: { readonly url: string };
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

export interface KilledProcess {
  readonly name: string;
  readonly pid: number;
}

export class OwnInstance {
  readonly dir: string;
  readonly #environment: Record<string, string>;
  #up: ChildProcess | null = null;

  /** Without the demo, unless `environment` asks for it. */
  constructor(dir: string, port: number, environment: Readonly<Record<string, string>> = {}) {
    this.dir = dir;
    const own = { DATA_DIR: dir, PORT: String(port), LOG_LEVEL: 'warn', DEMO: 'off' };
    this.#environment = { ...own, DATABASE_URL: '', CLICKHOUSE_URL: '', ...environment };
  }

  /** One in a new temporary directory on a free port; `remove` deletes the directory. `environment` is that of its commands. */
  static async temporary(name: string, environment?: Readonly<Record<string, string>>): Promise<OwnInstance> {
    const parent = mkdtempSync(path.join(tmpdir(), `uco-${name}-`));
    const [port] = (await freePorts(1)) as [number];
    return new OwnInstance(path.join(parent, 'data'), port, environment);
  }

  /** The directory around its data; what `up` said is there, too. */
  get parent(): string {
    return path.dirname(this.dir);
  }

  /** Deletes everything of one that was made by `temporary` and has been stopped. */
  remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }

  /** Starts `up` if it is not running; what it says goes to data.log beside the data. */
  start(): void {
    if (this.alive) return;
    const log = openSync(`${this.dir}.log`, 'a');
    this.#up = spawn(process.execPath, [bin, 'up'], {
      env: childEnvironment(this.#environment),
      stdio: ['ignore', log, log],
    });
  }

  get alive(): boolean {
    return this.#up !== null && this.#up.exitCode === null && this.#up.signalCode === null;
  }

  /** Administrative Postgres URL as of now; throws while there is none. */
  postgresUrl(): string {
    return this.#runFile().postgres.url;
  }

  /** Where the API answers; throws while it does not run. */
  url(): string {
    return this.#runFile().url;
  }

  #runFile(): RunFile {
    return JSON.parse(readFileSync(path.join(this.dir, 'run.json'), 'utf8')) as RunFile;
  }

  /** The supervisor and every process it has announced. */
  processes(): KilledProcess[] {
    const announced = (() => {
      try {
        return this.#runFile().processes;
      } catch {
        return [];
      }
    })();
    const supervisor = this.#up?.pid && this.alive ? [{ name: 'supervisor', pid: this.#up.pid }] : [];
    const others = announced.filter(({ pid }) => pid !== this.#up?.pid && this.#isOurs(pid));
    return [...supervisor, ...others];
  }

  /** Only a child of our own supervisor may be killed: a pid in an outdated file may belong to anybody by now. */
  #isOurs(pid: number): boolean {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === this.#up?.pid;
    } catch {
      return false;
    }
  }

  /** kill -9. A process that has just ended by itself is no error. */
  async kill({ name, pid }: KilledProcess): Promise<void> {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (name !== 'supervisor') return;
    for (let waited = 0; this.alive && waited < 5_000; waited += 20) await sleep(20);
  }

  /** Resolves when /readyz says so; starts `up` again as often as needed. Rejects after `timeoutMs`. */
  async ready(timeoutMs = 120_000): Promise<void> {
    let last = 'no answer';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(200)) {
      this.start();
      try {
        const response = await fetch(`${this.#runFile().url}/readyz`, { signal: AbortSignal.timeout(2_000) });
        if (response.ok) return;
        last = (await response.text()).slice(0, 500);
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
    }
    const said = readFileSync(`${this.dir}.log`, 'utf8').slice(-1_500);
    throw new Error(`The instance in ${this.dir} did not become ready within ${timeoutMs / 1000} s: ${last}\n${said}`);
  }

  /** Runs another command on the instance; resolves with what it printed and its exit code. */
  async command(...args: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    const run = promisify(execFile);
    const options = { env: childEnvironment(this.#environment), maxBuffer: 64 << 20 };
    try {
      return { ...(await run(process.execPath, [bin, ...args], options)), exitCode: 0 };
    } catch (error) {
      const failed = error as { stdout?: string; stderr?: string; code?: number };
      return { stdout: failed.stdout ?? '', stderr: failed.stderr ?? String(error), exitCode: failed.code ?? 1 };
    }
  }

  /** Ends everything: cleanly if it can, by force after 15 s. */
  async stop(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.#up?.once('exit', resolve));
    this.#up?.kill('SIGTERM');
    await Promise.race([ended, sleep(15_000, undefined, { ref: false })]);
    if (!this.alive) return;
    for (const running of this.processes()) await this.kill(running);
  }
}
