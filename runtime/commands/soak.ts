import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { tell } from '../tell.ts';
import { endOnSignal } from './instance.ts';

interface SoakFlags {
  readonly kills: number;
  readonly minutes: number;
  readonly seed?: number;
  readonly keep?: true;
  readonly json?: true;
}

/** `soak`: random commerce while random processes are killed, on an instance of its own. Exit code 1 on any difference. */
export function soakCommand(): Command {
  return new Command('soak')
    .description('kill random processes under random traffic on an instance of its own, then verify')
    .option('--kills <number>', 'how many processes to kill', wholeNumber, 20)
    .option('--minutes <number>', 'how long the traffic lasts', positive, 5)
    .option('--seed <number>', 'plays the same again; random when absent', wholeNumber)
    .option('--keep', 'keep the directory and its logs even when all is well')
    .option('--json', 'print the report as JSON')
    .action(async ({ kills, minutes, seed = randomInt(2 ** 31), keep, json }: SoakFlags) => {
      const { runSoak } = await import('../../verify/soak.ts');
      const report = await runSoak({
        kills,
        minutes,
        seed,
        keep: keep ?? false,
        onProgress: tell,
        signal: endOnSignal(),
      });
      process.stdout.write(`${JSON.stringify(report, null, json ? undefined : 2)}\n`);
      tell(
        report.ok
          ? 'No difference.'
          : `Differences found. Data and logs: ${report.dir ?? 'removed'}. Again: ${report.replay}`,
      );
      if (!report.ok) process.exitCode = 1;
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number is wanted.');
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('A number above 0 is wanted.');
}
