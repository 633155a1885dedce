import type { AdminClient } from '../../sql/postgres.ts';
import { createRandom, uuidAt } from './random.ts';

export interface Brand {
  readonly id: string;
  readonly slug: string;
  readonly currency: string;
}

export const currencies = ['GBP', 'EUR', 'USD', 'JPY', 'AUD'] as const;

/** Zones with offsets of 30 and 45 minutes, half-hour summer time, both hemispheres and both sides of the date line. */
export const zones = [
  'Europe/London',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'America/New_York',
  'Asia/Tokyo',
  'Pacific/Chatham',
  'Pacific/Honolulu',
] as const;

const variantsPerBrand = 12;

/** The brands that traffic of a seed runs on. Same seed, same ids. */
export function brandsOf(seed: number, count: number, now: number): Brand[] {
  const random = createRandom(seed).fork('brands');
  return Array.from({ length: count }, (_, index) => ({
    id: uuidAt(random, now - 500 * 86_400_000 + index),
    slug: `brand-${seed}-${index + 1}`,
    currency: currencies[index % currencies.length] ?? 'EUR',
  }));
}

/** Writes brands, rates, products, stock and warehouses; does nothing for those that exist. One transaction. */
export async function provisionBrands(client: AdminClient, seed: number, brands: readonly Brand[], now: number) {
  const random = createRandom(seed).fork('provision');
  await client.query('BEGIN');
  for (const base of currencies) {
    for (const quote of currencies) {
      if (base === quote) continue;
      // The first rate is older than anything, so that no conversion is ever without one.
      for (const day of ['1900-01-01', '2025-01-01', '2025-07-01']) {
        const rate = `${random.integer(0, 3)}.${random.integer(1_000_000_000, 9_999_999_999)}`;
        await client.query('INSERT INTO commerce.fx_rates VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
          base,
          quote,
          day,
          rate,
          'traffic',
        ]);
      }
    }
  }
  for (const [index, brand] of brands.entries()) {
    await provisionBrand(client, seed, brand, zones[index % zones.length] ?? 'UTC', now);
  }
  await client.query('COMMIT');
}

async function provisionBrand(client: AdminClient, seed: number, brand: Brand, zone: string, now: number) {
  const random = createRandom(seed).fork(brand.id);
  const id = () => uuidAt(random, now - 450 * 86_400_000 + random.integer(0, 86_400_000));
  const { rowCount } = await client.query(
    `INSERT INTO commerce.tenants (id, slug, name, currency, timezone, allow_negative_stock) VALUES ($1, $2, $3, $4, $5, true)
     ON CONFLICT DO NOTHING`,
    [brand.id, brand.slug, `Brand ${brand.slug}`, brand.currency, zone],
  );
  if (rowCount === 0) return;
  const warehouses = [id(), id()];
  for (const [index, warehouse] of warehouses.entries()) {
    await client.query('INSERT INTO commerce.warehouses (tenant_id, id, code, name) VALUES ($1, $2, $3, $4)', [
      brand.id,
      warehouse,
      `W${index + 1}`,
      `Warehouse ${index + 1}`,
    ]);
  }
  for (let index = 0; index < variantsPerBrand; index++) {
    const [product, variant] = [id(), id()];
    await client.query('INSERT INTO commerce.products (tenant_id, id, name, category) VALUES ($1, $2, $3, $4)', [
      brand.id,
      product,
      `Product ${index % 10}`,
      index % 4 === 3 ? null : `Category ${index % 3}`,
    ]);
    await client.query(
      `INSERT INTO commerce.product_variants (tenant_id, id, product_id, sku, unit_cost, cost_currency, reorder_point)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      index % 5 === 4
        ? [brand.id, variant, product, `SKU-${index}`, null, null, null]
        : [brand.id, variant, product, `SKU-${index}`, `${index}.2575`, random.pick(currencies), index * 3],
    );
    for (const warehouse of warehouses) {
      await client.query(
        `INSERT INTO commerce.inventory (tenant_id, id, variant_id, warehouse_id, on_hand, allocated, allow_negative)
         VALUES ($1, $2, $3, $4, $5, $6, true)`,
        [brand.id, id(), variant, warehouse, random.integer(0, 90), random.integer(0, 20)],
      );
    }
  }
}
