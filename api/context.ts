import type { Context } from 'hono';
import type { PermissionId } from './auth/permissions.ts';
import type { Identity } from './auth/token.ts';
import { Problem } from './problem.ts';

/** What every handler finds in its request's context. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Of the client, see client-address.ts; undefined for requests within the process. */
    address: string | undefined;
    /** Set for endpoints that need a token; see `identityOf`. */
    identity: Identity | null;
    /** What they may do; empty for public endpoints. */
    permissions: ReadonlySet<PermissionId>;
    /** Looks again who asks, for answers that take long: rejects with a problem when they may no longer. */
    admit: () => Promise<{ readonly identity: Identity }>;
    /** Fires when the client goes away or the request has taken too long. */
    signal: AbortSignal;
  };
}

/** Who asks; throws `unauthenticated` where the endpoint let somebody through without a token. */
export function identityOf(c: Context<ApiEnv>): Identity {
  const identity = c.get('identity');
  if (identity === null) throw new Problem('unauthenticated', 'Send an access token.');
  return identity;
}

/** Whether who asks holds a permission beyond the one that the endpoint needs, such as to see personal data. */
export function may(c: Context<ApiEnv>, permission: PermissionId): boolean {
  return c.get('permissions').has(permission);
}
