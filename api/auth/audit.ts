import type { Actor, CommerceTransaction } from '../commerce/database.ts';
import { PLATFORM_TENANT } from '../idempotency.ts';

/** What happened that no change of a row tells. */
export interface AuditEntry {
  readonly action:
    | 'SIGN_IN'
    | 'SIGN_IN_REFUSED'
    | 'SIGN_IN_LIMITED'
    | 'SIGN_OUT'
    | 'TOKEN_REUSE'
    | 'PASSWORD_REFUSED'
    | 'ACCESS_REFUSED';
  /** Null for the platform's own. */
  readonly tenantId: string | null;
  readonly resourceType: 'users' | 'sessions' | 'endpoints';
  readonly resourceId?: string | null;
  /** Is replicated: no personal data, nothing that was tried as a password. */
  readonly details?: Readonly<Record<string, string>>;
}

/** Writes entries in the transaction of what they tell. */
export async function writeAudit(trx: CommerceTransaction, actor: Actor, ...entries: AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await trx
    .insertInto('audit_logs')
    .values(
      entries.map(({ action, tenantId, resourceType, resourceId, details }) => ({
        tenant_id: tenantId ?? PLATFORM_TENANT,
        actor_id: actor.userId ?? null,
        resource_type: resourceType,
        resource_id: resourceId ?? null,
        action,
        new_values: details === undefined ? null : JSON.stringify(details),
        ip_address: actor.ip ?? null,
        user_agent: actor.userAgent?.replaceAll('\0', '').slice(0, 512) ?? null,
      })),
    )
    .execute();
}
