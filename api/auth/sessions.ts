import type { Actor, CommerceTransaction } from '../commerce/database.ts';
import { type Account, accountById, whyBarred } from './accounts.ts';
import { writeAudit } from './audit.ts';
import { hashToken, newRefreshToken, successorOf } from './refresh-token.ts';

const DAY_MS = 86_400_000;
/** However active it is, a session ends then. */
export const SESSION_MS = 30 * DAY_MS;
/** A session that is not refreshed for so long is over. */
export const IDLE_MS = 7 * DAY_MS;
/**
 * For so long after its use a refresh token gives its successor once more, as long as that one is unused: two tabs of a browser
 * refresh at the same time, and answers get lost. Whoever stole a token gains nothing by it: both then hold the same successor, and the
 * second use of that ends the session.
 */
export const GRACE_MS = 10_000;

export interface OpenSession {
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly account: Account;
}

/** Begins a session of a user, and forgets those of theirs that are long over. */
export async function beginSession(trx: CommerceTransaction, account: Account): Promise<OpenSession> {
  const now = Date.now();
  await trx
    .deleteFrom('auth.sessions')
    .where('user_id', '=', account.id)
    .where((eb) => eb.or([eb('expires_at', '<', new Date(now)), eb('ended_at', '<', new Date(now - SESSION_MS))]))
    .execute();
  const session = await trx
    .insertInto('auth.sessions')
    .values({ user_id: account.id, expires_at: new Date(now + SESSION_MS) })
    .returning('id')
    .executeTakeFirstOrThrow();
  const refreshToken = newRefreshToken();
  await storeToken(trx, session.id, refreshToken);
  return { sessionId: session.id, refreshToken, account };
}

/**
 * Exchanges a refresh token for its successor. Null when it is no good; then nothing must be said about why. A token that was used
 * before ends its session, for either its owner or a thief has it twice; that is committed and audited although null is returned.
 * `admit` is asked before a good one is exchanged; what it throws is thrown.
 */
export async function refreshSession(
  trx: CommerceTransaction,
  actor: Actor,
  { token, secret }: { readonly token: string; readonly secret: Uint8Array | string },
  admit: (sessionId: string, account: Account) => Promise<void>,
): Promise<OpenSession | null> {
  const token_hash = hashToken(token);
  const row = await trx
    .selectFrom('auth.refresh_tokens')
    .selectAll()
    .where('token_hash', '=', token_hash)
    // Two uses at once: the second sees that it is the second.
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return null;
  const session = await trx
    .selectFrom('auth.sessions')
    .selectAll()
    .where('id', '=', row.session_id)
    .executeTakeFirstOrThrow();
  const account = await accountById(trx, session.user_id);
  const now = Date.now();
  const isOver = session.ended_at !== null || session.expires_at.getTime() <= now || row.expires_at.getTime() <= now;
  if (isOver || account === undefined || whyBarred(account) !== null) return null;
  const successor = successorOf(token, secret);
  const isReuse = row.used_at !== null && (now - row.used_at.getTime() > GRACE_MS || !(await isUnused(trx, successor)));
  if (isReuse) {
    await endSession(trx, session.id);
    await writeAudit(trx, actor, {
      action: 'TOKEN_REUSE',
      tenantId: account.tenant_id,
      resourceType: 'sessions',
      resourceId: session.id,
      details: { user_id: account.id },
    });
    return null;
  }
  await admit(session.id, account);
  if (row.used_at === null) {
    await trx
      .updateTable('auth.refresh_tokens')
      .set({ used_at: new Date(now) })
      .where('token_hash', '=', token_hash)
      .execute();
    await storeToken(trx, session.id, successor);
  }
  return { sessionId: session.id, refreshToken: successor, account };
}

/** Ends a session; false when it was over already. */
export async function endSession(trx: CommerceTransaction, sessionId: string): Promise<boolean> {
  const ended = await trx
    .updateTable('auth.sessions')
    .set({ ended_at: new Date() })
    .where('id', '=', sessionId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

/** Whose session it is; null when it is over or its user may not be here any more. */
export async function liveSession(
  trx: CommerceTransaction,
  sessionId: string,
): Promise<Pick<Account, 'id' | 'role' | 'tenant_id'> | null> {
  const row = await trx
    .selectFrom('auth.sessions as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .leftJoin('tenants as t', 't.id', 'u.tenant_id')
    .select(['u.id', 'u.role', 'u.tenant_id', 'u.status', 't.status as brand_status'])
    .where('s.id', '=', sessionId)
    .where('s.ended_at', 'is', null)
    .where('s.expires_at', '>', new Date())
    .executeTakeFirst();
  return row === undefined || whyBarred(row) !== null ? null : (row as Account);
}

async function isUnused(trx: CommerceTransaction, token: string): Promise<boolean> {
  const row = await trx
    .selectFrom('auth.refresh_tokens')
    .select('used_at')
    .where('token_hash', '=', hashToken(token))
    .executeTakeFirst();
  return row !== undefined && row.used_at === null;
}

async function storeToken(trx: CommerceTransaction, session_id: string, token: string): Promise<void> {
  const expires_at = new Date(Date.now() + IDLE_MS);
  await trx
    .insertInto('auth.refresh_tokens')
    .values({ session_id, token_hash: hashToken(token), expires_at })
    .execute();
}
