// Process `api`: the HTTP API. Listens before the engines are up, and stays when one of them is gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { createAnalyticsReader } from '../api/analytics/tenant-clickhouse.ts';
import { type CommerceDatabase, openCommerceDatabase } from '../api/commerce/database.ts';
import { sweepReservations } from '../api/commerce/inventory/expire-reservations.ts';
import { startApi } from '../api/listen.ts';
import type { InstanceView } from './child-protocol.ts';
import { type StreamStatus, streamFindings, streamStatus } from './control-client.ts';
import { Failure } from './failure.ts';
import { createLog } from './log.ts';
import { runProcess } from './node-process.ts';
import { unreadyReasons } from './readiness.ts';
import { addStreamGauges } from './stream-gauges.ts';

const SWEEP_MS = 5_000;

runProcess(async ({ settings, say, onView }) => {
  let view: InstanceView | null = null;
  onView((latest) => {
    view = latest;
  });
  const reader = createAnalyticsReader({ tenant: settings.tenantReaderUrl, platform: settings.platformReaderUrl });
  const commerce = openWhenMigrated(settings.postgresUrl);
  const registry = new Registry();
  addStreamGauges(registry, () => askStream(view));
  const api = await startApi({
    registry,
    host: settings.host,
    port: settings.port,
    secret: settings.secrets.tokenKey,
    log: createLog('api', settings.logLevel),
    rateLimits: settings.rateLimits,
    trustedProxies: settings.trustedProxies,
    reader: () => reader,
    commerce: commerce.database,
    readiness: () => readiness(view),
    findings: async () => (view?.control ? streamFindings(view.control) : null),
    dashboards: fileURLToPath(new URL('../dist', import.meta.url)),
  }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EADDRINUSE' ? 'the port is in use by another program' : cause.message;
    throw new Failure(
      `The API can't listen on ${settings.host}:${settings.port}: ${why}`,
      'Set PORT (or HOST) to another one.',
      {
        cause,
      },
    );
  });
  const sweep = setInterval(() => void sweepOf(commerce.database())?.catch(() => {}), SWEEP_MS);
  say({ type: 'ready' });
  return {
    stop: async () => {
      clearInterval(sweep);
      await api.close(2_000);
      await Promise.all([reader.close(), commerce.close()]);
    },
  };
});

/** Takes back reservations that nobody came for. One that fails is made up for by the next. */
function sweepOf(database: CommerceDatabase | null): Promise<unknown> | undefined {
  return database === null ? undefined : sweepReservations(database);
}

/** The commerce database as soon as it is there: the API listens before Postgres is up and migrated. */
function openWhenMigrated(postgresUrl: string) {
  let database: CommerceDatabase | null = null;
  let closed = false;
  const opening = (async () => {
    while (database === null && !closed) {
      database = await openCommerceDatabase(postgresUrl).catch(() => null);
      if (database === null) await sleep(200, undefined, { ref: false });
    }
  })();
  return {
    database: () => database,
    close: async () => {
      closed = true;
      await opening;
      await database?.close();
    },
  };
}

async function askStream(view: InstanceView | null): Promise<StreamStatus | null> {
  return view?.control ? streamStatus(view.control).catch(() => null) : null;
}

async function readiness(view: InstanceView | null) {
  const stream = await askStream(view);
  return { reasons: unreadyReasons(view, stream), details: { services: view?.services ?? [], stream } };
}
