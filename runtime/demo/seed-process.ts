// Process `demo seed`: seeds the demo and says `ready` when it is whole. Ended in between, it goes on at the next start.
import { progressLine } from '../../api/commerce/import/progress.ts';
import { createLog } from '../log.ts';
import { runProcess } from '../node-process.ts';
import { openDemoPassword } from './password.ts';
import { seedDemo } from './seed.ts';

const EVERY_MS = 2_000;

runProcess(async ({ settings, say }) => {
  const log = createLog('demo', settings.logLevel);
  let told = 0;
  const report = await seedDemo({
    databaseUrl: settings.postgresUrl,
    password: openDemoPassword(settings.dataDir),
    onProgress: (progress) => {
      if (Date.now() - told < EVERY_MS && progress.done < 1) return;
      told = Date.now();
      // The first rows tell nothing about the pace.
      const secondsLeft = progress.done < 0.03 ? null : progress.secondsLeft;
      say({ type: 'progress', line: progressLine({ ...progress, secondsLeft }) });
    },
  });
  if (report) log.info(report, 'the demo is seeded');
  say({ type: 'ready' });
  return { stop: async () => {} };
});
