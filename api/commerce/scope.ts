import type { Context } from 'hono';
import type { Identity } from '../auth/token.ts';
import { BriefCache } from '../brief-cache.ts';
import { type ApiEnv, identityOf } from '../context.ts';
import { type Created, idempotently } from '../idempotency.ts';
import { Problem } from '../problem.ts';
import { type Actor, type CommerceDatabase, type CommerceTransaction, isUuid } from './database.ts';
import { databaseFailure, wasEndedForAnother } from './database-failure.ts';
import { findTenantById, findTenantBySlug, type Tenant } from './tenants.ts';

const HEADER = 'header x-tenant-id';
const CACHE_MS = 1_000;

/** The brand a request works in. */
export interface BrandScope {
  readonly tenant: Tenant;
  readonly identity: Identity;
  /**
   * One transaction under row-level security, with the actor for audit and events. Nothing is committed when it throws. `work` runs
   * again, up to three times, when the database ended it for the sake of another (deadlock, serialization).
   */
  run<T>(work: (trx: CommerceTransaction) => Promise<T>): Promise<T>;
  /** The same for what is done together for several requests of this brand and actor: another signal ends it. */
  until(signal: AbortSignal): Pick<BrandScope, 'tenant' | 'run'>;
  /** Equal for requests of one brand whose audit entries and events name the same actor. */
  readonly actorKey: string;
  /** As `run`, for a creating POST: honours `Idempotency-Key` and answers with what `work` returns. */
  create<T>(work: (trx: CommerceTransaction) => Promise<Created<T>>): Promise<Created<T>>;
}

export interface CommerceDependencies {
  /** Null while the commerce database is not up. */
  readonly commerce?: () => CommerceDatabase | null;
}

/** Resolves the brand of requests; one per API. */
export class BrandScopes {
  private readonly commerce: () => CommerceDatabase | null;
  private readonly tenants = new BriefCache<Tenant | null>(CACHE_MS);

  constructor({ commerce = () => null }: CommerceDependencies) {
    this.commerce = commerce;
  }

  /** The commerce database, or a 503 problem while it is not up. */
  database(): CommerceDatabase {
    const database = this.commerce();
    if (database === null) {
      throw new Problem('unavailable', 'The commerce database is starting.', { headers: { 'retry-after': '2' } });
    }
    return database;
  }

  /**
   * A brand's token works in its own brand; any other name in `x-tenant-id` is refused, known or not. Platform roles name the
   * brand by id or slug. A suspended brand is refused.
   */
  async of(c: Context<ApiEnv>): Promise<BrandScope> {
    const identity = identityOf(c);
    const database = this.database();
    const tenant = await this.resolve(database, identity, c.req.header('x-tenant-id'));
    if (tenant.status === 'suspended') throw new Problem('forbidden', 'This brand is suspended.');
    const actor = actorOf(c);
    const until: BrandScope['until'] = (signal) => ({
      tenant,
      run: (work) => retried(() => database.withTenant({ ...actor, tenantId: tenant.id, signal }, work)),
    });
    const { run } = until(c.get('signal'));
    return {
      tenant,
      identity,
      run,
      until,
      actorKey: JSON.stringify([tenant.id, actor.userId, actor.ip, actor.userAgent]),
      create: (work) => run((trx) => idempotently(c, trx, tenant.id, () => work(trx))),
    };
  }

  private async resolve(database: CommerceDatabase, identity: Identity, header: string | undefined): Promise<Tenant> {
    if (identity.tenantId === null) {
      if (header === undefined) throw badHeader('invalid-request', 'name the brand by its id or slug');
      const tenant = await this.find(database, header);
      if (tenant === null) throw badHeader('not-found', 'no such brand');
      return tenant;
    }
    const tenant = await this.find(database, identity.tenantId);
    if (header !== undefined && header.toLowerCase() !== identity.tenantId && header !== tenant?.slug) {
      throw badHeader('forbidden', 'Your token is bound to another brand.');
    }
    if (tenant === null) throw new Problem('forbidden', 'Your brand does not exist any more.');
    return tenant;
  }

  /** By id or slug, remembered for a second: a suspension takes effect within that time. */
  private async find(database: CommerceDatabase, name: string): Promise<Tenant | null> {
    const tenant = await this.tenants.get(name, () =>
      isUuid(name) ? findTenantById(database, name) : findTenantBySlug(database, name),
    );
    // One that is made a moment later must be found.
    if (tenant === null) this.tenants.forget(name);
    return tenant;
  }
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--) {
    try {
      return await attempt();
    } catch (cause) {
      if (!wasEndedForAnother(cause)) throw cause;
      if (left === 0) throw databaseFailure(cause) ?? cause;
    }
  }
}

/** Who is asking, as audit entries and events record it. */
export function actorOf(c: Context<ApiEnv>): Actor {
  const { subject } = identityOf(c);
  return {
    // Tokens of the command line name a role, not a user.
    userId: isUuid(subject) ? subject : undefined,
    ip: c.get('address'),
    userAgent: c.req.header('user-agent'),
  };
}

function badHeader(type: 'invalid-request' | 'not-found' | 'forbidden', message: string): Problem {
  return new Problem(type, `${HEADER}: ${message}`, { errors: [{ path: HEADER, message }] });
}
