import { Command } from 'commander';
import type { NewTenant, Tenant } from '../../api/commerce/tenants.ts';
import { Failure } from '../failure.ts';
import { table } from '../table.ts';
import { tell } from '../tell.ts';
import { UsageError } from '../usage-error.ts';
import { inCommerce } from './instance.ts';

/** `tenants`: provisions and lists brands. */
export function tenantsCommand(): Command {
  return new Command('tenants')
    .description('provision and list brands')
    .addCommand(createCommand())
    .addCommand(listCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('provision a brand')
    .argument('<slug>', 'short name for commands and filters: lower-case letters, digits, hyphens')
    .requiredOption('--name <name>', 'name of the brand')
    .requiredOption('--currency <code>', 'currency it reports in, ISO 4217, such as GBP')
    .requiredOption('--timezone <zone>', 'IANA zone whose days are its days, such as Europe/London')
    .option('--json', 'print the brand as JSON')
    .action(async (slug: string, options: Omit<NewTenant, 'slug'> & { json?: true }) => {
      const { createTenant } = await import('../../api/commerce/tenants.ts');
      const { name, currency, timezone } = options;
      const tenant = await inCommerce((database) => createTenant(database, { slug, name, currency, timezone })).catch(
        refuse,
      );
      if (options.json) process.stdout.write(`${JSON.stringify(tenant)}\n`);
      else process.stdout.write(`${tenant.id}\n`);
      tell(`Brand ${tenant.slug} is ready.`);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list the brands')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { listTenants } = await import('../../api/commerce/tenants.ts');
      const tenants = await inCommerce(listTenants);
      if (json) process.stdout.write(`${JSON.stringify(tenants)}\n`);
      else process.stdout.write(table(['slug', 'name', 'currency', 'timezone', 'status', 'id'], tenants.map(row)));
    });
}

function row({ slug, name, currency, timezone, status, id }: Tenant): string[] {
  return [slug, name, currency, timezone, status, id];
}

/** A slug that is taken is a finding; a value that could never be right is wrong usage. */
async function refuse(error: unknown): Promise<never> {
  const { TenantRefused } = await import('../../api/commerce/tenants.ts');
  if (!(error instanceof TenantRefused)) throw error;
  if (error.message.includes('is taken')) throw new Failure(error.message);
  throw new UsageError(error.message);
}
