// Process `stream`: changes of Postgres become raw rows, facts and progress.
import { createClickHouse } from '../ingestion/clickhouse.ts';
import { startControlServer } from '../ingestion/control-server.ts';
import { startStream } from '../ingestion/stream.ts';
import { startDriftWatch } from './drift-watch.ts';
import { Failure } from './failure.ts';
import { createLog } from './log.ts';
import { createModels } from './models.ts';
import { runProcess } from './node-process.ts';

runProcess(async ({ settings, say }) => {
  const { postgresUrl, clickhouseUrl } = settings;
  const log = createLog('stream', settings.logLevel);
  const clickhouse = createClickHouse(clickhouseUrl);
  const stream = startStream({ postgresUrl, clickhouseUrl, log, models: createModels(clickhouse) });
  const sampling = startDriftWatch({ postgresUrl, clickhouse, stream, log });
  const control = await startControlServer(sampling.controllable, settings.controlToken);
  say({ type: 'control', url: control.url });
  say({ type: 'ready' });
  stream.ended.catch((error: unknown) => {
    // Only a person can mend it: the supervisor shows it, and starts again ever more patiently.
    const message = error instanceof Error ? error.message : String(error);
    say({ type: 'failed', message, remedy: error instanceof Failure ? error.remedy : undefined });
    log.fatal({ error: message }, 'the stream has stopped');
    setTimeout(() => process.exit(1), 50);
  });
  return {
    stop: async () => {
      await control.close();
      const sampled = sampling.stop();
      await stream.stop();
      await sampled;
      await clickhouse.close();
    },
  };
});
