import { Command, Option } from 'commander';
import { isPlatformRole, type Role, roleNames } from '../../api/auth/roles.ts';
import { Failure } from '../failure.ts';
import { tell } from '../tell.ts';
import { UsageError } from '../usage-error.ts';
import { brand, inCommerce } from './instance.ts';

interface NewUserOptions {
  readonly email: string;
  readonly role: Role;
  readonly tenant?: string;
  readonly name?: string;
}

/** `users`: people who sign in. The first of them can only come from here; the API makes the others. */
export function usersCommand(): Command {
  return new Command('users').description('create users').addCommand(createCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('create a user and print the temporary password, which works for 7 days')
    .requiredOption('--email <email>', 'what they sign in with')
    .addOption(new Option('--role <role>', 'what they may do').choices(roleNames).makeOptionMandatory())
    .option('--tenant <slug>', 'their brand; needed by all but platform_admin and executive')
    .option('--name <name>', 'their name; the e-mail when left out')
    .action(async ({ email, role, tenant: slug, name = email }: NewUserOptions) => {
      if (isPlatformRole(role) && slug) throw new UsageError(`${role} sees all brands: leave --tenant out.`);
      if (!isPlatformRole(role) && !slug)
        throw new UsageError(`${role} belongs to a brand: name it with --tenant SLUG.`);
      const { newUserSchema } = await import('../../api/commerce/users/user-schema.ts');
      const { createUser } = await import('../../api/commerce/users/users.ts');
      const { Problem } = await import('../../api/problem.ts');
      const checked = newUserSchema.safeParse({ email, name, role });
      if (!checked.success) {
        throw new UsageError(
          checked.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'),
        );
      }
      const { generatedPassword } = await inCommerce(async (database) =>
        createUser(database, slug === undefined ? null : (await brand(database, slug)).id, checked.data),
      ).catch((error: unknown) => {
        throw error instanceof Problem ? new Failure(error.message) : error;
      });
      process.stdout.write(`${generatedPassword}\n`);
      tell(`${email} can sign in as ${role}${slug ? ` of ${slug}` : ''}.`);
    });
}
