import { type FieldError, invalid, Problem } from '../problem.ts';
import { type Bucket, bucketsOf, type Instant } from './buckets.ts';
import type { Dimension, Kpi } from './catalogue/kpi.ts';
import { kpi } from './catalogue.ts';
import type { Filter, Order, Plan } from './plan.ts';
import { isCurrency, type KpiQuery, MOST_BUCKETS } from './request.ts';
import { rowsBehind } from './rows/rows-behind.ts';
import { comparedRange, type ResolvedRange, resolveRange } from './time-range.ts';

/** A checked query: its plan, and the plan of the span it is compared with. */
export interface PlannedQuery {
  readonly plan: Plan;
  /** Buckets of the span, to be filled; null without a grain. */
  readonly buckets: readonly Bucket[] | null;
  readonly comparison: { readonly plan: Plan; readonly buckets: readonly Bucket[] | null } | null;
}

export interface PlanningContext {
  readonly isPlatform: boolean;
  /** The rows of all brands are asked for. */
  readonly isAllBrands?: boolean;
  readonly zone: string;
  readonly now: Instant;
}

/** Checks a query against the catalogue and resolves its times. Throws a problem that names every field that is wrong. */
export function makePlan(query: KpiQuery, { isPlatform, isAllBrands, zone, now }: PlanningContext): PlannedQuery {
  const measures = query.measures.map(kpi);
  const dimensions = withStockState(measures, query.dimensions);
  if (!isPlatform) refusePlatformOnly(query, measures);
  const wrong = [
    ...unsupported(measures, query),
    ...wrongStates(measures, query),
    ...wrongOrder(query, dimensions),
    ...(isAllBrands === true ? nameless(query) : []),
    ...wrongValues(query.filters),
  ];
  if (wrong.length > 0) throw invalid(...wrong);
  const isTimed = measures.some(({ isState }) => isState !== true);
  const range = query.timeRange === undefined ? null : resolveRange(query.timeRange, zone, now);
  const planFor = (span: ResolvedRange | null): PlannedQuery['plan'] => ({
    measures,
    dimensions,
    filters: query.filters,
    grain: query.grain ?? null,
    span: isTimed ? span : null,
    zone,
    orderBy: query.orderBy,
    limit: query.limit ?? null,
  });
  const compared =
    query.compareTo === undefined || query.timeRange === undefined || range === null
      ? null
      : comparedRange(query.timeRange, range, query.compareTo, zone, now);
  return {
    plan: planFor(range),
    buckets: buckets(range, query, zone),
    comparison: compared === null ? null : { plan: planFor(compared), buckets: buckets(compared, query, zone) },
  };
}

/** The states of stock overlap, so a row always says which one it is. */
function withStockState(measures: readonly Kpi[], dimensions: readonly Dimension[]): readonly Dimension[] {
  const isByState = measures.some(({ id }) => id === 'stock_by_state') && !dimensions.includes('status');
  return isByState ? ['status', ...dimensions] : dimensions;
}

function buckets(range: ResolvedRange | null, { grain }: KpiQuery, zone: string): Bucket[] | null {
  if (range === null || grain === undefined) return null;
  const all = bucketsOf({ from: range.from, to: range.fillTo }, grain, zone, MOST_BUCKETS);
  if (all !== null) return all;
  const message = `would make more than ${MOST_BUCKETS} buckets of the time range: take a coarser grain or a shorter range`;
  throw invalid({ path: 'grain', message }, { path: 'timeRange', message: 'too long for the grain' });
}

function refusePlatformOnly(query: KpiQuery, measures: readonly Kpi[]): void {
  const errors: FieldError[] = [
    ...measures.flatMap(({ platformOnly, id }, i) =>
      platformOnly ? [{ path: `measures[${i}]`, message: `${id} is for platform roles` }] : [],
    ),
    ...query.dimensions.flatMap((dimension, i) =>
      dimension === 'brand' ? [{ path: `dimensions[${i}]`, message: 'brand is for platform roles' }] : [],
    ),
    ...query.filters.flatMap(({ dimension }, i) =>
      dimension === 'brand' ? [{ path: `filters[${i}].dimension`, message: 'brand is for platform roles' }] : [],
    ),
  ];
  if (errors.length > 0) throw new Problem('forbidden', `${errors[0]?.path}: ${errors[0]?.message}`, { errors });
}

function unsupported(measures: readonly Kpi[], query: KpiQuery): FieldError[] {
  const asked = [
    ...query.dimensions.map((dimension, i) => ({ dimension, path: `dimensions[${i}]` })),
    ...query.filters.map(({ dimension }, i) => ({ dimension, path: `filters[${i}].dimension` })),
  ];
  return asked.flatMap(({ dimension, path }) =>
    measures
      .filter((one) => !one.dimensions.includes(dimension) && !rowsBehind(one).includes(dimension))
      .map((one) => ({ path, message: `${one.id} does not have the dimension ${dimension}` })),
  );
}

/** Order numbers are a brand's own: those of several brands may not come together. */
function nameless({ dimensions }: KpiQuery): FieldError[] {
  const at = dimensions.indexOf('order_number');
  return at < 0 || dimensions.includes('brand')
    ? []
    : [{ path: `dimensions[${at}]`, message: 'needs the dimension brand beside it, or x-tenant-id' }];
}

function wrongStates(measures: readonly Kpi[], query: KpiQuery): FieldError[] {
  const states = measures.flatMap(({ id, isState }, i) => (isState ? [{ id, path: `measures[${i}]` }] : []));
  const errors: FieldError[] = [];
  if (query.timeRange === undefined && states.length < measures.length) {
    const timed = measures.find(({ isState }) => !isState);
    errors.push({ path: 'timeRange', message: `is needed for ${timed?.id}` });
  }
  if (query.grain !== undefined) {
    errors.push(...states.map(({ id, path }) => ({ path, message: `${id} is a state as of now and has no grain` })));
    if (query.timeRange === undefined) errors.push({ path: 'grain', message: 'needs a timeRange' });
  } else if (query.withTotals === true) {
    errors.push({ path: 'withTotals', message: 'needs a grain: without one, the rows are the totals' });
  }
  if (query.compareTo !== undefined) {
    errors.push(
      ...states.map(({ id, path }) => ({ path, message: `${id} is a state as of now: compareTo has no past of it` })),
    );
    if (query.timeRange === undefined) errors.push({ path: 'compareTo', message: 'needs a timeRange' });
  }
  if (
    measures.length > 1 &&
    measures.some(({ id }) => id === 'stock_by_state') &&
    !query.dimensions.includes('status')
  ) {
    errors.push({ path: 'measures', message: 'stock_by_state has rows by status of its own: ask for it alone' });
  }
  return errors;
}

function wrongOrder(query: KpiQuery, dimensions: readonly Dimension[]): FieldError[] {
  const known = [...query.measures, ...dimensions, ...(query.grain === undefined ? [] : ['time'])];
  return query.orderBy.flatMap(({ by }: Order, i) =>
    known.includes(by)
      ? []
      : [{ path: `orderBy[${i}].by`, message: 'must be a measure or dimension of this query, or time' }],
  );
}

function wrongValues(filters: readonly Filter[]): FieldError[] {
  return filters.flatMap(({ dimension, values }, i) =>
    dimension !== 'currency'
      ? []
      : values.flatMap((value, j) =>
          value === null || isCurrency(value)
            ? []
            : [{ path: `filters[${i}].values[${j}]`, message: 'must be an ISO 4217 currency such as GBP' }],
        ),
  );
}
