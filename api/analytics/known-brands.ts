import { invalid } from '../problem.ts';
import type { Filter } from './plan.ts';
import type { ScopedReader } from './tenant-clickhouse.ts';

/** Throws a problem that names every value of a filter by `brand` that is no brand's slug (of those the reader may see). */
export async function refuseUnknownBrands(
  filters: readonly Filter[],
  reader: ScopedReader,
  signal?: AbortSignal,
): Promise<void> {
  const named = filters.flatMap(({ dimension, values }, i) =>
    dimension === 'brand' ? values.map((slug, j) => ({ slug, path: `filters[${i}].values[${j}]` })) : [],
  );
  if (named.length === 0) return;
  const slugs = named.map(({ slug }) => slug ?? '');
  const sql = 'SELECT slug FROM marts.tenants WHERE slug IN {slugs:Array(String)}';
  const known = new Set(
    (await reader.query<{ slug: string }>({ sql, parameters: { slugs } }, signal)).map(({ slug }) => slug),
  );
  const unknown = named.filter(({ slug }) => slug === null || !known.has(slug));
  if (unknown.length > 0)
    throw invalid(...unknown.map(({ path }) => ({ path, message: 'is not the slug of a brand' })));
}
