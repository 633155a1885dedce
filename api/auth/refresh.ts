import type { Actor, CommerceDatabase } from '../commerce/database.ts';
import { AttemptsLimited } from './attempts.ts';
import { type AuditEntry, writeAudit } from './audit.ts';
import { type OpenSession, refreshSession } from './sessions.ts';
import type { RefreshLimits } from './sign-in-limits.ts';

/**
 * Exchanges a refresh token for its successor; null when it is no good. Throws 429 for an address that tried too many of those, and for a
 * session that is refreshed over and over; the first refusal is audited.
 */
export async function refresh(
  database: CommerceDatabase,
  limits: RefreshLimits,
  token: { readonly token: string; readonly secret: Uint8Array | string },
  actor: Actor,
): Promise<OpenSession | null> {
  let asked: Pick<AuditEntry, 'tenantId' | 'resourceId'> = { tenantId: null };
  try {
    await limits.attempt(actor.ip);
    const session = await database.asPlatform(actor, (trx) =>
      refreshSession(trx, actor, token, async (id, account) => {
        asked = { tenantId: account.tenant_id, resourceId: id };
        await limits.ofSession(id);
      }),
    );
    if (session !== null) await limits.succeeded(actor.ip);
    return session;
  } catch (error) {
    if (!(error instanceof AttemptsLimited)) {
      // A failure of ours: nobody guessed.
      await limits.succeeded(actor.ip);
      throw error;
    }
    const details = { reason: 'too many refreshes' };
    const entry = { ...asked, action: 'SIGN_IN_LIMITED', resourceType: 'sessions', details } as const;
    if (error.isFirst) await database.asPlatform(actor, (trx) => writeAudit(trx, actor, entry));
    throw error.problem;
  }
}
