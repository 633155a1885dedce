import type { CommerceDatabase } from '../database.ts';
import { createTenant, listTenants } from '../tenants.ts';
import type { ImportBrand } from './check-row.ts';
import { ImportRefused } from './import-refused.ts';
import { ZoneClock } from './local-time.ts';
import { shown } from './problem.ts';

export interface BrandOptions {
  /** All lines belong to this brand. */
  readonly tenant?: string;
  readonly createTenants?: boolean;
  /** Of brands that are created. */
  readonly currency?: string;
  readonly timezone?: string;
}

/** A brand that the file names. */
export interface KnownBrand extends ImportBrand {
  /** Null: not stored yet. */
  readonly id: string | null;
}

const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The brands lines may belong to: those that exist, and with `createTenants` any other with a proper slug. */
export class ImportBrands {
  readonly #stored: ReadonlyMap<string, KnownBrand>;
  readonly #options: BrandOptions;
  readonly #used = new Map<string, KnownBrand>();

  private constructor(stored: ReadonlyMap<string, KnownBrand>, options: BrandOptions) {
    this.#stored = stored;
    this.#options = options;
  }

  static async load(database: CommerceDatabase, options: BrandOptions): Promise<ImportBrands> {
    checkOptions(options);
    const rows = await listTenants(database);
    const clocks = new Map<string, ZoneClock>();
    const clock = (zone: string) => {
      const known = clocks.get(zone) ?? new ZoneClock(zone);
      clocks.set(zone, known);
      return known;
    };
    const stored = new Map(
      rows.map(({ id, slug, currency, timezone }) => [
        slug,
        { id, slug, currency, isNew: false, clock: clock(timezone) },
      ]),
    );
    const brands = new ImportBrands(stored, options);
    if (options.tenant !== undefined) {
      const found = brands.of(options.tenant);
      if (typeof found === 'string') throw new ImportRefused(found);
    }
    return brands;
  }

  /** The brand of a row by the slug it gives ('' where it gives none), or what is wrong. */
  of(slug: string): KnownBrand | string {
    const { tenant } = this.#options;
    const wanted = slug === '' ? (tenant ?? '') : slug;
    const used = this.#used.get(wanted);
    if (used && (tenant === undefined || wanted === tenant)) return used;
    if (wanted === '') return 'no brand: give a column tenant with its slug, or --tenant for the whole file';
    if (tenant !== undefined && wanted !== tenant) {
      return `the line belongs to brand ${shown(wanted)}, but --tenant says ${shown(tenant)}: leave out one of them`;
    }
    const brand = this.#stored.get(wanted) ?? this.#newBrand(wanted);
    if (typeof brand !== 'string') this.#used.set(wanted, brand);
    return brand;
  }

  /** Brands that good lines were asked for, by slug. */
  get used(): KnownBrand[] {
    return [...this.#used.values()].toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
  }

  #newBrand(slug: string): KnownBrand | string {
    const { createTenants, currency, timezone } = this.#options;
    if (!createTenants || currency === undefined || timezone === undefined) {
      return `unknown brand ${shown(slug)}: create it with "uco tenants create", or add --create-tenants --currency C --timezone Z`;
    }
    if (!SLUG.test(slug)) {
      return `${shown(slug)} can't be the slug of a brand: use 1 to 63 of a–z, 0–9 and -, neither first nor last a -`;
    }
    return { id: null, slug, currency, clock: new ZoneClock(timezone) };
  }

  /** Stores a brand that is new, and gives it its id. Its name is its slug until somebody names it. */
  async stored(database: CommerceDatabase, brand: KnownBrand): Promise<StoredBrand> {
    if (brand.id !== null) return { ...brand, id: brand.id };
    const { slug, currency } = brand;
    const { id } = await createTenant(database, {
      slug,
      name: slug,
      currency,
      timezone: this.#options.timezone ?? 'UTC',
    });
    return { ...brand, id };
  }
}

export type StoredBrand = KnownBrand & { readonly id: string };

function checkOptions({ createTenants, currency, timezone }: BrandOptions): void {
  if (createTenants && (currency === undefined || timezone === undefined)) {
    throw new ImportRefused(
      '--create-tenants needs --currency and --timezone',
      'For example --currency GBP --timezone Europe/London.',
    );
  }
  if (currency !== undefined && !Intl.supportedValuesOf('currency').includes(currency)) {
    throw new ImportRefused(`unknown currency ${shown(currency)}`, 'Use an ISO 4217 code such as GBP, in capitals.');
  }
  if (timezone !== undefined) {
    try {
      new ZoneClock(timezone);
    } catch (cause) {
      throw new ImportRefused(`unknown time zone ${shown(timezone)}`, 'Use a name such as Europe/London.', { cause });
    }
  }
}
