import { Command } from 'commander';
import type { RebuildProgress } from '../../transforms/rebuild.ts';
import { controlLines } from '../control-client.ts';
import { Failure } from '../failure.ts';
import { tell } from '../tell.ts';
import { control, endOnSignal } from './instance.ts';

/** `rebuild`: computes one model, or all, anew while the instance serves. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('compute one model, or all, anew from raw while serving')
    .argument('[model]', 'such as facts.orders; all when absent')
    .option('--json', 'print every step as one line of JSON')
    .action(async (model: string | undefined, { json }: { json?: true }) => {
      const started = Date.now();
      for await (const step of controlLines(control(), '/rebuild', { model }, endOnSignal())) {
        if (typeof step.error === 'string') throw new Failure(step.error);
        if (json) process.stdout.write(`${JSON.stringify(step)}\n`);
        else if (step.done !== true) tell(progressText(step as unknown as RebuildProgress));
      }
      tell(`Rebuilt in ${((Date.now() - started) / 1_000).toFixed(1)} s.`);
    });
}

function progressText({ model, done, total, rate, secondsLeft, swapped }: RebuildProgress): string {
  if (swapped) return `${model}: ${count(done)} rebuilt, and served from now on`;
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  return `${model}: ${count(done)} of ${count(total)}, ${count(rate)}/s${left}`;
}

const count = (value: number) => Math.round(value).toLocaleString('en-GB');
