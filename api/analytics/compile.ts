import { apartBy, type BlockContext, IS_COMPARISON, IS_TOTAL } from './block-context.ts';
import { blocks } from './blocks.ts';
import type { Bucket, Instant, TimeSpan } from './buckets.ts';
import type { ComponentId } from './components.ts';
import { type Databases, inDatabases } from './databases.ts';
import { componentsOf, formulaFunctions, formulaSql, isMoney } from './formula-sql.ts';
import { Parameters } from './parameters.ts';
import type { MoneyMode, Plan } from './plan.ts';
import { groupBy, indent } from './select-rows.ts';
import type { Statement } from './tenant-clickhouse.ts';

export interface CompileOptions {
  readonly plan: Plan;
  /** The brand whose rows are read; null reads those of all brands. */
  readonly tenantId: string | null;
  /** Instead: the brands whose rows are read, told apart by the column `brand_id`; each has the rows it would have alone. */
  readonly eachOf?: readonly string[];
  readonly now: Instant;
  readonly mode: MoneyMode;
  /** Read along, told apart by the column `is_comparison` (0 or 1): a span that ends before the plan's begins. Each has the rows it would have alone. */
  readonly compared?: Timed;
  /** With a grain: also the figures of the whole span, told apart by the column `is_total` (0 or 1), as the same plan without a grain has them. */
  readonly withTotals?: boolean;
  /** The buckets of the plan's span; needed for measures per hour only. */
  readonly buckets?: readonly Bucket[];
  /** Adds the column `told`: currencies seen, or rates missing as (currency, day); the union over all rows is the answer's. */
  readonly tellCurrencies?: boolean;
  /** At most so many rows, also when the plan has no limit. */
  readonly mostRows?: number;
  readonly databases?: Databases;
}

/** A span, and its buckets where there is a grain. */
export interface Timed {
  readonly span: TimeSpan;
  readonly buckets?: readonly Bucket[];
}

/**
 * One ClickHouse statement that answers a plan: a row per bucket and slice that has data (empty buckets are not made up here),
 * `time`, dimensions and measures as columns, ratios exact. Pure: same input, same statement.
 */
export function compile(options: CompileOptions): Statement {
  const { plan, mode } = options;
  const parameters = new Parameters();
  const columns = [...new Set(plan.measures.flatMap(componentsOf))];
  const tellCurrencies = options.tellCurrencies === true && plan.measures.some(isMoney);
  const context: BlockContext = { ...options, compared: options.compared?.span, parameters, columns, tellCurrencies };
  const figures = merged(blocks(context), context);
  const passed = passedSql(options, parameters);
  const selected = [
    ...apartBy(context).map((column) => `c.${column} AS ${column}`),
    ...(hasTime(plan) ? ['c.time AS time'] : []),
    ...plan.dimensions.map((dimension) =>
      dimension === 'brand' ? 'b.slug AS brand' : `c.${dimension} AS ${dimension}`,
    ),
    ...plan.measures.map((kpi) => `${formulaSql(kpi, mode, passed)} AS ${kpi.id}`),
    ...(tellCurrencies ? [toldSql(plan, context)] : []),
  ];
  const brands = plan.dimensions.includes('brand') ? '\nINNER JOIN marts.tenants AS b ON b.id = c.brand' : '';
  const body = `SELECT
  ${selected.join(',\n  ')}
FROM (
${indent(figures)}
) AS c${brands}${tail(options, context)}`;
  const sql = withFunctions(body, mode);
  return { sql: inDatabases(sql, options.databases), parameters: parameters.values() };
}

export function hasTime(plan: Plan): boolean {
  return plan.grain !== null;
}

/** Blocks added up: a row per bucket and slice. */
export function merged(parts: readonly string[], context: BlockContext): string {
  const { plan, columns, tellCurrencies, tellTimes } = context;
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const keys = [...apartBy(context), ...(hasTime(plan) ? ['time'] : []), ...plan.dimensions];
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
function passedSql({ plan, buckets, compared, withTotals, now }: CompileOptions, parameters: Parameters): string {
  if (!plan.measures.some(({ compute }) => compute.kind === 'per hour') || plan.span === null) return '0';
  const own = passedOf('', { span: plan.span, buckets: buckets ?? [] });
  return compared === undefined ? own : `if(c.${IS_COMPARISON}, ${passedOf('compared_', compared)}, ${own})`;

  function passedOf(prefix: string, { span, buckets: all = [] }: Timed): string {
    const whole = () => parameters.add(`${prefix}passed`, 'Int64', String(passedMicros(span, span, now)));
    if (!hasTime(plan)) return whole();
    const keys = parameters.add(
      `${prefix}buckets`,
      'Array(String)',
      all.map(({ key }) => key),
    );
    const lengths = parameters.add(
      `${prefix}passed_of`,
      'Array(Int64)',
      all.map((bucket) => String(passedMicros(bucket, span, now))),
    );
    const ofBucket = `transform(toString(c.time), ${keys}, ${lengths}, toInt64(0))`;
    return withTotals === true ? `if(c.${IS_TOTAL}, ${whole()}, ${ofBucket})` : ofBucket;
  }
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
function tail({ plan, mostRows }: CompileOptions, context: BlockContext): string {
  const apart = apartBy(context);
  const limits = [hasTime(plan) ? null : plan.limit, mostRows].filter((limit) => limit !== null && limit !== undefined);
  const limit =
    limits.length === 0 ? '' : `\nLIMIT ${Math.min(...limits)}${apart.length === 0 ? '' : ` BY ${apart.join(', ')}`}`;
  if (hasTime(plan)) return limit;
  const asked = plan.orderBy.map(({ by, direction }) => `${by} ${direction.toUpperCase()} NULLS LAST`);
  const rest = plan.dimensions.filter((dimension) => !plan.orderBy.some(({ by }) => by === dimension));
  const order = [...asked, ...rest.map((dimension) => `${dimension} ASC NULLS LAST`)];
  return `${order.length > 0 ? `\nORDER BY ${order.join(', ')}` : ''}${limit}`;
}

/** Each row tells its own, unless rows may be cut off: then each tells that of all (it is told apart from). */
function toldSql(plan: Plan, context: BlockContext): string {
  if (plan.limit === null || hasTime(plan)) return 'c.told AS told';
  const apart = apartBy(context).map((column) => `c.${column}`);
  return `groupUniqArrayArray(c.told) OVER (${apart.length === 0 ? '' : `PARTITION BY ${apart.join(', ')}`}) AS told`;
}

/** The body after the functions it calls. */
export function withFunctions(body: string, mode: MoneyMode): string {
  const functions = formulaFunctions(mode).filter((definition) =>
    body.includes(`${definition.slice(definition.lastIndexOf(' ') + 1)}(`),
  );
  return functions.length === 0 ? body : `WITH\n  ${functions.join(',\n  ')}\n${body}`;
}
