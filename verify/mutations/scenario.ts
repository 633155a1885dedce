// Plays a fixed history through the real path and verifies: exit code 0, or 1 with the differences on stdout.
// Usage: node --import tsx verify/mutations/scenario.ts rows|kpis
import { setTimeout as sleep } from 'node:timers/promises';
import type { Models } from '../../ingestion/stream-options.ts';
import { migrate } from '../../runtime/migrate.ts';
import { startTestEngines, startTestStream } from '../../runtime/testing.ts';
import { connectAdmin } from '../../sql/postgres.ts';
import { formatReport } from '../report.ts';
import { inProcessStream } from '../testing.ts';
import { verify } from '../verify.ts';
import { beforeSnapshot, interruptedStep, steps } from './scenario-steps.ts';

let interruptions = 0;

/** Fails a recompute when told to, long enough after its rows were received for a status to go out in between. */
function interruptible(models: Models): Models {
  return {
    ...models,
    refresh: async (keys, version) => {
      if (interruptions > 0) {
        interruptions--;
        await sleep(1_300);
        throw new Error('interrupted on purpose');
      }
      await models.refresh(keys, version);
    },
  };
}

const engines = await startTestEngines();
let failed = true;
try {
  await migrate(engines);
  const client = await connectAdmin(engines.postgresUrl);
  await beforeSnapshot(client);
  const { stream, stop } = startTestStream(engines, undefined, interruptible);
  await Promise.race([stream.ready, stream.ended]);
  for (const step of steps) {
    await step(client);
    await stream.drained();
  }
  interruptions = 1;
  await interruptedStep(client);
  await stream.drained();
  const kpis = process.argv[2] === 'kpis' ? 'brands' : 'none';
  const report = await verify({
    ...{ postgresUrl: engines.postgresUrl, clickhouseUrl: engines.clickhouseUrl },
    ...{ stream: inProcessStream(stream), kpis },
  });
  process.stdout.write(`${formatReport(report)}\n`);
  failed = !report.ok;
  await client.end();
  await stop();
} finally {
  await engines.stop();
}
process.exit(failed ? 1 : 0);
