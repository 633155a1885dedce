// Process `demo`: live traffic of the demo's brands, as clients of the API. Nothing of the product waits for it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../log.ts';
import { runProcess } from '../node-process.ts';
import { runTraffic } from './live/traffic.ts';

const AGAIN_MS = 15_000;

runProcess(async ({ settings, say }) => {
  const log = createLog('demo', settings.logLevel);
  const over = new AbortController();
  const { signal } = over;
  const running = (async () => {
    while (!signal.aborted) {
      await runTraffic({
        url: settings.apiUrl,
        secret: settings.secrets.tokenKey,
        rate: settings.demoRate,
        log,
        signal,
      }).catch((error: unknown) => signal.aborted || log.warn({ error: String(error) }, 'traffic pauses'));
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  })();
  say({ type: 'ready' });
  return {
    stop: async () => {
      over.abort();
      await running;
    },
  };
});
