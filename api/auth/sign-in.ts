import type { Actor, CommerceDatabase } from '../commerce/database.ts';
import { invalid, Problem } from '../problem.ts';
import { type Account, accountById, accountsByEmail, whyBarred } from './accounts.ts';
import { AttemptsLimited } from './attempts.ts';
import { type AuditEntry, writeAudit } from './audit.ts';
import { hashPassword, type PasswordCheck } from './password.ts';
import { beginSession, type OpenSession } from './sessions.ts';
import type { SignInLimits } from './sign-in-limits.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Slug of the brand. */
  readonly tenant?: string | undefined;
}

/**
 * Without a brand the password is compared with this many accounts of the e-mail, and always with so many: neither the answer nor its
 * time tells in how many brands somebody works. Who is in more of them names the brand.
 */
const ACCOUNTS_WITHOUT_BRAND = 3;

/**
 * Begins a session. An e-mail is unique within a brand only; without `tenant` the account is the one whose password it is. Throws the
 * same 401 for whatever is wrong, 400 naming `tenant` when e-mail and password are right in several brands, and 429.
 */
export async function signIn(
  database: CommerceDatabase,
  guards: { readonly limits: SignInLimits; readonly passwords: PasswordCheck },
  { email, password, tenant }: Credentials,
  actor: Actor,
): Promise<OpenSession> {
  const most = tenant === undefined ? ACCOUNTS_WITHOUT_BRAND : 1;
  const find = () => database.asPlatform(actor, (trx) => accountsByEmail(trx, email, tenant, most));
  await guards.limits.attempt(email, actor.ip).catch(async (error: unknown) => {
    if (!(error instanceof AttemptsLimited)) throw error;
    if (error.isFirst)
      await audit(
        database,
        actor,
        refusals('SIGN_IN_LIMITED', await find(), () => 'too many attempts'),
      );
    throw error.problem;
  });
  const accounts = await find();
  const right: Account[] = [];
  for (let i = 0; i < most; i++) {
    const account = accounts[i];
    if ((await guards.passwords.matches(account?.password_hash ?? null, password)) && account) right.push(account);
  }
  const usable = right.filter((account) => whyNot(account) === null);
  if (usable.length > 1) {
    throw invalid({ path: 'tenant', message: 'You work in several brands: name the one to sign in to by its slug.' });
  }
  const [account] = usable;
  if (account === undefined) {
    const why = (one: Account) => (right.includes(one) ? (whyNot(one) ?? '') : 'wrong password');
    await audit(database, actor, refusals('SIGN_IN_REFUSED', accounts, why));
    throw new Problem('unauthenticated', 'E-mail or password is wrong, or this account may not sign in.', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  const session = await database.asPlatform({ ...actor, userId: account.id }, async (trx) => {
    const begun = await beginSession(trx, account);
    const details = { session_id: begun.sessionId };
    await writeAudit(trx, { ...actor, userId: account.id }, entry('SIGN_IN', account, details));
    return begun;
  });
  await guards.limits.succeeded(email, actor.ip);
  return session;
}

/**
 * Changes the password of who asks, ends all their sessions and begins a new one. Throws 400 naming `currentPassword` when that is
 * wrong, and 429: somebody with a stolen access token may not guess either.
 */
export async function changePassword(
  database: CommerceDatabase,
  guards: { readonly limits: SignInLimits; readonly passwords: PasswordCheck },
  passwords: { readonly currentPassword: string; readonly newPassword: string },
  actor: Actor & { readonly userId: string },
): Promise<OpenSession> {
  const account = await database.asPlatform(actor, (trx) => accountById(trx, actor.userId));
  if (account === undefined) throw new Problem('unauthenticated', 'The session has ended: sign in again.');
  await guards.limits.attempt(account.email, actor.ip).catch((error: unknown) => {
    throw error instanceof AttemptsLimited ? error.problem : error;
  });
  if (!(await guards.passwords.matches(account.password_hash, passwords.currentPassword))) {
    await audit(database, actor, [entry('PASSWORD_REFUSED', account, { reason: 'wrong password' })]);
    throw invalid({ path: 'currentPassword', message: 'is wrong' });
  }
  const password_hash = await hashPassword(passwords.newPassword);
  const session = await database.asPlatform(actor, async (trx) => {
    await trx
      .updateTable('users')
      .set({ password_hash, password_expires_at: null })
      .where('id', '=', account.id)
      .execute();
    return beginSession(trx, { ...account, password_hash, password_expires_at: null });
  });
  await guards.limits.succeeded(account.email, actor.ip);
  return session;
}

/** Why the owner of a right password is refused, or null. */
function whyNot(account: Account): string | null {
  const expires = account.password_expires_at?.getTime() ?? Number.POSITIVE_INFINITY;
  return whyBarred(account) ?? (expires <= Date.now() ? 'password expired' : null);
}

/** An entry for each account that was tried: each brand learns of its own. None was: the platform learns of it. */
function refusals(
  action: AuditEntry['action'],
  accounts: readonly Account[],
  why: (account: Account) => string,
): AuditEntry[] {
  if (accounts.length > 0) return accounts.map((account) => entry(action, account, { reason: why(account) }));
  return [{ action, tenantId: null, resourceType: 'users', details: { reason: 'unknown user' } }];
}

function entry(action: AuditEntry['action'], account: Account, details: Record<string, string>): AuditEntry {
  return { action, tenantId: account.tenant_id, resourceType: 'users', resourceId: account.id, details };
}

function audit(database: CommerceDatabase, actor: Actor, entries: readonly AuditEntry[]): Promise<void> {
  return database.asPlatform(actor, (trx) => writeAudit(trx, actor, ...entries));
}
