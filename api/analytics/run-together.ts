import type { AsOf } from './as-of.ts';
import type { Brand } from './asker.ts';
import { answer, type KpiAnswer, prepare, zoneOf } from './query.ts';
import { ReadTogether } from './read-together.ts';
import type { KpiQuery } from './request.ts';
import type { AnalyticsReader, Cost } from './tenant-clickhouse.ts';

export interface Together {
  /** Read as brands, but with the rights of a platform role. */
  readonly isPlatform: boolean;
  readonly readers: AnalyticsReader;
  readonly asOf: AsOf;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly cost: Cost;
}

/** A query that speaks of other brands' names means something else when it is asked for several. */
export function canRunTogether({ dimensions, filters }: KpiQuery): boolean {
  return ![...dimensions, ...filters.map(({ dimension }) => dimension)].includes('brand');
}

/**
 * Answers one query for several brands, each as `runQuery` answers it for that brand alone: one statement for all who share a
 * time zone. The outcomes are in the order of the brands. Rejects with the problem of a query that nobody may ask.
 */
export async function runTogether(
  query: KpiQuery,
  brands: readonly Brand[],
  together: Together,
): Promise<PromiseSettledResult<KpiAnswer>[]> {
  const outcomes = new Map<string, PromiseSettledResult<KpiAnswer>>();
  for (const group of byZone(query, brands, together.isPlatform)) {
    for (const [index, outcome] of (await runGroup(query, group, together)).entries()) {
      outcomes.set((group[index] as Brand).id, outcome);
    }
  }
  return brands.map(({ id }) => outcomes.get(id) as PromiseSettledResult<KpiAnswer>);
}

function byZone(query: KpiQuery, brands: readonly Brand[], isPlatform: boolean): Iterable<Brand[]> {
  const groups = new Map<string, Brand[]>();
  for (const brand of brands) {
    const zone = zoneOf(query, { isPlatform, brand });
    groups.set(zone, [...(groups.get(zone) ?? []), brand]);
  }
  return groups.values();
}

function runGroup(query: KpiQuery, brands: readonly Brand[], together: Together) {
  const { isPlatform, readers, asOf, now, signal, cost } = together;
  const prepared = prepare(query, { isPlatform, brand: brands[0] ?? null }, now);
  const reading = new ReadTogether(readers, signal, cost);
  return Promise.allSettled(
    brands.map((brand) => {
      const asker = { isPlatform, brand, reader: readers.forBrand(brand.id), asOf };
      return answer(prepared, asker, reading.of(brand.id), signal);
    }),
  );
}
