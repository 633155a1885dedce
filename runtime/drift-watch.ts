import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import type { Controllable } from '../ingestion/control-server.ts';
import { waitingLetters } from '../ingestion/dead-letters.ts';
import type { Stream } from '../ingestion/stream.ts';
import { createAdminPool } from '../sql/postgres.ts';
import { startSampling } from '../verify/sample.ts';
import { lastChecks, openDrift } from '../verify/verification-log.ts';
import type { Log } from './log.ts';

export interface DriftWatchOptions {
  readonly postgresUrl: string;
  readonly clickhouse: ClickHouseClient;
  readonly stream: Stream;
  readonly log: Log;
}

export interface DriftWatch {
  /** The stream, whose status also counts the keys that differ now (`drift`) and those compared so far (`sampled`). */
  readonly controllable: Controllable;
  stop(): Promise<void>;
}

/** Compares a sample of both stores all the time, and says in the stream's status what it found. */
export function startDriftWatch({ postgresUrl, clickhouse, stream, log }: DriftWatchOptions): DriftWatch {
  const found = { drift: 0, sampled: 0 };
  const postgres = createAdminPool(postgresUrl, { applicationName: 'uco sample', max: 2 });
  // Differences found before a restart count until their keys agree again.
  const recount = () =>
    openDrift(clickhouse).then(
      (open) => {
        found.drift = open.length;
      },
      () => {},
    );
  const started = stream.ready.then(recount).then(() =>
    startSampling(
      {
        postgres,
        clickhouse,
        drained: () => stream.drained(),
        // A round costs a second or so of both engines: not more than a few percent of the time.
        intervalMs: 20_000,
        onError: (error) => log.warn({ error: String(error) }, 'a round of the sample was given up'),
      },
      (result) => {
        found.sampled += result.checked;
        for (const drift of result.drift) log.error({ ...drift }, 'drift: a figure differs from Postgres');
        void recount();
      },
    ),
  );
  return {
    controllable: {
      hold: () => stream.hold(),
      release: () => stream.release(),
      clone: (at, suffix) => stream.clone(at, suffix),
      rebuild: (model, onProgress) => stream.rebuild(model, onProgress),
      replay: (id) => stream.replay(id),
      status: () => ({ ...stream.status(), ...found }),
      findings: async () => {
        const [deadLetters, drift, checks] = await Promise.all([
          waitingLetters(clickhouse, 100),
          openDrift(clickhouse),
          lastChecks(clickhouse),
        ]);
        return { deadLetters, drift, checks };
      },
    },
    stop: async () => {
      // Never started when the stream never became ready; a round under way ends with its connections.
      void started.then((sampling) => sampling.stop());
      await postgres.end();
    },
  };
}
