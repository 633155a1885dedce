import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { type Config, readConfig } from '../config.ts';
import type { Instance } from '../supervisor.ts';
import { tell } from '../tell.ts';

/** `up`: runs an instance in the foreground until it is told to end. */
export function upCommand(): Command {
  return new Command('up').description('start everything in the foreground; Ctrl-C stops it').action(async () => {
    const started = Date.now();
    const config = readConfig();
    tell(`Starting on ${config.DATA_DIR} …`);
    const { first, killWith } = listenToSignals();
    const { startInstance } = await import('../supervisor.ts');
    const instance = await startInstance({ config, tell, signal: first }).catch((error: unknown) => {
      if (first.aborted) process.exit(0);
      throw error;
    });
    killWith(() => instance.kill());
    if (await untilReady(instance.url, first)) {
      tell(`Ready after ${((Date.now() - started) / 1_000).toFixed(1)} s.`);
      await greet(instance, config);
    }
    await aborted(first);
    tell('Stopping …');
    await instance.stop();
    process.exit(0);
  });
}

const readySchema = z.object({ reasons: z.array(z.string()) });

/** Waits until /readyz says so, telling every new reason why it does not yet. False when told to end before. */
async function untilReady(url: string, ending: AbortSignal): Promise<boolean> {
  let told = 'starting the stream; the stream is starting';
  while (!ending.aborted) {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.any([ending, AbortSignal.timeout(5_000)]) });
      const { reasons } = readySchema.parse(await response.json());
      if (response.ok) return true;
      const why = reasons.join('; ');
      if (!told.includes(why)) tell(`  ${why}`);
      told = why;
    } catch {
      // Asked again: the API may be starting anew.
    }
    await sleep(100);
  }
  return false;
}

async function greet({ url }: Instance, { DATA_DIR, DEMO }: Config): Promise<void> {
  tell(`  API    ${url}   (reference: ${url}/docs)`);
  tell(`  Logs   ${DATA_DIR}/logs`);
  const { demoSignIn } = await import('../demo/how-to-sign-in.ts');
  const demo = DEMO === 'off' ? null : demoSignIn(url, DATA_DIR);
  if (demo === null) {
    tell('  Next   npm run -s uco -- tenants create SLUG --name NAME --currency GBP --timezone Europe/London');
    tell('         npm run -s uco -- import orders FILE.csv --tenant SLUG');
    tell('         npm run -s uco -- token --role brand_admin --tenant SLUG');
    return;
  }
  const email = (role: string) => demo.accounts.find((account) => account.role === role)?.email;
  tell(`  Demo   sign in as ${email('executive')} (all brands) or ${email('brand_manager')} (one)`);
  tell(`         password ${demo.password}   (all accounts: npm run -s uco -- demo)`);
  tell('         To begin without it: DEMO=off npm start, on another DATA_DIR');
}

/** The first signal asks for a clean stop, the second ends at once. */
function listenToSignals(): { readonly first: AbortSignal; killWith(kill: () => void): void } {
  const first = new AbortController();
  let kill = () => {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!first.signal.aborted) return first.abort(new Error(`told to end by ${signal}`));
      tell('Ending at once.');
      kill();
      process.exit(130);
    });
  }
  return {
    first: first.signal,
    killWith: (how) => {
      kill = how;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
