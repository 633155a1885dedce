import { type Actor, type CommerceDatabase, type CommerceTransaction, isUuid } from './database.ts';

/** A brand. */
export interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** ISO 4217 code in which the brand reports. */
  readonly currency: string;
  /** IANA zone whose days are the brand's days. */
  readonly timezone: string;
  readonly status: 'active' | 'suspended';
}

export interface NewTenant {
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
}

/** A brand that can't be created as asked; `field` is the input at fault. */
export class TenantRefused extends Error {
  override readonly name = 'TenantRefused';
  readonly field: keyof NewTenant;

  constructor(field: keyof NewTenant, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** Code of the warehouse that every brand starts with. */
export const DEFAULT_WAREHOUSE = 'main';

const COLUMNS = ['id', 'slug', 'name', 'currency', 'timezone', 'status'] as const;
const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** Creates a brand with its default warehouse. Throws TenantRefused for a bad or taken value. */
export function createTenant(database: CommerceDatabase, input: NewTenant, actor: Actor = {}): Promise<Tenant> {
  return database.asPlatform(actor, (trx) => insertTenant(trx, input));
}

/** As createTenant, in a transaction of the platform. */
export async function insertTenant(trx: CommerceTransaction, input: NewTenant): Promise<Tenant> {
  const values = checked(input);
  const insert = trx.insertInto('tenants').values(values).returning(COLUMNS);
  const tenant = await insert.executeTakeFirstOrThrow().catch((error: unknown) => {
    throw refusal(error, values) ?? error;
  });
  await trx
    .insertInto('warehouses')
    .values({ tenant_id: tenant.id, code: DEFAULT_WAREHOUSE, name: 'Main warehouse' })
    .execute();
  return tenant;
}

/** All brands by slug. */
export function listTenants(database: CommerceDatabase): Promise<Tenant[]> {
  return database.asPlatform({}, (trx) => select(trx).orderBy('slug').execute());
}

/** The brand of a slug, or null. */
export async function findTenantBySlug(database: CommerceDatabase, slug: string): Promise<Tenant | null> {
  if (!SLUG.test(slug)) return null;
  const found = await database.asPlatform({}, (trx) => select(trx).where('slug', '=', slug).executeTakeFirst());
  return found ?? null;
}

/** The brand of an id, or null; also for text that is no UUID. */
export async function findTenantById(database: CommerceDatabase, id: string): Promise<Tenant | null> {
  if (!isUuid(id)) return null;
  const found = await database.asPlatform({}, (trx) => select(trx).where('id', '=', id).executeTakeFirst());
  return found ?? null;
}

function select(trx: CommerceTransaction) {
  return trx.selectFrom('tenants').select(COLUMNS);
}

function checked(input: NewTenant): NewTenant {
  const { slug, currency, timezone } = input;
  const name = input.name.trim();
  if (!SLUG.test(slug)) {
    throw new TenantRefused('slug', `slug ${quoted(slug)}: 1 to 63 lower-case letters, digits and inner hyphens`);
  }
  if (name === '' || name.length > 200 || name.includes('\0')) {
    throw new TenantRefused('name', 'name: 1 to 200 characters');
  }
  if (!CURRENCIES.has(currency)) {
    throw new TenantRefused('currency', `currency ${quoted(currency)} is not an ISO 4217 code such as GBP`);
  }
  if (!isTimezone(timezone)) {
    throw new TenantRefused('timezone', `timezone ${quoted(timezone)} is not an IANA zone such as Europe/London`);
  }
  return { slug, name, currency, timezone };
}

/** Whether this program knows the zone. Postgres is asked on insert as well, and it also minds the case. */
export function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    // "+01:00" is fine for Intl but names no zone.
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** What a constraint of the database means to whoever asked, or null. */
function refusal(error: unknown, { slug, timezone }: NewTenant): TenantRefused | null {
  switch ((error as { constraint?: string } | null)?.constraint) {
    case 'tenants_slug_key':
      return new TenantRefused('slug', `slug ${quoted(slug)} is taken by another brand`, { cause: error });
    case 'tenants_timezone':
      return new TenantRefused('timezone', `timezone ${quoted(timezone)} is not an IANA zone such as Europe/London`, {
        cause: error,
      });
    default:
      return null;
  }
}
