import { invalid } from '../problem.ts';
import type { AsOf } from './as-of.ts';
import type { Asker } from './asker.ts';
import { compile } from './compile.ts';
import { type FigureSource, readAlone } from './figure-source.ts';
import type { Row } from './fill.ts';
import { refuseUnknownBrands } from './known-brands.ts';
import { makePlan } from './make-plan.ts';
import { notComputable } from './not-computable.ts';
import { inlined } from './parameters.ts';
import { compileOptions, type PreparedQuery, readFigures } from './read-figures.ts';
import { BRAND_ZONE, type KpiQuery } from './request.ts';
import type { Cost } from './tenant-clickhouse.ts';

export interface KpiAnswer {
  readonly rows: readonly Row[];
  readonly comparison: readonly Row[] | null;
  /** What the two were without a grain; only where it is asked for. */
  readonly totals?: { readonly rows: readonly Row[]; readonly comparison: readonly Row[] | null };
  readonly measures: readonly {
    id: string;
    name: string;
    unit: string;
    definitionVersion: number;
    notComputable?: string;
  }[];
  readonly asOf: AsOf;
  readonly timezone: string;
  /** Of all money in the answer; null when there is none, or when rows say theirs. */
  readonly currency: string | null;
}

/** Answers a query with exact figures. Throws problems. */
export async function runQuery(
  query: KpiQuery,
  asker: Asker,
  now: Date,
  signal?: AbortSignal,
  cost?: Cost,
): Promise<KpiAnswer> {
  const prepared = prepare(query, asker, now);
  await refuseUnknownBrands(query.filters, asker.reader, signal);
  return answer(prepared, asker, readAlone(asker.reader, asker.brand?.id ?? null, cost), signal);
}

/** Answers a prepared query, whose filters name no unknown brands, from a source of figures. Throws problems. */
export async function answer(
  prepared: PreparedQuery,
  asker: Asker,
  source: FigureSource,
  signal?: AbortSignal,
): Promise<KpiAnswer> {
  const { planned, zone } = prepared;
  const { own, comparison, currency } = await readFigures({ prepared, asker, source, signal });
  const reasons = await notComputable(own, comparison, planned.plan, source, signal);
  const { totals } = own;
  return {
    rows: own.rows,
    comparison: comparison?.rows ?? null,
    ...(totals === null ? {} : { totals: { rows: totals, comparison: comparison?.totals ?? null } }),
    measures: planned.plan.measures.map(({ id, name, unit, definitionVersion }) => {
      const reason = reasons.get(id);
      return { id, name, unit, definitionVersion, ...(reason === undefined ? {} : { notComputable: reason }) };
    }),
    asOf: asker.asOf,
    timezone: zone,
    currency,
  };
}

/** The SQL that gives the same figures on the marts, values inlined. It is run once, to learn which currencies occur. */
export async function explainQuery(query: KpiQuery, asker: Asker, now: Date, signal?: AbortSignal): Promise<string> {
  const all = prepare(query, asker, now);
  await refuseUnknownBrands(query.filters, asker.reader, signal);
  const planned = { ...all.planned, comparison: null };
  const prepared = { ...all, query: { ...query, withTotals: undefined }, planned };
  const whose = { tenantId: asker.brand?.id ?? null };
  const source = readAlone(asker.reader, whose.tenantId);
  const { mode } = await readFigures({ prepared, asker, source, signal });
  return inlined(compile({ ...compileOptions(prepared.planned, prepared.instant), ...whose, mode }));
}

/** Checks a query and resolves its times. Throws problems. */
export function prepare(query: KpiQuery, asker: Pick<Asker, 'isPlatform' | 'brand'>, now: Date): PreparedQuery {
  const zone = zoneOf(query, asker);
  const instant = BigInt(now.getTime()) * 1_000n;
  const planned = makePlan(query, {
    isPlatform: asker.isPlatform,
    isAllBrands: asker.brand === null,
    zone,
    now: instant,
  });
  return { query, planned, zone, instant };
}

/** Whose days a query means. Throws a problem where it means a brand's without naming one. */
export function zoneOf({ timezone }: KpiQuery, { isPlatform, brand }: Pick<Asker, 'isPlatform' | 'brand'>): string {
  if (timezone === BRAND_ZONE) {
    if (brand !== null) return brand.timezone;
    throw invalid({ path: 'timezone', message: 'there is no one brand to take it from: name it in x-tenant-id' });
  }
  return timezone ?? (isPlatform ? 'UTC' : (brand?.timezone ?? 'UTC'));
}
