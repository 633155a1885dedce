import { isPlatformRole } from '../auth/roles.ts';
import type { Identity } from '../auth/token.ts';
import { Problem } from '../problem.ts';
import type { AsOf, StreamProgress } from './as-of.ts';
import { type AnalyticsReader, BRAND_ID, type ScopedReader } from './tenant-clickhouse.ts';

/** Brands by id, for a moment: a dashboard asks many times a second, and a brand changes its zone hardly ever. */
export class BrandCache {
  private readonly brands = new Map<string, { readonly brand: Brand; readonly until: number }>();

  get(id: string): Brand | null {
    const found = this.brands.get(id);
    return found !== undefined && found.until > performance.now() ? found.brand : null;
  }

  put(brand: Brand): void {
    if (this.brands.size >= 10_000) this.brands.clear();
    this.brands.set(brand.id, { brand, until: performance.now() + 1_000 });
  }
}

export interface Brand {
  readonly id: string;
  readonly slug: string;
  readonly currency: string;
  readonly timezone: string;
}

/** Who asks, for which rows. */
export interface Asker {
  readonly isPlatform: boolean;
  /** The brand the answer is about; null for all. */
  readonly brand: Brand | null;
  readonly reader: ScopedReader;
  /** How far the stream was before any figure was read. */
  readonly asOf: AsOf;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEADER = 'header x-tenant-id';

/**
 * Resolves a token and the header `x-tenant-id` (id or slug). A brand's token reaches its own brand only: any other name,
 * known or not, gets the same refusal. For platform roles the header narrows, and whoever is narrowed reads as that brand.
 */
export async function resolveAsker(
  identity: Identity,
  header: string | undefined,
  readers: AnalyticsReader,
  brands: BrandCache,
  progress: StreamProgress,
  now: Date,
  signal?: AbortSignal,
): Promise<Asker> {
  const isPlatform = isPlatformRole(identity.role);
  const reader = identity.tenantId === null ? readers.forPlatform() : readers.forBrand(identity.tenantId);
  const name = identity.tenantId ?? header;
  const remembered = name === undefined ? null : brands.get(name);
  const [asOf, brand] = await Promise.all([
    progress.asOf(reader, now),
    name === undefined ? null : (remembered ?? findBrand(reader, name, signal)),
  ]);
  // Only what was read now: a brand that is asked about all the time would otherwise keep its old zone for ever.
  if (brand !== null && remembered === null) brands.put(brand);
  if (identity.tenantId !== null) {
    const names = [identity.tenantId, brand?.slug];
    if (header !== undefined && !names.includes(UUID.test(header) ? header.toLowerCase() : header)) throw foreign();
    if (brand === null) throw new Problem('not-found', 'Your brand is not known here (yet).');
    return { isPlatform, brand, reader, asOf };
  }
  if (header === undefined) return { isPlatform, brand: null, reader, asOf };
  if (brand === null) {
    throw new Problem('not-found', 'There is no such brand.', { errors: [{ path: HEADER, message: 'no such brand' }] });
  }
  return { isPlatform, brand, reader: readers.forBrand(brand.id), asOf };
}

/** A brand by id or slug, of those the reader may see. */
export async function findBrand(reader: ScopedReader, name: string, signal?: AbortSignal): Promise<Brand | null> {
  const isId = UUID.test(name);
  const sql = `SELECT id, slug, currency, timezone FROM marts.tenants WHERE ${isId ? 'id = {id:UUID}' : 'slug = {slug:String}'}`;
  const [brand] = await reader.query<Brand>(
    { sql, parameters: isId ? { id: name.toLowerCase() } : { slug: name } },
    signal,
  );
  return brand ?? null;
}

/** Brands of these ids; those that are not known are left out. */
export async function findBrands(
  readers: AnalyticsReader,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Brand[]> {
  const sql = `SELECT id AS ${BRAND_ID}, id, slug, currency, timezone FROM marts.tenants WHERE id IN {tenants:Array(UUID)}`;
  const rows = await readers.forBrands(ids).query<Brand>({ sql, parameters: { tenants: ids } }, signal);
  return [...rows.values()].flat();
}

function foreign(): Problem {
  const message = 'Your token is bound to another brand.';
  return new Problem('forbidden', message, { errors: [{ path: HEADER, message }] });
}
