// The rows of a query's answer, exact and complete: empty buckets are there, nothing is cut off silently.
import { Problem } from '../problem.ts';
import type { Asker } from './asker.ts';
import { IS_COMPARISON, IS_TOTAL } from './block-context.ts';
import type { Instant, TimeSpan } from './buckets.ts';
import { type CompileOptions, compile, type Timed } from './compile.ts';
import type { FigureSource } from './figure-source.ts';
import { filled, ordered, type RawRow, type Row, totalled, unfilled } from './fill.ts';
import type { PlannedQuery } from './make-plan.ts';
import { inOneCurrency, type Told } from './one-currency.ts';
import type { MoneyMode } from './plan.ts';
import { type KpiQuery, MOST_ROWS } from './request.ts';

/** A query whose times are resolved: the same for all who ask it in the same zone at the same instant. */
export interface PreparedQuery {
  readonly query: KpiQuery;
  readonly planned: PlannedQuery;
  readonly zone: string;
  readonly instant: Instant;
}

export interface Reading {
  readonly prepared: PreparedQuery;
  readonly asker: Asker;
  readonly source: FigureSource;
  readonly signal: AbortSignal | undefined;
}

/** The rows of a span: by bucket, or of the whole. */
export interface SpanRows {
  readonly rows: Row[];
  /** Of all buckets together, where they are asked for. */
  readonly totals: Row[] | null;
}

export interface Figures {
  readonly own: SpanRows;
  readonly comparison: SpanRows | null;
  /** Of all money; null when there is none, or when rows say theirs. */
  readonly currency: string | null;
  readonly mode: MoneyMode;
}

type Planned = Pick<PlannedQuery, 'plan' | 'buckets'>;

/** Reads the figures and what they are compared with: in one statement, unless the spans overlap. Throws problems. */
export async function readFigures(reading: Reading): Promise<Figures> {
  const { planned } = reading.prepared;
  const { plan, comparison } = planned;
  const end = comparison?.plan.span?.to;
  const isApart = end !== undefined && plan.span !== null && end <= plan.span.from;
  const figures = await readSpan('figures', planned, isApart ? comparison : null, reading);
  if (comparison === null || isApart) return figures;
  const { own } = await readSpan('comparison', comparison, null, reading, figures.mode);
  return { ...figures, comparison: own };
}

/** The figures of one span, and of an earlier one along with it. */
async function readSpan(
  name: string,
  planned: Planned,
  compared: Planned | null,
  { prepared: { query, instant }, asker, source, signal }: Reading,
  like?: MoneyMode,
): Promise<Figures> {
  const withTotals = query.withTotals === true;
  const options = {
    ...compileOptions(planned, instant),
    ...(compared === null ? {} : { compared: timed(compared) }),
    ...{ tellCurrencies: true, mostRows: MOST_ROWS + 1, withTotals },
  };
  const read = (mode: MoneyMode) =>
    source.read<RawRow & { told?: Told }>(
      `${name} ${mode.kind === 'convert' ? mode.to : ''}`,
      (whose) => compile({ ...options, ...whose, mode }),
      signal,
    );
  const { rows, currency, mode } = await inOneCurrency(planned.plan, query, asker, read, like);
  const of = (which: 0 | 1, span: Planned): SpanRows => {
    const all = rows.filter((row) => Number(row[IS_COMPARISON] ?? 0) === which);
    const isTotal = (row: RawRow) => Number(row[IS_TOTAL] ?? 0) === 1;
    return {
      rows: shaped(
        all.filter((row) => !isTotal(row)),
        span,
        instant,
      ),
      totals: withTotals ? totalled(limited(all.filter(isTotal)), span.plan, instant) : null,
    };
  };
  return { own: of(0, planned), comparison: compared === null ? null : of(1, compared), currency, mode };
}

/** How a plan is compiled, whoever asks. */
export function compileOptions({ plan, buckets }: Planned, now: Instant): Omit<CompileOptions, 'mode' | 'tenantId'> {
  return { plan, now, ...(buckets === null ? {} : { buckets }) };
}

function timed({ plan: { span }, buckets }: Planned): Timed {
  return { span: span as TimeSpan, ...(buckets === null ? {} : { buckets }) };
}

function shaped(rows: readonly RawRow[], { plan, buckets }: Planned, now: Instant): Row[] {
  if (buckets === null) return unfilled(limited(rows), plan, now);
  const slices = new Set(rows.map((row) => JSON.stringify(plan.dimensions.map((dimension) => row[dimension])))).size;
  if (slices * buckets.length > MOST_ROWS) throw tooManyRows();
  return ordered(filled(limited(rows), plan, buckets, now), plan);
}

function limited(rows: readonly RawRow[]): readonly RawRow[] {
  if (rows.length > MOST_ROWS) throw tooManyRows();
  return rows;
}

function tooManyRows(): Problem {
  const message = `the answer would have more than ${MOST_ROWS} rows: take fewer dimensions, a coarser grain or a limit`;
  return new Problem('query-too-large', message, { errors: [{ path: 'dimensions', message }] });
}
