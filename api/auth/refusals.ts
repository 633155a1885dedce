import type { Context } from 'hono';
import type { CommerceDatabase } from '../commerce/database.ts';
import { actorOf } from '../commerce/scope.ts';
import { type ApiEnv, identityOf } from '../context.ts';
import { writeAudit } from './audit.ts';
import type { PermissionId } from './permissions.ts';

const AGAIN_MS = 60_000;

/** Records that somebody we know asked for what they may not: once a minute for each of them and endpoint, however often they ask. */
export class Refusals {
  private readonly commerce: () => CommerceDatabase | null;
  private readonly noted = new Map<string, number>();

  constructor(commerce: () => CommerceDatabase | null) {
    this.commerce = commerce;
  }

  /** Never fails: a refusal that can't be recorded is still one. */
  async note(c: Context<ApiEnv>, endpoint: string, permission: PermissionId): Promise<void> {
    const { subject, tenantId } = identityOf(c);
    const key = `${tenantId} ${subject} ${endpoint}`;
    const now = performance.now();
    if ((this.noted.get(key) ?? 0) > now) return;
    if (this.noted.size >= 10_000) this.noted.clear();
    this.noted.set(key, now + AGAIN_MS);
    const details = { endpoint, permission };
    const actor = actorOf(c);
    await this.commerce()
      ?.asPlatform(actor, (trx) =>
        writeAudit(trx, actor, { action: 'ACCESS_REFUSED', tenantId, resourceType: 'endpoints', details }),
      )
      .catch(() => {});
  }
}
