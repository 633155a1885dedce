// Starts everything in order, keeps it running, and stops it in order.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { apiUrl, checkApiPort, childSettings, chooseEnginePorts, type EnginePorts } from './addresses.ts';
import type { ChildSettings, FromChild, InstanceView } from './child-protocol.ts';
import type { Config } from './config.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { seedInChild } from './demo/seed-in-child.ts';
import { type ClickHouseEngine, startClickHouse } from './engines/clickhouse.ts';
import type { Engine } from './engines/engine.ts';
import { startPostgres } from './engines/postgres.ts';
import { checkExternalEngines, provisionReaders } from './external-engines.ts';
import { LogFile } from './log-file.ts';
import { migrate } from './migrate.ts';
import { type NodeChild, startNodeChild } from './node-child.ts';
import { endOrphans } from './orphans.ts';
import { allOrFirstError, rejectOnAbort } from './promises.ts';
import { PATIENCE_MS, Service, type ServiceView } from './service.ts';

export interface Instance {
  readonly url: string;
  view(): InstanceView;
  /** Ends everything in order, within 10 s. */
  stop(): Promise<void>;
  /** Ends everything at once; the stores recover at the next start. */
  kill(): void;
}

export interface SupervisorOptions {
  readonly config: Config;
  /** One line for the operator. */
  readonly tell: (line: string) => void;
  /** A process that does not answer for so long is killed and started again; milliseconds, 30 s by default. */
  readonly patienceMs?: number;
  /** Gives up starting: everything is stopped again, and startInstance rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Takes the data directory and starts an instance on it. Throws a Failure, with everything stopped again, when it can't. */
export async function startInstance(options: SupervisorOptions): Promise<Instance> {
  const { config } = options;
  const dataDir = openDataDir(config.DATA_DIR);
  try {
    await endOrphans(dataDir.path);
    await checkApiPort(config);
    await checkExternalEngines(config);
    return await startOn(options, dataDir, 3);
  } catch (error) {
    dataDir.release();
    throw error;
  }
}

async function startOn(options: SupervisorOptions, dataDir: DataDir, attempts: number): Promise<Instance> {
  const supervisor = new Supervisor(options, dataDir, await chooseEnginePorts(options.config));
  try {
    await Promise.race([supervisor.start(), rejectOnAbort(options.signal)]);
    return supervisor;
  } catch (error) {
    await supervisor.stop(false);
    options.signal?.throwIfAborted();
    // A port that was free a moment ago is not any more: ours to choose again, unless it was asked for.
    const taken = error instanceof Error && /address already in use/i.test(error.message);
    if (taken && attempts > 1) return startOn(options, dataDir, attempts - 1);
    throw error;
  }
}

class Supervisor implements Instance {
  readonly url: string;
  private readonly dataDir: DataDir;
  private readonly ports: EnginePorts;
  private readonly settings: ChildSettings;
  private readonly tell: (line: string) => void;
  private readonly demo: Config['DEMO'];
  private readonly patienceMs: number;
  private readonly logs = new Map<string, LogFile>();
  private readonly postgres: Service<Engine> | null;
  private readonly clickhouse: Service<ClickHouseEngine> | null;
  private readonly stream: Service<NodeChild>;
  private readonly api: Service<NodeChild>;
  private control: InstanceView['control'] = null;
  private pending: readonly string[] = ['starting'];
  private prepared: Promise<void> = Promise.resolve();
  private readonly seeding = new AbortController();
  private seeded = false;
  private traffic: Service<NodeChild> | null = null;
  private stopping = false;

  constructor({ config, tell, patienceMs = PATIENCE_MS }: SupervisorOptions, dataDir: DataDir, ports: EnginePorts) {
    this.dataDir = dataDir;
    this.ports = ports;
    this.tell = tell;
    this.demo = config.DEMO;
    this.patienceMs = patienceMs;
    this.url = apiUrl(config);
    this.settings = childSettings(config, dataDir.secrets, ports);
    mkdirSync(join(dataDir.path, 'logs'), { recursive: true, mode: 0o700 });
    const common = { onChange: (view: ServiceView) => this.onChange(view), patienceMs };
    const gate = async () => {
      await Promise.all([this.postgres?.whenUp(), this.clickhouse?.whenUp()]);
    };
    this.postgres = config.DATABASE_URL
      ? null
      : new Service({ name: 'postgres', start: (signal) => this.startPostgres(signal), ...common });
    this.clickhouse = config.CLICKHOUSE_URL
      ? null
      : new Service({ name: 'clickhouse', start: (signal) => this.startClickHouse(signal), ...common });
    this.stream = new Service({
      name: 'stream',
      start: (signal) => this.startChild('stream', signal),
      gate,
      ...common,
    });
    this.api = new Service({ name: 'api', start: (signal) => this.startChild('api', signal), ...common });
  }

  async start(): Promise<void> {
    // The API first, so that whoever waits for the instance can ask it how far it is. The stream loads meanwhile.
    const isNewStore = this.postgres !== null && !existsSync(this.postgresDir());
    const engines = Promise.all([this.postgres?.start(), this.clickhouse?.start()]);
    this.prepared = this.seed(
      isNewStore,
      engines.then(() => this.migrate()),
    );
    await allOrFirstError([this.api.start(), this.prepared, this.stream.start()]);
    this.announce([]);
    if (this.demo === 'on' && this.seeded) void this.startTraffic();
  }

  /** Traffic of the demo; whatever becomes of it, the instance is as good. */
  private async startTraffic(): Promise<void> {
    const traffic = new Service({
      name: 'demo',
      start: (signal) => this.startChild('demo', signal),
      onChange: (view: ServiceView) => this.onChange(view),
    });
    this.traffic = traffic;
    await traffic.start().catch((error: unknown) => {
      this.traffic = null;
      if (!this.stopping)
        this.tell(`The demo has no live traffic: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  private async migrate(): Promise<void> {
    this.announce(['migrating']);
    await migrate(this.settings);
    if (this.clickhouse === null) await provisionReaders(this.settings.clickhouseUrl, this.dataDir.secrets);
  }

  /** Before the stream starts, so that it copies the history at once instead of following it change by change. */
  private async seed(isNewStore: boolean, migrated: Promise<void>): Promise<void> {
    if (this.demo !== 'off') {
      this.seeded = await seedInChild({
        ...{ settings: this.settings, isNewStore, migrated },
        signal: this.seeding.signal,
        onLine: this.logLines('demo'),
        tell: this.tell,
        onProgress: (line) => {
          this.tell(`  demo: ${line}`);
          this.announce([`seeding the demo: ${line}`]);
        },
      });
    }
    await migrated;
    this.announce(['starting the stream']);
  }

  view(): InstanceView {
    return { services: this.services().map((service) => service.view()), pending: this.pending, control: this.control };
  }

  async stop(release = true): Promise<void> {
    this.stopping = true;
    this.seeding.abort();
    await this.traffic?.stop(1_000);
    // Readers and writers before what they use: Postgres waits for its log's readers.
    await Promise.all([this.api.stop(3_000), this.stream.stop(3_000)]);
    await Promise.all([this.clickhouse?.stop(3_000), this.postgres?.stop(5_000)]);
    await Promise.all([...this.logs.values()].map((log) => log.close()));
    if (release) this.dataDir.release();
  }

  kill(): void {
    this.stopping = true;
    this.seeding.abort();
    for (const service of this.services()) service.kill();
    this.dataDir.release();
  }

  private services(): Service[] {
    return [this.postgres, this.clickhouse, this.stream, this.api, this.traffic].filter((service) => service !== null);
  }

  private postgresDir(): string {
    return join(this.dataDir.path, 'postgres');
  }

  private startPostgres(signal: AbortSignal): Promise<Engine> {
    return startPostgres({
      dir: this.postgresDir(),
      port: this.ports.postgres,
      password: this.dataDir.secrets.postgres,
      onLine: this.logLines('postgres'),
      patienceMs: this.patienceMs,
      signal,
    });
  }

  private startClickHouse(signal: AbortSignal): Promise<ClickHouseEngine> {
    return startClickHouse({
      dir: join(this.dataDir.path, 'clickhouse'),
      httpPort: this.ports.clickhouseHttp,
      tcpPort: this.ports.clickhouseTcp,
      passwords: this.dataDir.secrets.clickhouse,
      onLine: this.logLines('clickhouse'),
      patienceMs: this.patienceMs,
      signal,
    });
  }

  private async startChild(name: 'stream' | 'api' | 'demo', signal: AbortSignal): Promise<NodeChild> {
    const child = await startNodeChild({
      entry: name === 'demo' ? './demo/traffic-process.ts' : `./${name}-process.ts`,
      settings: this.settings,
      onLine: this.logLines(name),
      patienceMs: this.patienceMs,
      signal,
      onMessage: (message) => this.onMessage(message),
      ...(name === 'stream' ? { configureAfter: this.prepared } : {}),
    });
    if (name === 'api') child.send({ type: 'view', view: this.view() });
    return child;
  }

  private onMessage(message: FromChild): void {
    if (message.type === 'failed' && message.remedy && this.pending.length === 0) this.tell(`→ ${message.remedy}`);
    if (message.type !== 'control') return;
    this.control = { url: message.url, token: this.settings.controlToken };
    this.announce(this.pending);
  }

  private onChange(view: ServiceView): void {
    if (view.state === 'silent') this.tell(`${view.name} does not answer`);
    if (view.state === 'restarting' && !this.stopping) this.tell(`${view.name} ${view.reason}; starting it again`);
    this.announce(this.pending);
  }

  /** Lets everybody know: run.json, and the API for its /readyz. */
  private announce(pending: readonly string[]): void {
    this.pending = pending;
    if (this.stopping) return;
    const { postgresUrl, clickhouseUrl } = this.settings;
    const processes = this.services().flatMap(({ name, running }) => (running ? [{ name, pid: running.pid }] : []));
    this.dataDir.publish({
      url: this.url,
      postgres: { url: postgresUrl },
      clickhouse: { url: clickhouseUrl, ...(this.clickhouse ? { tcpPort: this.ports.clickhouseTcp } : {}) },
      ...(this.control ? { control: this.control } : {}),
      processes: [{ name: 'supervisor', pid: process.pid }, ...processes],
    });
    this.api.running?.send({ type: 'view', view: this.view() });
  }

  private logLines(name: string): (line: string) => void {
    const log = this.logs.get(name) ?? new LogFile(join(this.dataDir.path, 'logs', `${name}.log`));
    this.logs.set(name, log);
    return (line) => log.write(line);
  }
}
