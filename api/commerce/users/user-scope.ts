import type { Context } from 'hono';
import type { PermissionId, Rights } from '../../auth/permissions.ts';
import { isPlatformRole, type Role } from '../../auth/roles.ts';
import { type ApiEnv, identityOf } from '../../context.ts';
import { type Created, idempotently, PLATFORM_TENANT } from '../../idempotency.ts';
import { invalid, Problem } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { actorOf, type BrandScopes } from '../scope.ts';

/** Whose users a request is about: those of a brand, or the platform's own. */
export interface UserScope {
  /** Null for the platform. */
  readonly tenantId: string | null;
  run<T>(work: (trx: CommerceTransaction) => Promise<T>): Promise<T>;
  create<T>(work: (trx: CommerceTransaction) => Promise<Created<T>>): Promise<Created<T>>;
}

/** A brand's own users; for platform roles those of the brand that `x-tenant-id` names, and without it the platform's own. */
export async function userScope(c: Context<ApiEnv>, scopes: BrandScopes): Promise<UserScope> {
  const { tenantId } = identityOf(c);
  if (tenantId !== null || c.req.header('x-tenant-id') !== undefined) {
    const { tenant, run, create } = await scopes.of(c);
    return { tenantId: tenant.id, run, create };
  }
  const database = scopes.database();
  const actor = actorOf(c);
  return {
    tenantId: null,
    run: (work) => database.asPlatform(actor, work),
    create: (work) => database.asPlatform(actor, (trx) => idempotently(c, trx, PLATFORM_TENANT, () => work(trx))),
  };
}

/** Refuses a role that does not fit the scope. */
export function requireFitting(role: Role, tenantId: string | null): void {
  if (isPlatformRole(role) === (tenantId === null)) return;
  const whose = tenantId === null ? 'is a role of brands: name the brand' : 'is a role of the platform';
  throw invalid({ path: 'role', message: whose });
}

/**
 * Refuses to give, or to touch somebody who has, a role that may more than who asks. Platform roles that manage users may give any: to
 * administer a brand is not to see its customers' addresses.
 */
export function requireReach(c: Context<ApiEnv>, rights: Rights, role: Role): void {
  const { tenantId } = identityOf(c);
  const held: ReadonlySet<PermissionId> = c.get('permissions');
  if (tenantId === null || [...rights[role]].every((permission) => held.has(permission))) return;
  throw new Problem('forbidden', `The role ${role} may more than you.`, {
    errors: [{ path: 'role', message: 'is above your own' }],
  });
}
