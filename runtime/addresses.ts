// Where everything listens: decided once per `up`, so that a restarted process is found where it was.
import { randomBytes } from 'node:crypto';
import type { ChildSettings } from './child-protocol.ts';
import type { Config } from './config.ts';
import { clickHouseUrls } from './engines/clickhouse.ts';
import { postgresUrl } from './engines/postgres.ts';
import { Failure } from './failure.ts';
import { freePorts, isPortFree } from './ports.ts';
import type { Secrets } from './secrets.ts';

export interface EnginePorts {
  readonly postgres: number;
  readonly clickhouseHttp: number;
  readonly clickhouseTcp: number;
}

/** The ports asked for, free ones for the others. Throws a Failure naming the variable of one that is taken. */
export async function chooseEnginePorts(config: Config): Promise<EnginePorts> {
  if (!config.DATABASE_URL) await demandFree('PG_PORT', config.PG_PORT);
  if (!config.CLICKHOUSE_URL) {
    await demandFree('CLICKHOUSE_HTTP_PORT', config.CLICKHOUSE_HTTP_PORT);
    await demandFree('CLICKHOUSE_TCP_PORT', config.CLICKHOUSE_TCP_PORT);
  }
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  return {
    postgres: config.PG_PORT ?? first,
    clickhouseHttp: config.CLICKHOUSE_HTTP_PORT ?? second,
    clickhouseTcp: config.CLICKHOUSE_TCP_PORT ?? third,
  };
}

/** Throws a Failure when the API's port is taken. */
export async function checkApiPort(config: Config): Promise<void> {
  try {
    await demandFree('PORT', config.PORT, config.HOST);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const reason = (cause as Error).message;
    throw new Failure(
      `The API can't listen on ${config.HOST}:${config.PORT}: ${reason}`,
      'Set HOST and PORT to others.',
      {
        cause,
      },
    );
  }
}

async function demandFree(variable: string, port: number | undefined, host?: string): Promise<void> {
  if (port === undefined || (await isPortFree(port, host))) return;
  throw new Failure(`Port ${port} is in use by another program.`, `Free it, or set ${variable} to another one.`);
}

/** What each child is told. `controlToken` is new for every call. */
export function childSettings(config: Config, secrets: Secrets, ports: EnginePorts): ChildSettings {
  const urls = clickHouseUrls(config.CLICKHOUSE_URL ?? `http://127.0.0.1:${ports.clickhouseHttp}`, secrets.clickhouse);
  return {
    dataDir: config.DATA_DIR,
    host: config.HOST,
    apiUrl: apiUrl(config),
    demoRate: config.DEMO_RATE,
    port: config.PORT,
    logLevel: config.LOG_LEVEL,
    rateLimits: {
      analytics: config.RATE_LIMIT_ANALYTICS,
      reads: config.RATE_LIMIT_READS,
      writes: config.RATE_LIMIT_WRITES,
      bulk: config.RATE_LIMIT_BULK,
    },
    trustedProxies: config.TRUSTED_PROXIES,
    postgresUrl: config.DATABASE_URL ?? postgresUrl(ports.postgres, secrets.postgres),
    clickhouseUrl: config.CLICKHOUSE_URL ?? urls.admin,
    tenantReaderUrl: urls.tenantReader,
    platformReaderUrl: urls.platformReader,
    secrets,
    controlToken: randomBytes(32).toString('base64url'),
  };
}

/** Base URL of the API as someone on this machine reaches it. */
export function apiUrl(config: Config): string {
  const host = config.HOST === '0.0.0.0' || config.HOST === '::' ? '127.0.0.1' : config.HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.PORT}`;
}
