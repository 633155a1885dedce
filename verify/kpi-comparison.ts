import { DateTime } from 'luxon';
import { bucketsOf, type TimeSpan, toInstant } from '../api/analytics/buckets.ts';
import type { Kpi } from '../api/analytics/catalogue/kpi.ts';
import { compile } from '../api/analytics/compile.ts';
import { isMoney } from '../api/analytics/formula-sql.ts';
import type { Plan } from '../api/analytics/plan.ts';
import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import type { AdminClient } from '../sql/postgres.ts';
import type { Databases } from '../transforms/databases.ts';
import { type KpiQuestion, kpiQuestions, perHour } from './kpi-questions.ts';
import { askOracle, type OracleFigure, oracleFamilies } from './oracle.ts';

/** Brands that share a zone and a currency, or the platform as a whole (`brands` null). */
export interface KpiScope {
  readonly brands: readonly { readonly id: string; readonly slug: string }[] | null;
  readonly zone: string;
  readonly currency: string;
}

export interface KpiDifference {
  readonly kpi: string;
  readonly brand: string;
  readonly grain: string;
  readonly bucket: string;
  readonly dimension: string;
  readonly slice: string | null;
  /** What the independent SQL on Postgres says. */
  readonly postgres: string | null;
  /** What the API's SQL on the marts says. */
  readonly marts: string | null;
}

export interface KpiComparison {
  /** Slugs, or '*' for the platform. */
  readonly brands: readonly string[];
  readonly figures: number;
  readonly differing: number;
  readonly named: readonly KpiDifference[];
  /** Questions whose money was not compared, because a rate is missing on both sides alike. */
  readonly withoutRates: number;
}

/** All that the stores can hold. */
const allTime: TimeSpan = { from: toInstant(DateTime.utc(1900, 1, 1)), to: toInstant(DateTime.utc(2300, 1, 1)) };

type Row = Readonly<Record<string, unknown>>;

/** kpi → brand, bucket and slice → value. */
type Figures = Map<string, Map<string, string | null>>;

const place = (brand: string, bucket: string, slice: string | null) => JSON.stringify([brand, bucket, slice]);

function oracleFigures(all: readonly OracleFigure[], question: KpiQuestion): Figures {
  const figures: Figures = new Map(question.measures.map((kpi) => [kpi.id, new Map()]));
  const grain = question.grain ?? 'total';
  for (const figure of all) {
    if (figure.grain !== grain || figure.dimension !== question.oracleDimension) continue;
    figures.get(figure.kpi)?.set(place(figure.scope, figure.bucket, figure.slice), figure.value);
  }
  return figures;
}

/** Numbers of a dimension (days, months) as the oracle writes them. */
const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));

function sliceOf(question: KpiQuestion, row: Row): string | null {
  const values = question.dimensions.map((dimension) => textOf(row[dimension]));
  return values.length < 2 ? (values[0] ?? null) : values.filter((value) => value !== null).join('/');
}

/** The only brand of the scope, by whose id its rows are read; several are read together, split by `brand`. */
function onlyBrand(scope: KpiScope): { readonly id: string; readonly slug: string } | null {
  return scope.brands?.length === 1 ? (scope.brands[0] ?? null) : null;
}

const areTogether = (scope: KpiScope) => scope.brands !== null && onlyBrand(scope) === null;

function martFigures(rows: readonly Row[], scope: KpiScope, question: KpiQuestion): Figures {
  const brandOf = (row: Row) => (areTogether(scope) ? String(row.brand) : (onlyBrand(scope)?.slug ?? '*'));
  return new Map(
    question.measures.map((kpi) => [
      kpi.id,
      new Map(
        rows.map((row) => {
          const value = row[kpi.id];
          const key = place(brandOf(row), question.grain ? String(row.time) : '', sliceOf(question, row));
          return [key, value === null || value === undefined ? null : String(value)];
        }),
      ),
    ]),
  );
}

/** What a bucket without rows means: nothing to add is 0, nothing to divide is null. */
function emptyValue(kpi: Kpi): string | null {
  if (kpi.compute.kind === 'per') return '0.000000';
  if (kpi.compute.kind !== 'sum') return null;
  return kpi.unit === 'count' ? '0' : '0.0000';
}

/** Rows and the rates that were missing, told by the statement itself. */
async function askMarts(clickhouse: ClickHouseClient, scope: KpiScope, question: KpiQuestion, where: AskedAt) {
  const { databases, now, span } = where;
  const plan: Plan = {
    measures: question.measures,
    dimensions: areTogether(scope) ? ['brand', ...question.dimensions] : question.dimensions,
    filters: areTogether(scope)
      ? [{ dimension: 'brand', op: 'in', values: (scope.brands ?? []).map(({ slug }) => slug) }]
      : [],
    grain: question.grain,
    span,
    zone: scope.zone,
    orderBy: [],
    limit: null,
  };
  const buckets =
    question.measures.some(perHour) && question.grain ? bucketsOf(span, question.grain, scope.zone, 500_000) : null;
  const { sql, parameters } = compile({
    plan,
    tenantId: onlyBrand(scope)?.id ?? null,
    now,
    mode: question.dimensions.includes('currency') ? { kind: 'as it stands' } : { kind: 'convert', to: scope.currency },
    tellCurrencies: true,
    databases: { ...databases, ops: 'ops' },
    ...(buckets ? { buckets } : {}),
  });
  const result = await clickhouse.query({
    query: sql,
    query_params: { ...parameters },
    format: 'JSONEachRow',
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
      output_format_decimal_trailing_zeros: 1,
      join_use_nulls: 0,
    },
  });
  return result.json<Row>();
}

interface AskedAt {
  readonly databases: Databases;
  readonly now: bigint;
  readonly span: TimeSpan;
}

/** The years that hold an order: a figure per hour names all its buckets in the statement. */
function spanFor(question: KpiQuestion, figures: readonly OracleFigure[]): TimeSpan {
  if (!question.measures.some(perHour)) return allTime;
  const months = figures
    .filter(({ kpi, grain }) => kpi === 'active_tenants' && grain === 'month')
    .map(({ bucket }) => bucket);
  const sorted = months.sort();
  const [first = '2000-01-01', last = '2000-01-01'] = [sorted[0], sorted.at(-1)];
  const day = (text: string) => DateTime.fromISO(text, { zone: 'utc' });
  return { from: toInstant(day(first).minus({ days: 7 })), to: toInstant(day(last).plus({ months: 1, days: 7 })) };
}

interface Tally {
  figures: number;
  differing: number;
  withoutRates: number;
  readonly named: KpiDifference[];
}

function compareQuestion(
  question: KpiQuestion,
  sides: { oracle: Figures; marts: Figures; ratesMissing: boolean },
  tally: Tally,
  toName: number,
): void {
  const oracleMisses = [...sides.oracle.values()].some((values) => [...values.values()].includes('missing rate'));
  if (oracleMisses && sides.ratesMissing) tally.withoutRates++;
  for (const kpi of question.measures) {
    // The API refuses such a question whole; whether both sides see the gap is what is left to compare.
    if (isMoney(kpi) && oracleMisses && sides.ratesMissing) continue;
    const [oracle, marts] = [sides.oracle.get(kpi.id) ?? new Map(), sides.marts.get(kpi.id) ?? new Map()];
    const places = new Set([...oracle.keys(), ...(perHour(kpi) ? [] : marts.keys())]);
    for (const at of places) {
      const postgres = oracle.has(at) ? (oracle.get(at) ?? null) : emptyValue(kpi);
      const shown = marts.has(at) ? (marts.get(at) ?? null) : emptyValue(kpi);
      tally.figures++;
      if (postgres === shown) continue;
      tally.differing++;
      const [brand, bucket, slice] = JSON.parse(at) as [string, string, string | null];
      if (tally.named.length >= toName) continue;
      const grain = question.grain ?? 'total';
      const dimension = question.oracleDimension;
      tally.named.push({ kpi: kpi.id, brand, grain, bucket, dimension, slice, postgres, marts: shown });
    }
  }
}

/**
 * Compares every KPI of a scope, whole and by bucket and slice, as the API's SQL computes it on the clone's marts with what the
 * independent SQL computes on Postgres in the client's snapshot: text against text, to the last digit.
 */
export async function compareKpis(
  postgres: AdminClient,
  clickhouse: ClickHouseClient,
  scope: KpiScope,
  options: { databases: Databases; now: bigint; toName?: number },
): Promise<KpiComparison> {
  const asked = {
    tenants: scope.brands?.map(({ id }) => id) ?? null,
    reportingCurrency: scope.brands === null ? scope.currency : null,
  };
  const tally: Tally = { figures: 0, differing: 0, withoutRates: 0, named: [] };
  const spans = await askOracle(postgres, 'platform', asked);
  const answers: { question: KpiQuestion; rows: readonly Row[] }[] = [];
  const questions = kpiQuestions(scope.brands === null).values();
  const lane = async () => {
    for (const question of questions) {
      const where = { databases: options.databases, now: options.now, span: spanFor(question, spans) };
      answers.push({ question, rows: await askMarts(clickhouse, scope, question, where) });
    }
  };
  // Both engines at once: one has the other core.
  const figures: OracleFigure[] = [];
  const oracle = async () => {
    for (const family of oracleFamilies) {
      for (const figure of await askOracle(postgres, family, asked)) figures.push(figure);
    }
  };
  await Promise.all([oracle(), lane(), lane()]);
  for (const { question, rows } of answers) {
    const told = rows[0]?.told;
    const ratesMissing = !question.dimensions.includes('currency') && Array.isArray(told) && told.length > 0;
    const sides = { oracle: oracleFigures(figures, question), marts: martFigures(rows, scope, question), ratesMissing };
    compareQuestion(question, sides, tally, options.toName ?? 20);
  }
  return { brands: scope.brands?.map(({ slug }) => slug) ?? ['*'], ...tally };
}
