// A block is one SELECT over one source: rows grouped by time bucket and dimensions, components summed.
import { bucketSql, monthNumberSql } from './bucket-sql.ts';
import type { Instant } from './buckets.ts';
import type { Dimension } from './catalogue/kpi.ts';
import { type ComponentId, component } from './components.ts';
import { moneyScale } from './formula-sql.ts';
import type { Parameters } from './parameters.ts';
import type { Filter, MoneyMode, Plan } from './plan.ts';
import { rateWindow } from './rate-window.ts';
import {
  joinedOrderNumber,
  lineDimensions,
  orderNumbersJoin,
  type Source,
  type SourceId,
  sources,
  variantsJoin,
  warehousesJoin,
} from './sources.ts';
import { BRAND_ID } from './tenant-clickhouse.ts';

export interface BlockContext {
  readonly plan: Plan;
  readonly parameters: Parameters;
  readonly mode: MoneyMode;
  /** The brand whose rows are read; null reads those of all. */
  readonly tenantId: string | null;
  /** Instead: the brands whose rows are read, told apart by the column `brand_id`. */
  readonly eachOf?: readonly string[] | undefined;
  readonly now: Instant;
  /** All components of the statement, in the order of its columns. */
  readonly columns: readonly ComponentId[];
  /** Tells the currencies seen, or the rates missing, beside the figures. */
  readonly tellCurrencies: boolean;
  /** Tells when the latest entry of a row happened: microseconds since 1970, or null. */
  readonly tellTimes?: boolean;
}

/** The SELECTs whose UNION ALL has every component of every bucket and slice. */
export function blocks(context: BlockContext): string[] {
  const used = [...new Set(context.columns.map((id) => component(id).source))];
  return used.flatMap((source) => {
    const ids = context.columns.filter((id) => component(id).source === source);
    const money = ids.filter((id) => component(id).kind === 'money');
    if (context.mode.kind === 'as it stands' || money.length === 0) return [plainBlock(source, ids, context)];
    const others = ids.filter((id) => component(id).kind !== 'money');
    const converted = convertedBlock(source, money, context, context.mode.to);
    // Counts are not split by currency and day: distinct counts of parts do not add up.
    return others.length === 0 ? [converted] : [converted, plainBlock(source, others, context)];
  });
}

function plainBlock(id: SourceId, ids: readonly ComponentId[], context: BlockContext): string {
  const { source, byLine } = sourceFor(id, context.plan);
  const keys = keyColumns(source, context);
  const columns = context.columns.map((column) =>
    ids.includes(column)
      ? `${aggregate(column, byLine, context)} AS ${column}`
      : `${zero(column, context.mode)} AS ${column}`,
  );
  const told = [
    ...(context.tellCurrencies ? [toldSql(source, ids, context.mode)] : []),
    ...(context.tellTimes ? [`${latestSql(source)} AS happened`] : []),
  ];
  return select(
    [...keys.map(({ sql, name }) => `${sql} AS ${name}`), ...columns, ...told],
    source,
    byLine,
    context,
    keys.map(({ name }) => name),
  );
}

/** Summed by currency and UTC day first, so that a rate is looked up once for many entries; then converted and summed. */
function convertedBlock(id: SourceId, ids: readonly ComponentId[], context: BlockContext, to: string): string {
  const { source, byLine } = sourceFor(id, context.plan);
  const keys = keyColumns(source, context);
  const day = `toDate32(${source.entryTime ?? source.time ?? now(context)})`;
  const inner = select(
    [
      ...keys.map(({ sql, name }) => `${sql} AS ${name}`),
      `toString(${source.currency}) AS entry_currency`,
      `${day} AS entry_day`,
      ...ids.map((column) => `${aggregate(column, byLine, context)} AS ${column}`),
      ...(context.tellTimes ? [`${latestSql(source)} AS happened`] : []),
    ],
    source,
    byLine,
    context,
    [...keys.map(({ name }) => name), 'entry_currency', 'entry_day'],
  );
  const target = context.parameters.add('currency', 'String', to);
  const rate = `if(e.entry_currency = ${target}, toDecimal128(1, 10), x.rate)`;
  const columns = context.columns.map((column) =>
    ids.includes(column)
      ? `sum(toDecimal256(e.${column}, 4) * ${rate}) AS ${column}`
      : `${zero(column, context.mode)} AS ${column}`,
  );
  const missing = `groupUniqArrayIf((e.entry_currency, toString(e.entry_day)), e.entry_currency != ${target} AND x.rate = 0) AS told`;
  const told = [
    ...(context.tellCurrencies ? [missing] : []),
    ...(context.tellTimes ? ['max(e.happened) AS happened'] : []),
  ];
  return `SELECT
  ${[...keys.map(({ name }) => `e.${name} AS ${name}`), ...columns, ...told].join(',\n  ')}
FROM (
${indent(inner)}
) AS e
ASOF LEFT JOIN (SELECT base_currency, rate_date, rate FROM marts.fx_rates WHERE quote_currency = ${target}) AS x
  ON x.base_currency = e.entry_currency AND e.entry_day >= x.rate_date${groupBy(keys.map(({ name }) => `e.${name}`))}`;
}

function sourceFor(id: SourceId, plan: Plan): { source: Source; byLine: boolean } {
  const source = sources[id];
  const asked = [...plan.dimensions, ...plan.filters.map(({ dimension }) => dimension)];
  return { source, byLine: source.fromLines !== undefined && asked.some((dimension) => lineDimensions.has(dimension)) };
}

function keyColumns(source: Source, context: BlockContext): { name: string; sql: string }[] {
  const { plan, eachOf, parameters } = context;
  const each = eachOf === undefined ? [] : [{ name: BRAND_ID, sql: dimensionSql(source, 'brand', context) }];
  const time =
    plan.grain === null || source.time === null
      ? []
      : [{ name: 'time', sql: bucketSql(plan.grain, source.time, parameters.add('zone', 'String', plan.zone)) }];
  return [
    ...each,
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
function atMoment(sql: string, { plan, parameters, now }: BlockContext): string {
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

function aggregate(id: ComponentId, byLine: boolean, context: BlockContext): string {
  const { kind, sql, lineSql } = component(id);
  const told = ((byLine ? lineSql : undefined) ?? sql).replace('{earlier}', () => earlierSql(context));
  const text = atMoment(told, context);
  if (kind !== 'integer') return text;
  return `toInt128(${text})`;
}

/** The customer's first order (f) lies before the bucket of this one (o): in an earlier bucket, or before the range. */
function earlierSql({ plan, parameters }: BlockContext): string {
  const beforeRange = `f.first_placed_at < ${parameters.instant('from', plan.span?.from ?? 0n)}`;
  if (plan.grain === null) return beforeRange;
  const zone = parameters.add('zone', 'String', plan.zone);
  return `${beforeRange} OR ${bucketSql(plan.grain, 'f.first_placed_at', zone)} < ${bucketSql(plan.grain, 'o.placed_at', zone)}`;
}

function zero(id: ComponentId, mode: MoneyMode): string {
  if (component(id).kind === 'integer') return 'toInt128(0)';
  return mode.kind === 'convert' ? `toDecimal256(0, ${moneyScale(mode)})` : 'toDecimal128(0, 4)';
}

function toldSql(source: Source, ids: readonly ComponentId[], mode: MoneyMode): string {
  if (mode.kind === 'convert') return "CAST([], 'Array(Tuple(String, String))') AS told";
  const seen = source.currency !== undefined && ids.some((id) => component(id).kind === 'money');
  return seen ? `groupUniqArray(toString(${source.currency})) AS told` : "CAST([], 'Array(String)') AS told";
}

function latestSql({ time, began }: Source): string {
  const column = time ?? began;
  return column === undefined ? "CAST(NULL, 'Nullable(Int64)')" : `toNullable(max(toUnixTimestamp64Micro(${column})))`;
}

function select(
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
  const from = atMoment(scoped([table, ...joins].join('\n  '), context), context);
  const where = conditions(source, context);
  return `SELECT
  ${columns.join(',\n  ')}
FROM ${from}${where.length > 0 ? `\nWHERE ${where.join('\n  AND ')}` : ''}${groupBy(keys)}`;
}

function conditions(source: Source, context: BlockContext): string[] {
  const { plan, parameters } = context;
  const range =
    source.time === null || plan.span === null
      ? []
      : [
          `${timeColumn(source)} >= ${parameters.instant('from', plan.span.from)}`,
          `${timeColumn(source)} < ${parameters.instant('to', plan.span.to)}`,
          ...(source.neverBefore ? [`${source.neverBefore} >= ${parameters.instant('from', plan.span.from)}`] : []),
        ];
  return [
    // Progress has a row per brand and one for the whole stream; which of them counts follows from what is asked.
    ...(source.alias === 'g' ? [] : [tenantPredicate(source.alias, context)]),
    ...range,
    ...(source.where === undefined
      ? []
      : [atMoment(source.where, context).replace('{progress}', () => progressPredicate(context))]),
    ...plan.filters.map((filter, index) => filterSql(source, filter, index, context)),
  ].filter((condition) => condition !== '');
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

function now({ now: at, parameters }: BlockContext): string {
  return parameters.instant('now', at);
}

export function groupBy(keys: readonly string[]): string {
  return keys.length === 0 ? '' : `\nGROUP BY ${keys.join(', ')}`;
}

export function indent(sql: string): string {
  return sql.replaceAll(/^/gm, '  ');
}
