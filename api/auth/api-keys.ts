import { randomBytes } from 'node:crypto';
import type { CommerceDatabase, CommerceTransaction } from '../commerce/database.ts';
import { isPermissionId, type PermissionId } from './permissions.ts';

const MINUTE_MS = 60_000;

/** An API key that may be used now. */
export interface KnownKey {
  readonly id: string;
  readonly tenantId: string;
  readonly permissions: ReadonlySet<PermissionId>;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A new key: 256 random bits behind a prefix that secret scanners and people recognise. */
export function newApiKey(): string {
  return `uco_${randomBytes(32).toString('base64url')}`;
}

/** The key of a hash, unless it is revoked or expired or its brand suspended. */
export async function findApiKey(trx: CommerceTransaction, keyHash: string): Promise<KnownKey | null> {
  const row = await trx
    .selectFrom('api_keys as k')
    .innerJoin('tenants as t', 't.id', 'k.tenant_id')
    .select(['k.id', 'k.tenant_id', 'k.permissions', 'k.expires_at', 'k.last_used_at'])
    .where('k.key_hash', '=', keyHash)
    .where('k.revoked_at', 'is', null)
    .where('t.status', '=', 'active')
    .where((eb) => eb.or([eb('k.expires_at', 'is', null), eb('k.expires_at', '>', new Date())]))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    tenantId: row.tenant_id,
    permissions: new Set(row.permissions.filter(isPermissionId)),
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Records that the key was used, at most once a minute. */
export async function noteUse(database: CommerceDatabase, key: KnownKey): Promise<void> {
  const now = Date.now();
  if (key.lastUsedAt !== null && now - key.lastUsedAt.getTime() < MINUTE_MS) return;
  await database.withTenant({ tenantId: key.tenantId }, (trx) =>
    trx
      .updateTable('api_keys')
      .set({ last_used_at: new Date(now) })
      .where('id', '=', key.id)
      .execute(),
  );
}
