import { Command } from 'commander';
import { Failure } from '../failure.ts';
import { tell } from '../tell.ts';
import { UsageError } from '../usage-error.ts';
import { importText } from './import-text.ts';
import { endOnSignal, instance } from './instance.ts';

interface ImportFlags {
  readonly tenant?: string;
  readonly map?: string;
  readonly createTenants?: true;
  readonly currency?: string;
  readonly timezone?: string;
  readonly dryRun?: true;
  readonly skipBad?: string;
  readonly json?: true;
}

/** `import orders`: order lines from a file into Postgres; the figures follow by themselves. */
export function importCommand(): Command {
  const orders = new Command('orders')
    .description('import order lines from CSV; the same file again changes nothing, an interrupted import goes on')
    .argument('<file>', 'CSV with a header, plain or .gz')
    .option('--tenant <slug>', 'the brand of all lines; without it the file has a column `tenant`')
    .option('--map <file>', 'JSON that maps other headers, formats and rules onto the canonical columns')
    .option('--create-tenants', 'make brands that do not exist, with --currency and --timezone')
    .option('--currency <code>', 'currency of brands made, ISO 4217')
    .option('--timezone <zone>', 'zone of brands made, IANA')
    .option('--dry-run', 'check everything, write nothing')
    .option('--skip-bad <file>', 'import the good lines and write the bad ones to this new file')
    .option('--json', 'print the report as JSON')
    .action(importFile);
  return new Command('import').description('import data').addCommand(orders);
}

async function importFile(file: string, flags: ImportFlags): Promise<void> {
  const { importOrders } = await import('../../api/commerce/import/import-orders.ts');
  const { ImportRefused } = await import('../../api/commerce/import/import-refused.ts');
  const { progressLine } = await import('../../api/commerce/import/progress.ts');
  const { json, ...options } = flags;
  if (flags.createTenants && !(flags.currency && flags.timezone)) {
    throw new UsageError('--create-tenants needs --currency and --timezone.');
  }
  const databaseUrl = instance().run.postgres.url;
  const report = await importOrders({
    ...options,
    file,
    databaseUrl,
    signal: endOnSignal(),
    onProgress: (progress) => tell(progressLine(progress)),
  }).catch((error: unknown) => {
    if (error instanceof ImportRefused) throw new Failure(error.message, error.remedy, { cause: error });
    throw error;
  });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : importText(report));
  if (!report.ok) process.exitCode = 1;
}
