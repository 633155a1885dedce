// One SELECT over one source: its rows in the span, of the brand, that pass the filters.
import { apartBy, type BlockContext, IS_COMPARISON, IS_TOTAL } from './block-context.ts';
import { bucketSql, monthNumberSql } from './bucket-sql.ts';
import type { TimeSpan } from './buckets.ts';
import type { Dimension } from './catalogue/kpi.ts';
import type { Filter } from './plan.ts';
import { rateWindow } from './rate-window.ts';
import { joinedOrderNumber, orderNumbersJoin, type Source, variantsJoin, warehousesJoin } from './sources.ts';
import { BRAND_ID } from './tenant-clickhouse.ts';

/** Rows of the source, grouped by `keys`. */
export function select(
  columns: readonly string[],
  source: Source,
  byLine: boolean,
  context: BlockContext,
  keys: readonly string[],
): string {
  const asked = [...context.plan.dimensions, ...context.plan.filters.map(({ dimension }) => dimension)];
  const joins = [
    ...(byLine && asked.some((one) => one === 'product' || one === 'category') ? [variantsJoin(source.alias)] : []),
    ...(asked.includes('warehouse') && source.alias === 'o' ? [warehousesJoin] : []),
    ...(asked.includes('order_number') && source.dimensions.order_number === joinedOrderNumber
      ? [orderNumbersJoin(source.alias)]
      : []),
  ];
  const months = asked.includes('months_since_first') ? source.fromMonths : undefined;
  const table = (byLine ? source.fromLines : months) ?? source.from;
  const from = atMoment(
    scoped([table, ...(source.join === undefined ? [] : [source.join]), ...joins].join('\n  '), context),
    context,
  );
  const where = conditions(source, context);
  return `SELECT
  ${columns.join(',\n  ')}
FROM ${from}${where.length > 0 ? `\nWHERE ${where.join('\n  AND ')}` : ''}${groupBySets(keys)}`;
}

function conditions(source: Source, context: BlockContext): string[] {
  const { plan } = context;
  return [
    // Progress has a row per brand and one for the whole stream; which of them counts follows from what is asked.
    ...(source.alias === 'g' ? [] : [tenantPredicate(source.alias, context)]),
    ...rangeConditions(source, context),
    ...(source.where === undefined
      ? []
      : [atMoment(source.where, context).replace('{progress}', () => progressPredicate(context))]),
    ...plan.filters.map((filter, index) => filterSql(source, filter, index, context)),
  ].filter((condition) => condition !== '');
}

function rangeConditions(source: Source, { plan, compared, parameters }: BlockContext): string[] {
  if (source.time === null || plan.span === null) return [];
  const column = timeColumn(source);
  const within = (prefix: string, { from, to }: TimeSpan) => {
    const since = parameters.instant(`${prefix}from`, from);
    return [
      `${column} >= ${since}`,
      `${column} < ${parameters.instant(`${prefix}to`, to)}`,
      ...(source.neverBefore ? [`${source.neverBefore} >= ${since}`] : []),
    ];
  };
  const own = within('', plan.span);
  if (compared === undefined) return own;
  return [`(${[within('compared_', compared), own].map((conditions) => conditions.join(' AND ')).join(' OR ')})`];
}

/** The bare column, which the index knows. */
function timeColumn({ time }: Source): string {
  return (time ?? '').replace(/^assumeNotNull\((.*)\)$/, '$1');
}

function tenantPredicate(alias: string, { tenantId, eachOf, parameters }: BlockContext): string {
  const column = `${alias === '' ? '' : `${alias}.`}tenant_id`;
  if (eachOf !== undefined) return `${column} IN ${parameters.add('tenants', 'Array(UUID)', eachOf)}`;
  return tenantId === null ? '' : `${column} = ${parameters.add('tenant', 'UUID', tenantId)}`;
}

function progressPredicate(context: BlockContext): string {
  const stream = "toUUID('00000000-0000-0000-0000-000000000000')";
  if (context.tenantId !== null || context.eachOf !== undefined) return tenantPredicate('g', context);
  const brands = context.plan.dimensions.includes('brand') || context.plan.filters.length > 0;
  return `g.tenant_id ${brands ? '!=' : '='} ${stream}`;
}

function scoped(sql: string, context: BlockContext): string {
  return sql.replaceAll(/\{scope:(\w*)\}/g, (_, alias: string) => tenantPredicate(alias, context) || '1');
}

function filterSql(source: Source, filter: Filter, index: number, context: BlockContext): string {
  const { parameters } = context;
  const column = dimensionSql(source, filter.dimension, context);
  const values = filter.values.filter((value) => value !== null);
  const list = parameters.add(`filter_${index}`, 'Array(String)', values);
  if (filter.dimension === 'brand') {
    const brands = `(SELECT id FROM marts.tenants WHERE slug IN ${list})`;
    return `${column} ${filter.op === 'in' ? 'IN' : 'NOT IN'} ${brands}`;
  }
  // Three-valued logic spelled out: a missing value is in the list exactly when the list names null.
  const inList = `ifNull(has(${list}, toString(${column})), 0)`;
  const matches = filter.values.includes(null) ? `(${inList} OR ${column} IS NULL)` : inList;
  return filter.op === 'in' ? matches : `NOT ${matches}`;
}

/** By the keys; where totals are asked for, also by all of them but the bucket. */
function groupBySets(keys: readonly string[]): string {
  if (!keys.includes(IS_TOTAL)) return groupBy(keys);
  const all = keys.filter((key) => key !== IS_TOTAL);
  return `\nGROUP BY GROUPING SETS ((${all.join(', ')}), (${all.filter((key) => key !== 'time').join(', ')}))`;
}

export function groupBy(keys: readonly string[]): string {
  return keys.length === 0 ? '' : `\nGROUP BY ${keys.join(', ')}`;
}

export function indent(sql: string): string {
  return sql.replaceAll(/^/gm, '  ');
}
/** What the rows are grouped by: what tells answers apart, the bucket, the dimensions. */
export function keyColumns(source: Source, context: BlockContext): { name: string; sql: string }[] {
  const { plan, parameters } = context;
  const apartSql: Record<string, () => string> = {
    [BRAND_ID]: () => dimensionSql(source, 'brand', context),
    [IS_COMPARISON]: () => `${source.time} < ${parameters.instant('from', plan.span?.from ?? 0n)}`,
    [IS_TOTAL]: () => 'grouping(time) = 1',
  };
  const apart = apartBy(context).map((name) => ({ name, sql: apartSql[name]?.() ?? name }));
  const time =
    plan.grain === null || source.time === null
      ? []
      : [{ name: 'time', sql: bucketSql(plan.grain, source.time, parameters.add('zone', 'String', plan.zone)) }];
  return [
    ...apart,
    ...time,
    ...plan.dimensions.map((dimension) => ({ name: dimension, sql: dimensionSql(source, dimension, context) })),
  ];
}

function dimensionSql(source: Source, dimension: Dimension, context: BlockContext): string {
  const sql = source.dimensions[dimension];
  if (sql === undefined) throw new Error(`a source without the dimension ${dimension}`);
  return atMoment(sql, context);
}

/** The SQL at the moment of the question: `{now}`, the window of rates before it, and months of the zone. */
export function atMoment(sql: string, { plan, parameters, now }: BlockContext): string {
  const window = () => rateWindow(now, plan.zone);
  const zone = () => parameters.add('zone', 'String', plan.zone);
  return sql
    .replaceAll('{now}', () => parameters.add('now_micros', 'Int64', String(now)))
    .replaceAll('{since}', () => parameters.instant('rate_since', window().from))
    .replaceAll('{until}', () => parameters.instant('rate_until', window().to))
    .replaceAll('{thisMonth}', () => monthNumberSql(parameters.instant('now', now), zone()))
    .replaceAll(/\{month:([\w.]+)\}/g, (_, time: string) => bucketSql('month', time, zone()))
    .replaceAll(/\{months:([\w.]+)\}/g, (_, time: string) => monthNumberSql(time, zone()));
}
