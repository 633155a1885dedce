// Real engines for tests: a fresh pair per call, in a temporary directory, on free ports. Nothing is mocked.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '../ingestion/clickhouse.ts';
import { type Stream, startStream } from '../ingestion/stream.ts';
import type { Models, StreamOptions } from '../ingestion/stream-options.ts';
import { startClickHouse } from './engines/clickhouse.ts';
import type { Engine, EngineOutput } from './engines/engine.ts';
import { startPostgres } from './engines/postgres.ts';
import { createLog } from './log.ts';
import { migrate } from './migrate.ts';
import { createModels } from './models.ts';
import { freePorts } from './ports.ts';

export interface TestEngines {
  readonly dir: string;
  /** Administrative URLs. */
  readonly postgresUrl: string;
  readonly clickhouseUrl: string;
  /** ClickHouse URLs of the restricted users. */
  readonly tenantReader: { readonly url: string };
  readonly platformReader: { readonly url: string };
  /** Pids of the servers now; for tests that kill them. */
  readonly pids: { readonly postgres: number; readonly clickhouse: number };
  /** Starts a server that was killed (or stops it first) on the same directory and ports: URLs stay valid. */
  restart(engine: 'postgres' | 'clickhouse'): Promise<void>;
  /** Ends both servers and removes the directory. */
  stop(): Promise<void>;
}

export interface TestEnginesOptions {
  /** Extra Postgres settings. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** Receives the servers' log lines. */
  readonly onLine?: EngineOutput;
}

/** Both engines, empty (no schema, no tables), in about 1.5 s. */
export async function startTestEngines(options: TestEnginesOptions = {}): Promise<TestEngines> {
  const dir = mkdtempSync(join(tmpdir(), 'uco-test-'));
  chmodSync(dir, 0o711);
  const [pgPort, httpPort, tcpPort] = (await freePorts(3)) as [number, number, number];
  const secret = () => randomBytes(12).toString('hex');
  const passwords = { admin: secret(), tenantReader: secret(), platformReader: secret() };
  const pgPassword = secret();
  const postgres = () =>
    startPostgres({
      dir: join(dir, 'postgres'),
      port: pgPort,
      password: pgPassword,
      sync: false,
      settings: { shared_buffers: '64MB', ...options.postgres },
      onLine: options.onLine,
    });
  const clickhouse = () =>
    startClickHouse({ dir: join(dir, 'clickhouse'), httpPort, tcpPort, passwords, onLine: options.onLine });
  const [firstPostgres, firstClickHouse] = await Promise.all([postgres(), clickhouse()]);
  const running: { postgres: Engine; clickhouse: Engine } = { postgres: firstPostgres, clickhouse: firstClickHouse };
  return {
    dir,
    postgresUrl: firstPostgres.url,
    clickhouseUrl: firstClickHouse.url,
    tenantReader: { url: firstClickHouse.tenantReaderUrl },
    platformReader: { url: firstClickHouse.platformReaderUrl },
    get pids() {
      return { postgres: running.postgres.pid, clickhouse: running.clickhouse.pid };
    },
    restart: async (name) => {
      await running[name].stop();
      running[name] = await (name === 'postgres' ? postgres() : clickhouse());
    },
    stop: async () => {
      await Promise.all([running.postgres.stop(), running.clickhouse.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface TestInstance extends TestEngines {
  readonly stream: Stream;
}

export interface TestInstanceOptions extends TestEnginesOptions {
  readonly pacing?: StreamOptions['pacing'];
  /** Before the stream's first start: rows written here are copied, not streamed. */
  readonly seed?: (postgresUrl: string) => Promise<void>;
}

/** Both engines migrated, and the stream running in this process. Resolves when it follows Postgres. */
export async function startTestInstance(options: TestInstanceOptions = {}): Promise<TestInstance> {
  const engines = await startTestEngines(options);
  try {
    await migrate(engines);
    await options.seed?.(engines.postgresUrl);
    const running = startTestStream(engines, options.pacing);
    await Promise.race([running.stream.ready, running.stream.ended]);
    return Object.defineProperties({} as TestInstance, {
      ...Object.getOwnPropertyDescriptors(engines),
      stream: { value: running.stream, enumerable: true },
      stop: {
        value: async () => {
          await running.stop();
          await engines.stop();
        },
        enumerable: true,
      },
    });
  } catch (error) {
    await engines.stop();
    throw error;
  }
}

/** The stream as the process `stream` wires it, on engines that are migrated. */
export function startTestStream(
  urls: { readonly postgresUrl: string; readonly clickhouseUrl: string },
  pacing?: StreamOptions['pacing'],
  change: (models: Models) => Models = (models) => models,
): { readonly stream: Stream; stop(): Promise<void> } {
  const clickhouse = createClickHouse(urls.clickhouseUrl);
  const { postgresUrl, clickhouseUrl } = urls;
  const log = createLog('stream', 'error');
  const stream = startStream({ postgresUrl, clickhouseUrl, log, pacing, models: change(createModels(clickhouse)) });
  return {
    stream,
    stop: async () => {
      await stream.stop();
      await clickhouse.close();
    },
  };
}
