import { type BlockContext, blocks, groupBy, indent } from './blocks.ts';
import type { Bucket, Instant } from './buckets.ts';
import type { ComponentId } from './components.ts';
import { type Databases, inDatabases } from './databases.ts';
import { componentsOf, formulaFunctions, formulaSql, isMoney } from './formula-sql.ts';
import { Parameters } from './parameters.ts';
import type { MoneyMode, Plan } from './plan.ts';
import { BRAND_ID, type Statement } from './tenant-clickhouse.ts';

export interface CompileOptions {
  readonly plan: Plan;
  /** The brand whose rows are read; null reads those of all brands. */
  readonly tenantId: string | null;
  /** Instead: the brands whose rows are read, told apart by the column `brand_id`; each has the rows it would have alone. */
  readonly eachOf?: readonly string[];
  readonly now: Instant;
  readonly mode: MoneyMode;
  /** The buckets of the plan's span; needed for measures per hour only. */
  readonly buckets?: readonly Bucket[];
  /** Adds the column `told`: currencies seen, or rates missing as (currency, day); the union over all rows is the answer's. */
  readonly tellCurrencies?: boolean;
  /** At most so many rows, also when the plan has no limit. */
  readonly mostRows?: number;
  readonly databases?: Databases;
}

/**
 * One ClickHouse statement that answers a plan: a row per bucket and slice that has data (empty buckets are not made up here),
 * `time`, dimensions and measures as columns, ratios exact. Pure: same input, same statement.
 */
export function compile(options: CompileOptions): Statement {
  const { plan, mode, tenantId, eachOf, now } = options;
  const parameters = new Parameters();
  const columns = [...new Set(plan.measures.flatMap(componentsOf))];
  const tellCurrencies = options.tellCurrencies === true && plan.measures.some(isMoney);
  const context: BlockContext = { plan, parameters, mode, tenantId, eachOf, now, columns, tellCurrencies };
  const figures = merged(blocks(context), context);
  const passed = passedSql(options, parameters);
  const selected = [
    ...(eachOf === undefined ? [] : [`c.${BRAND_ID} AS ${BRAND_ID}`]),
    ...(hasTime(plan) ? ['c.time AS time'] : []),
    ...plan.dimensions.map((dimension) =>
      dimension === 'brand' ? 'b.slug AS brand' : `c.${dimension} AS ${dimension}`,
    ),
    ...plan.measures.map((kpi) => `${formulaSql(kpi, mode, passed)} AS ${kpi.id}`),
    ...(tellCurrencies ? [toldSql(options)] : []),
  ];
  const brands = plan.dimensions.includes('brand') ? '\nINNER JOIN marts.tenants AS b ON b.id = c.brand' : '';
  const body = `SELECT
  ${selected.join(',\n  ')}
FROM (
${indent(figures)}
) AS c${brands}${tail(options)}`;
  const sql = withFunctions(body, mode);
  return { sql: inDatabases(sql, options.databases), parameters: parameters.values() };
}

export function hasTime(plan: Plan): boolean {
  return plan.grain !== null;
}

/** Blocks added up: a row per bucket and slice. */
export function merged(
  parts: readonly string[],
  { plan, eachOf, columns, tellCurrencies, tellTimes }: BlockContext,
): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const keys = [...(eachOf === undefined ? [] : [BRAND_ID]), ...(hasTime(plan) ? ['time'] : []), ...plan.dimensions];
  const selected = [
    ...keys.map((key) => `u.${key} AS ${key}`),
    ...columns.map((column: ComponentId) => `sum(u.${column}) AS ${column}`),
    ...(tellCurrencies ? ['groupUniqArrayArray(u.told) AS told'] : []),
    ...(tellTimes ? ['max(u.happened) AS happened'] : []),
  ];
  return `SELECT
  ${selected.join(',\n  ')}
FROM (
${indent(parts.join('\nUNION ALL\n'))}
) AS u${groupBy(keys.map((key) => `u.${key}`))}`;
}

/** Microseconds of the bucket that lie in the span and have passed. */
function passedSql({ plan, buckets, now }: CompileOptions, parameters: Parameters): string {
  if (!plan.measures.some(({ compute }) => compute.kind === 'per hour') || plan.span === null) return '0';
  if (!hasTime(plan)) return parameters.add('passed', 'Int64', String(passedMicros(plan.span, plan.span, now)));
  const span = plan.span;
  const all = buckets ?? [];
  const keys = parameters.add(
    'buckets',
    'Array(String)',
    all.map(({ key }) => key),
  );
  const lengths = parameters.add(
    'passed',
    'Array(Int64)',
    all.map((bucket) => String(passedMicros(bucket, span, now))),
  );
  return `transform(toString(c.time), ${keys}, ${lengths}, toInt64(0))`;
}

/** How much of a bucket lies in the span and before now. */
export function passedMicros(
  bucket: { from: Instant; to: Instant },
  span: { from: Instant; to: Instant },
  now: Instant,
): bigint {
  const least = (left: Instant, right: Instant) => (left < right ? left : right);
  const from = -least(-bucket.from, -span.from);
  const to = least(least(bucket.to, span.to), now);
  return to > from ? to - from : 0n;
}

/** Series are put in order after their gaps are filled; anything else, which may be long, by the engine. */
function tail({ plan, eachOf, mostRows }: CompileOptions): string {
  const limits = [hasTime(plan) ? null : plan.limit, mostRows].filter((limit) => limit !== null && limit !== undefined);
  const limit =
    limits.length === 0 ? '' : `\nLIMIT ${Math.min(...limits)}${eachOf === undefined ? '' : ` BY ${BRAND_ID}`}`;
  if (hasTime(plan)) return limit;
  const asked = plan.orderBy.map(({ by, direction }) => `${by} ${direction.toUpperCase()} NULLS LAST`);
  const rest = plan.dimensions.filter((dimension) => !plan.orderBy.some(({ by }) => by === dimension));
  const order = [...asked, ...rest.map((dimension) => `${dimension} ASC NULLS LAST`)];
  return `${order.length > 0 ? `\nORDER BY ${order.join(', ')}` : ''}${limit}`;
}

/** Each row tells its own, unless rows may be cut off: then each tells that of all (of its brand). */
function toldSql({ plan, eachOf }: CompileOptions): string {
  if (plan.limit === null || hasTime(plan)) return 'c.told AS told';
  return `groupUniqArrayArray(c.told) OVER (${eachOf === undefined ? '' : `PARTITION BY c.${BRAND_ID}`}) AS told`;
}

/** The body after the functions it calls. */
export function withFunctions(body: string, mode: MoneyMode): string {
  const functions = formulaFunctions(mode).filter((definition) =>
    body.includes(`${definition.slice(definition.lastIndexOf(' ') + 1)}(`),
  );
  return functions.length === 0 ? body : `WITH\n  ${functions.join(',\n  ')}\n${body}`;
}
