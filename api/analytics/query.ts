import { invalid, Problem } from '../problem.ts';
import type { AsOf } from './as-of.ts';
import type { Asker } from './asker.ts';
import { IS_COMPARISON } from './block-context.ts';
import type { Bucket, Instant, TimeSpan } from './buckets.ts';
import { type CompileOptions, compile, type Timed } from './compile.ts';
import { type FigureSource, readAlone } from './figure-source.ts';
import { filled, ordered, type RawRow, type Row, unfilled } from './fill.ts';
import { isMoney } from './formula-sql.ts';
import { refuseUnknownBrands } from './known-brands.ts';
import { makePlan, type PlannedQuery } from './make-plan.ts';
import { notComputable } from './not-computable.ts';
import { inlined } from './parameters.ts';
import type { MoneyMode, Plan } from './plan.ts';
import { BRAND_ZONE, type KpiQuery, MOST_ROWS } from './request.ts';
import type { Cost } from './tenant-clickhouse.ts';

export interface KpiAnswer {
  readonly rows: readonly Row[];
  readonly comparison: readonly Row[] | null;
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

/** A query whose times are resolved: the same for all who ask it in the same zone at the same instant. */
export interface PreparedQuery {
  readonly query: KpiQuery;
  readonly planned: PlannedQuery;
  readonly zone: string;
  readonly instant: Instant;
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
  const reading = { prepared, asker, source, signal };
  const { rows, comparison, currency } = await readBoth(planned, reading);
  const reasons = await notComputable(rows, comparison ?? [], planned.plan, source, signal);
  return {
    ...{ rows, comparison },
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
  const prepared = prepare(query, asker, now);
  await refuseUnknownBrands(query.filters, asker.reader, signal);
  const whose = { tenantId: asker.brand?.id ?? null };
  const source = readAlone(asker.reader, whose.tenantId);
  const { mode } = await readFigures('figures', prepared.planned, null, { prepared, asker, source, signal });
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

type Planned = Pick<PlannedQuery, 'plan' | 'buckets'>;

function compileOptions({ plan, buckets }: Planned, now: Instant): Omit<CompileOptions, 'mode' | 'tenantId'> {
  return { plan, now, ...(buckets === null ? {} : { buckets }) };
}

interface Reading {
  readonly prepared: PreparedQuery;
  readonly asker: Asker;
  readonly source: FigureSource;
  readonly signal: AbortSignal | undefined;
}

interface Figures {
  readonly rows: Row[];
  /** Of the span that was read along. */
  readonly comparison: Row[] | null;
  readonly currency: string | null;
  readonly mode: MoneyMode;
}

/** The figures and what they are compared with: in one reading, unless the spans overlap. */
async function readBoth(planned: PlannedQuery, reading: Reading): Promise<Omit<Figures, 'mode'>> {
  const { plan, comparison } = planned;
  const end = comparison?.plan.span?.to;
  const isApart = end !== undefined && plan.span !== null && end <= plan.span.from;
  const figures = await readFigures('figures', planned, isApart ? comparison : null, reading);
  if (comparison === null || isApart) return figures;
  const { rows } = await readFigures('comparison', comparison, null, reading, figures.mode);
  return { ...figures, comparison: rows };
}

/** One reading of a plan's figures, and of those of another span along with them. */
async function readFigures(
  name: string,
  planned: Planned,
  compared: Planned | null,
  { prepared: { query, instant }, asker, source, signal }: Reading,
  like?: MoneyMode,
): Promise<Figures> {
  const { plan, buckets } = planned;
  const options = {
    ...compileOptions(planned, instant),
    ...(compared === null ? {} : { compared: timed(compared) }),
    ...{ tellCurrencies: true, mostRows: MOST_ROWS + 1 },
  };
  const read = (mode: MoneyMode) =>
    source.read<RawRow & { told?: Told }>(
      `${name} ${mode.kind === 'convert' ? mode.to : ''}`,
      (whose) => compile({ ...options, ...whose, mode }),
      signal,
    );
  const { rows, currency, mode } = await inOneCurrency(plan, query, asker, read, like);
  const of = (which: 0 | 1) => rows.filter((row) => Number(row[IS_COMPARISON] ?? 0) === which);
  return {
    rows: shaped(of(0), plan, buckets, instant),
    comparison: compared === null ? null : shaped(of(1), compared.plan, compared.buckets, instant),
    ...{ currency, mode },
  };
}

function timed({ plan: { span }, buckets }: Planned): Timed {
  return { span: span as TimeSpan, ...(buckets === null ? {} : { buckets }) };
}

/** Currencies seen, or rates missing. */
export type Told = readonly (string | readonly [string, string])[];

/**
 * Reads what tells its currencies with money as it stands, and again with conversion when that turns out to be in other
 * currencies than asked for: most brands have one, and joining rates costs more than the figures.
 */
export async function inOneCurrency<R extends { told?: Told }>(
  plan: Plan,
  query: Pick<KpiQuery, 'reportingCurrency'>,
  asker: Pick<Asker, 'brand'>,
  readIn: (mode: MoneyMode) => Promise<R[]>,
  like?: MoneyMode,
): Promise<{ rows: R[]; currency: string | null; mode: MoneyMode }> {
  const read = async (mode: MoneyMode) => {
    const rows = await timeZoneKnown(readIn(mode));
    return { told: union(rows), rows };
  };
  const target = targetCurrency(plan, query, asker);
  const hasMoney = plan.measures.some(isMoney);
  // All brands together hardly ever have one currency.
  const isMixed = hasMoney && target !== null && asker.brand === null;
  if (like?.kind !== 'convert' && !isMixed) {
    const mode: MoneyMode = { kind: 'as it stands' };
    const { told, rows } = await read(mode);
    const seen = told as string[];
    if (!hasMoney) return { rows, currency: null, mode };
    if (target === null) return { rows, currency: onlyCurrency(seen, plan), mode };
    if (seen.every((currency) => currency === target)) return { rows, currency: target, mode };
  }
  const mode: MoneyMode = { kind: 'convert', to: target ?? '' };
  const { told, rows } = await read(mode);
  if (told.length > 0) throw missingRates(told as [string, string][], target ?? '');
  return { rows, currency: target, mode };
}

function union(rows: readonly { told?: Told }[]): (string | readonly [string, string])[] {
  return [...new Map(rows.flatMap(({ told = [] }) => told).map((one) => [String(one), one])).values()];
}

/** Into what money is converted; null leaves it as it stands. */
function targetCurrency(
  plan: Plan,
  query: Pick<KpiQuery, 'reportingCurrency'>,
  asker: Pick<Asker, 'brand'>,
): string | null {
  if (query.reportingCurrency !== undefined) return query.reportingCurrency;
  if (plan.dimensions.includes('currency')) return null;
  return asker.brand?.currency ?? null;
}

function onlyCurrency(seen: readonly string[], plan: Plan): string | null {
  if (seen.length <= 1) return seen[0] ?? null;
  if (plan.dimensions.includes('currency')) return null;
  const message = `is needed: the figures are in ${[...seen].sort().join(', ')}; or take the dimension currency`;
  throw new Problem('several-currencies', `reportingCurrency ${message}.`, {
    errors: [{ path: 'reportingCurrency', message }],
  });
}

function missingRates(missing: readonly [string, string][], to: string): Problem {
  const errors = missing
    .map(([from, day]) => ({ day, message: `there is no rate from ${from} to ${to} on or before ${day}` }))
    .sort((left, right) => (left.day + left.message < right.day + right.message ? -1 : 1))
    .slice(0, 20)
    .map(({ message }) => ({ path: 'reportingCurrency', message }));
  return new Problem('missing-exchange-rate', `${errors[0]?.message}.`, { errors });
}

function shaped(rows: readonly RawRow[], plan: Plan, buckets: readonly Bucket[] | null, now: Instant): Row[] {
  if (rows.length > MOST_ROWS) throw tooManyRows();
  if (buckets === null) return unfilled(rows, plan, now);
  const slices = new Set(rows.map((row) => JSON.stringify(plan.dimensions.map((dimension) => row[dimension])))).size;
  if (slices * buckets.length > MOST_ROWS) throw tooManyRows();
  return ordered(filled(rows, plan, buckets, now), plan);
}

function tooManyRows(): Problem {
  const message = `the answer would have more than ${MOST_ROWS} rows: take fewer dimensions, a coarser grain or a limit`;
  return new Problem('query-too-large', message, { errors: [{ path: 'dimensions', message }] });
}

/** Zones are checked against our own list; the engine may have an older one. */
async function timeZoneKnown<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && /Cannot load time zone/.test(error.message)) {
      throw invalid({ path: 'timezone', message: 'is not known to the analytics store' });
    }
    throw error;
  }
}
