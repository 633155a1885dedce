import type { CommerceTransaction } from '../commerce/database.ts';
import type { Role } from './roles.ts';

/** A user as sign-in sees them, with what decides whether they may. Never shown to anybody. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant_id: string | null;
  readonly status: 'active' | 'disabled';
  readonly password_hash: string | null;
  readonly password_expires_at: Date | null;
  readonly slug: string | null;
  readonly brand_name: string | null;
  readonly brand_status: 'active' | 'suspended' | null;
}

/** Why an account may not be used, or null. */
export function whyBarred(account: Pick<Account, 'status' | 'brand_status'>): string | null {
  if (account.status !== 'active') return 'user disabled';
  return account.brand_status === 'suspended' ? 'brand suspended' : null;
}

/** Accounts of an e-mail (case does not matter): of one brand when its slug is given, else of all and of the platform. Oldest first. */
export async function accountsByEmail(
  trx: CommerceTransaction,
  email: string,
  slug: string | undefined,
  limit: number,
): Promise<Account[]> {
  const rows = await accounts(trx)
    .where((eb) => eb(eb.fn('lower', ['u.email']), '=', eb.fn<string>('lower', [eb.val(email)])))
    .$if(slug !== undefined, (query) => query.where('t.slug', '=', slug ?? ''))
    .orderBy('u.id')
    .limit(limit)
    .execute();
  return rows as Account[];
}

/** The account of a user's id; undefined when there is none. */
export async function accountById(trx: CommerceTransaction, id: string): Promise<Account | undefined> {
  return (await accounts(trx).where('u.id', '=', id).executeTakeFirst()) as Account | undefined;
}

function accounts(trx: CommerceTransaction) {
  return trx
    .selectFrom('users as u')
    .leftJoin('tenants as t', 't.id', 'u.tenant_id')
    .select([
      'u.id',
      'u.email',
      'u.name',
      'u.role',
      'u.tenant_id',
      'u.status',
      'u.password_hash',
      'u.password_expires_at',
    ])
    .select(['t.slug', 't.name as brand_name', 't.status as brand_status']);
}
