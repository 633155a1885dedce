import { Command, InvalidArgumentError, Option } from 'commander';
import { isPlatformRole, type Role, roleNames } from '../../api/auth/roles.ts';
import { readSecrets } from '../secrets.ts';
import { UsageError } from '../usage-error.ts';
import { brand, inCommerce, instance } from './instance.ts';

interface TokenOptions {
  readonly role: Role;
  readonly tenant?: string;
  readonly ttl: string;
}

/** `token`: prints an access token and nothing else. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('print an access token for the API')
    .addOption(new Option('--role <role>', 'who it speaks for').choices(roleNames).makeOptionMandatory())
    .option('--tenant <slug>', 'the brand it is bound to; needed by all but platform_admin and executive')
    .option('--ttl <duration>', 'how long it holds: 30s, 15m, 1h, 7d', checkTtl, '1h')
    .action(async ({ role, tenant: slug, ttl }: TokenOptions) => {
      if (isPlatformRole(role) && slug) throw new UsageError(`${role} sees all brands: leave --tenant out.`);
      if (!isPlatformRole(role) && !slug)
        throw new UsageError(`${role} belongs to a brand: name it with --tenant SLUG.`);
      const { mintToken } = await import('../../api/auth/token.ts');
      const secret = readSecrets(instance().dataDir).tokenKey;
      const tenant = slug === undefined ? undefined : (await inCommerce((database) => brand(database, slug))).id;
      process.stdout.write(`${await mintToken({ role, ttl, secret, ...(tenant ? { tenant } : {}) })}\n`);
    });
}

function checkTtl(text: string): string {
  if (/^[1-9]\d{0,5}[smhd]$/.test(text)) return text;
  throw new InvalidArgumentError('It looks like 30s, 15m, 1h or 7d.');
}
