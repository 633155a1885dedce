import { Command } from 'commander';
import { Failure } from '../failure.ts';
import { instance } from './instance.ts';

/** `demo`: tells how to sign in to the demo of the running instance. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('how to sign in to the demo: addresses, password')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { demoSignIn, formatSignIn } = await import('../demo/how-to-sign-in.ts');
      const { run, dataDir } = instance();
      const signIn = demoSignIn(run.url, dataDir);
      if (signIn === null) {
        throw new Failure('This instance has no demo.', 'Start one with DEMO=on on an empty DATA_DIR.');
      }
      process.stdout.write(json ? `${JSON.stringify(signIn)}\n` : formatSignIn(signIn));
    });
}
