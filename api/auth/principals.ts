import type { Context } from 'hono';
import { BriefCache } from '../brief-cache.ts';
import type { CommerceDatabase } from '../commerce/database.ts';
import { Problem } from '../problem.ts';
import { findApiKey, type KnownKey, noteUse } from './api-keys.ts';
import { accessCookie, refuseCrossSite } from './cookies.ts';
import { KnownTokens } from './known-tokens.ts';
import { type PermissionId, type Rights, rightsOf, seededRights } from './permissions.ts';
import { hashToken } from './refresh-token.ts';
import { liveSession } from './sessions.ts';
import { bearerToken, type Claims, type Identity, refused } from './token.ts';

/** A revoked key, an ended session and a changed role take effect within this time. */
const KEEP_MS = 1_000;

/** Who asks and what they may do. */
export interface Principal {
  readonly identity: Identity;
  readonly permissions: ReadonlySet<PermissionId>;
}

/** Finds out who makes a request: by access token (header or cookie) or API key. One per API. */
export class Principals {
  private readonly tokens: KnownTokens;
  private readonly commerce: () => CommerceDatabase | null;
  private readonly sessions = new BriefCache<Awaited<ReturnType<typeof liveSession>>>(KEEP_MS);
  private readonly keys = new BriefCache<KnownKey | null>(KEEP_MS);
  private readonly rights = new BriefCache<Rights>(KEEP_MS);
  private lastRights = seededRights;

  constructor(secret: Uint8Array | string, commerce: () => CommerceDatabase | null) {
    this.tokens = new KnownTokens(secret);
    this.commerce = commerce;
  }

  /** Throws an `unauthenticated` problem, and `forbidden` for a cookie that another site may have sent. */
  async of(c: Context): Promise<Principal> {
    const header = c.req.header('authorization');
    const cookie = header === undefined ? accessCookie(c) : undefined;
    if (cookie !== undefined) refuseCrossSite(c);
    const token = cookie ?? bearerToken(header);
    return token.startsWith('uco_') ? this.ofKey(token) : this.ofToken(token);
  }

  private async ofToken(token: string): Promise<Principal> {
    const claims = await this.tokens.claimsOf(token);
    const identity = claims.sessionId === undefined ? claims : await this.ofSession(claims, claims.sessionId);
    return { identity, permissions: (await this.currentRights())[identity.role] };
  }

  /** The role of now rather than that of when the token was made. Without the database the token's own word holds, for its 15 minutes. */
  private async ofSession(claims: Claims, sessionId: string): Promise<Claims> {
    const database = this.commerce();
    if (database === null) return claims;
    const user = await this.sessions
      .get(sessionId, () => database.asPlatform({}, (trx) => liveSession(trx, sessionId)))
      .catch(() => undefined);
    if (user === undefined) return claims;
    if (user?.id !== claims.subject || user.tenant_id !== claims.tenantId) throw refused('ended');
    return { ...claims, role: user.role };
  }

  private async ofKey(key: string): Promise<Principal> {
    const database = this.commerce();
    if (database === null) {
      throw new Problem('unavailable', 'API keys can not be checked right now.', { headers: { 'retry-after': '2' } });
    }
    const hash = hashToken(key);
    const known = await this.keys.get(hash, async () => {
      const found = await database.asPlatform({}, (trx) => findApiKey(trx, hash));
      if (found !== null) await noteUse(database, found);
      return found;
    });
    if (known === null || (known.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now()) throw refused('key');
    return {
      identity: { subject: known.id, role: 'api_key', tenantId: known.tenantId },
      permissions: known.permissions,
    };
  }

  /** As the rows say; when they can't be read, as they said last. */
  async currentRights(): Promise<Rights> {
    const database = this.commerce();
    if (database === null) return this.lastRights;
    const read = async () =>
      rightsOf(await database.asPlatform({}, (trx) => trx.selectFrom('role_permissions').selectAll().execute()));
    try {
      this.lastRights = await this.rights.get('all', read);
    } catch {
      // A database that is gone takes no rights away.
    }
    return this.lastRights;
  }
}
