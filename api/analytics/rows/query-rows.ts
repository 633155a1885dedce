import { invalid, Problem } from '../../problem.ts';
import type { AsOf } from '../as-of.ts';
import type { Asker } from '../asker.ts';
import type { Instant, TimeSpan } from '../buckets.ts';
import type { Dimension, Kpi } from '../catalogue/kpi.ts';
import { kpi } from '../catalogue.ts';
import { passedMicros } from '../compile.ts';
import { readAlone } from '../figure-source.ts';
import { refuseUnknownBrands } from '../known-brands.ts';
import type { PlannedQuery } from '../make-plan.ts';
import { notComputable } from '../not-computable.ts';
import { inOneCurrency, type Told } from '../one-currency.ts';
import { instantText } from '../parameters.ts';
import type { Plan } from '../plan.ts';
import { prepare, runQuery } from '../query.ts';
import type { KpiQuery, KpiRowsQuery } from '../request.ts';
import { compileRows, hasOwnValue, partName, partsOf, partUnit } from './compile-rows.ts';
import { addsUp, rowsBehind } from './rows-behind.ts';

type Value = string | number | null;

export interface KpiRows {
  readonly measure: {
    id: string;
    name: string;
    unit: Kpi['unit'];
    definitionVersion: number;
    notComputable?: string;
  };
  readonly rowsAre: readonly Dimension[];
  readonly addsUp: boolean;
  readonly parts: readonly { id: string; name: string; unit: string }[];
  readonly figure: Value;
  readonly total: Readonly<Record<string, string>>;
  readonly count: number;
  readonly rows: readonly Readonly<Record<string, Value>>[];
  readonly span: { from: string; to: string } | null;
  readonly asOf: AsOf;
  readonly timezone: string;
  readonly currency: string | null;
}

type RawRow = Readonly<Record<string, Value>>;

/** The rows behind one figure, exact: they and the figure are of one moment. Throws problems. */
export async function runRows(question: KpiRowsQuery, asker: Asker, now: Date, signal?: AbortSignal): Promise<KpiRows> {
  const measure = kpi(question.measure);
  const query = queryOf(question, measure, asker);
  const { planned, zone, instant } = named(() => prepare(query, asker, now));
  await refuseUnknownBrands(query.filters, asker.reader, signal);
  const plan = ofBucket(planned, question);
  const { orderBy, limit } = question;
  const tenantId = asker.brand?.id ?? null;
  const passed = plan.span === null ? 0n : passedMicros(plan.span, plan.span, instant);
  const { rows, currency } = await inOneCurrency(plan, query, asker, (mode) => {
    const statement = compileRows({ plan, tenantId, now: instant, mode, orderBy, limit, passed });
    return asker.reader.query<RawRow & { told?: Told }>(statement, signal);
  });
  const figure = await figureOf(rows, measure, plan, query, asker, now, signal);
  const shown = [{ [measure.id]: figure }];
  const reason = (
    await notComputable({ rows: shown, totals: null }, null, plan, readAlone(asker.reader, tenantId), signal)
  ).get(measure.id);
  const { id, name, unit, definitionVersion } = measure;
  return {
    measure: { id, name, unit, definitionVersion, ...(reason === undefined ? {} : { notComputable: reason }) },
    rowsAre: plan.dimensions,
    addsUp: addsUp(measure),
    parts: addingParts(measure).map((part) => ({
      id: part.id,
      name: part.id === 'value' ? name : partName(part.sum),
      unit: partUnit(part.sum),
    })),
    figure: shown[0]?.[id] ?? null,
    total: totalOf(rows[0], measure),
    count: Number(rows[0]?.row_count ?? 0),
    rows: rows.map((row) => rowOf(row, plan, measure)),
    span: plan.span === null ? null : { from: iso(plan.span.from), to: iso(plan.span.to) },
    asOf: asker.asOf,
    timezone: zone,
    currency,
  };
}

function queryOf(question: KpiRowsQuery, measure: Kpi, asker: Asker): KpiQuery {
  const behind = rowsBehind(measure);
  if (behind.length === 0) throw invalid({ path: 'measure', message: `${measure.id} has no rows behind it` });
  const { timeRange, grain, filters, timezone, reportingCurrency } = question;
  if ((grain === undefined) !== (question.time === undefined)) {
    throw invalid({ path: grain === undefined ? 'grain' : 'time', message: 'is needed: grain and time go together' });
  }
  const isBeside = asker.isPlatform && asker.brand === null && !behind.includes('brand');
  return {
    measures: [measure.id],
    dimensions: isBeside ? ['brand', ...behind] : [...behind],
    ...{ timeRange, grain, filters, timezone, reportingCurrency, orderBy: [] },
  };
}

/** What is wrong with the measure is said of the field that names it here. */
function named<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const errors = error.errors.map(({ path, message }) => ({ path: path.replace('measures[0]', 'measure'), message }));
    throw new Problem(error.type, error.message.replace('measures[0]', 'measure'), { errors });
  }
}

/** The plan of the figure: of the whole span, or of one bucket, where the span cuts it. */
function ofBucket({ plan, buckets }: PlannedQuery, { time }: KpiRowsQuery): Plan {
  if (time === undefined || plan.span === null) return { ...plan, grain: null };
  const bucket = buckets?.find((one) => one.time === time);
  if (bucket === undefined) throw invalid({ path: 'time', message: 'is no bucket of this series' });
  const span: TimeSpan = {
    from: bucket.from > plan.span.from ? bucket.from : plan.span.from,
    to: bucket.to < plan.span.to ? bucket.to : plan.span.to,
  };
  return { ...plan, grain: null, span };
}

/** Sums come with the rows; a percentile, and a figure without rows, is asked for by itself, over the same span. */
async function figureOf(
  rows: readonly RawRow[],
  measure: Kpi,
  plan: Plan,
  query: KpiQuery,
  asker: Asker,
  now: Date,
  signal?: AbortSignal,
): Promise<Value> {
  const [first] = rows;
  if (first === undefined || !addsUp(measure)) {
    const { grain: _, ...asked } = query;
    const timeRange = plan.span === null ? undefined : { from: iso(plan.span.from), to: iso(plan.span.to) };
    const answer = await runQuery({ ...asked, timeRange, dimensions: [] }, asker, now, signal);
    return answer.rows[0]?.[measure.id] ?? null;
  }
  return figureValue(measure, first.figure);
}

function figureValue({ unit }: Kpi, value: Value | undefined): Value {
  if (value === null || value === undefined) return null;
  return unit === 'count' ? Number(value) : String(value);
}

function addingParts(measure: Kpi) {
  return addsUp(measure) ? partsOf(measure) : [];
}

function totalOf(first: RawRow | undefined, measure: Kpi): Record<string, string> {
  return Object.fromEntries(addingParts(measure).map(({ id }) => [id, String(first?.[`total_${id}`] ?? '0')]));
}

function rowOf(row: RawRow, plan: Plan, measure: Kpi): Record<string, Value> {
  const keys = plan.dimensions.map((dimension) => [dimension, row[dimension] ?? null]);
  const time = row.happened === null || row.happened === undefined ? null : iso(BigInt(row.happened));
  const parts = addingParts(measure).map(({ id }) => [id, String(row[id])]);
  const value = hasOwnValue(measure.compute) ? [['value', figureValue(measure, row.value)]] : [];
  return Object.fromEntries([...keys, ['time', time], ...parts, ...value]);
}

function iso(instant: Instant): string {
  return `${instantText(instant).replace(' ', 'T')}Z`;
}
