import { Command } from 'commander';

/** `lineage`: which model reads which, from their SQL. Needs no running instance. */
export function lineageCommand(): Command {
  return new Command('lineage')
    .description('print which model reads which')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { lineage, printLineage } = await import('../../transforms/lineage.ts');
      const { loadModels } = await import('../../transforms/model.ts');
      const nodes = lineage(loadModels());
      process.stdout.write(`${json ? JSON.stringify(nodes) : printLineage(nodes)}\n`);
    });
}
