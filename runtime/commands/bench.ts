import { Command } from 'commander';
import { type BenchResult, benches } from '../benches.ts';
import { table } from '../table.ts';
import { tell } from '../tell.ts';
import { UsageError } from '../usage-error.ts';

/** `bench`: measures one thing, or all one after the other, on engines of its own. Exit code 1 when a goal is missed. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure speed on engines of its own; ratios compare with a floor taken in the same run')
    .argument('[name]', `one of ${Object.keys(benches).join(', ')}; all when absent`)
    .option('--json', 'print each result as one line of JSON')
    .action(async (name: string | undefined, { json }: { json?: true }) => {
      if (name !== undefined && !(name in benches)) {
        throw new UsageError(`There is no bench ${name}. There are: ${Object.keys(benches).join(', ')}.`);
      }
      for (const [key, { measures, run }] of Object.entries(benches)) {
        if (name !== undefined && name !== key) continue;
        tell(`${key}: ${measures}`);
        const result = await run(tell);
        process.stdout.write(json ? `${JSON.stringify(result)}\n` : text(result));
        if (result.met === false) process.exitCode = 1;
      }
    });
}

function text({ name, ...figures }: BenchResult): string {
  const rows = Object.entries(figures).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return `${table([name, ''], rows)}\n`;
}
