// A block is one SELECT over one source, or over several that share their rows: grouped by time bucket and dimensions, components summed.
import type { BlockContext } from './block-context.ts';
import { bucketSql } from './bucket-sql.ts';
import type { TimeSpan } from './buckets.ts';
import { type ComponentId, component } from './components.ts';
import { moneyScale } from './formula-sql.ts';
import type { MoneyMode, Plan } from './plan.ts';
import { atMoment, groupBy, indent, keyColumns, select } from './select-rows.ts';
import { lineDimensions, type Source, type SourceId, sources } from './sources.ts';

/** The SELECTs whose UNION ALL has every component of every bucket and slice. */
export function blocks(context: BlockContext): string[] {
  const to = context.mode.kind === 'convert' ? context.mode.to : null;
  const isConverted = (id: ComponentId) => to !== null && component(id).kind === 'money';
  const converted = bySource(context.columns.filter(isConverted), (id) => id);
  // Counts are not split by currency and day: distinct counts of parts do not add up.
  const plain = bySource(
    context.columns.filter((id) => !isConverted(id)),
    (id) => sources[id].rowsOf ?? id,
  );
  return [
    ...[...converted].map(([id, ids]) => convertedBlock(id, ids, context, to ?? '')),
    ...[...plain].map(([id, ids]) => plainBlock(id, ids, context)),
  ];
}

function bySource(ids: readonly ComponentId[], sourceOf: (id: SourceId) => SourceId): Map<SourceId, ComponentId[]> {
  const groups = new Map<SourceId, ComponentId[]>();
  for (const id of ids) {
    const source = sourceOf(component(id).source);
    groups.set(source, [...(groups.get(source) ?? []), id]);
  }
  return groups;
}

/** Of components whose sources share the rows of one: those rows that one of them at least has. */
function plainBlock(rowsOf: SourceId, ids: readonly ComponentId[], context: BlockContext): string {
  const members = [...new Set(ids.map((id) => component(id).source))].map((id): Source => sources[id]);
  const source = together(sources[rowsOf], members);
  const byLine = isByLine(source, context.plan);
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

function together(rows: Source, members: readonly Source[]): Source {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only;
  const wheres = [...new Set(members.map(({ where }) => where))];
  const joins = [...new Set(members.flatMap(({ join }) => join ?? []))].join('\n  ');
  return {
    ...rows,
    where: wheres.includes(undefined) ? undefined : wheres.length > 1 ? `(${wheres.join(' OR ')})` : wheres[0],
    join: joins === '' ? undefined : joins,
  };
}

/** Summed by currency and UTC day first, so that a rate is looked up once for many entries; then converted and summed. */
function convertedBlock(id: SourceId, ids: readonly ComponentId[], context: BlockContext, to: string): string {
  const source: Source = sources[id];
  const byLine = isByLine(source, context.plan);
  const keys = keyColumns(source, context);
  const day = `toDate32(${source.entryTime ?? source.time ?? context.parameters.instant('now', context.now)})`;
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

function isByLine({ fromLines }: Source, { dimensions, filters }: Plan): boolean {
  const asked = [...dimensions, ...filters.map(({ dimension }) => dimension)];
  return fromLines !== undefined && asked.some((dimension) => lineDimensions.has(dimension));
}

function aggregate(id: ComponentId, byLine: boolean, context: BlockContext): string {
  const { kind, sql, lineSql } = component(id);
  const told = (byLine ? lineSql : undefined) ?? sql;
  const inGrain = (grain: Plan['grain']) => told.replace('{earlier}', () => earlierSql(context, grain));
  const isOfBucket = context.withTotals === true && told.includes('{earlier}');
  const whole = isOfBucket
    ? `if(grouping(time) = 1, ${inGrain(null)}, ${inGrain(context.plan.grain)})`
    : inGrain(context.plan.grain);
  const text = atMoment(whole, context);
  if (kind !== 'integer') return text;
  return `toInt128(${text})`;
}

/** The customer's first order (f) lies before the bucket of this one (o): in an earlier bucket, or before the range. */
function earlierSql({ plan, compared, parameters }: BlockContext, grain: Plan['grain']): string {
  const from = parameters.instant('from', plan.span?.from ?? 0n);
  const begin = (since: TimeSpan) => parameters.instant('compared_from', since.from);
  const range = compared === undefined ? from : `if(o.placed_at < ${from}, ${begin(compared)}, ${from})`;
  const beforeRange = `f.first_placed_at < ${range}`;
  if (grain === null) return beforeRange;
  const zone = parameters.add('zone', 'String', plan.zone);
  return `${beforeRange} OR ${bucketSql(grain, 'f.first_placed_at', zone)} < ${bucketSql(grain, 'o.placed_at', zone)}`;
}

function zero(id: ComponentId, mode: MoneyMode): string {
  if (component(id).kind === 'integer') return 'toInt128(0)';
  return mode.kind === 'convert' ? `toDecimal256(0, ${moneyScale(mode)})` : 'toDecimal128(0, 4)';
}

function toldSql({ where }: Source, ids: readonly ComponentId[], mode: MoneyMode): string {
  if (mode.kind === 'convert') return "CAST([], 'Array(Tuple(String, String))') AS told";
  const money = ids.find((id) => component(id).kind === 'money');
  const own: Source | undefined = money && sources[component(money).source];
  if (own?.currency === undefined) return "CAST([], 'Array(String)') AS told";
  const seen = `toString(${own.currency})`;
  return own.where === where ? `groupUniqArray(${seen}) AS told` : `groupUniqArrayIf(${seen}, ${own.where}) AS told`;
}

function latestSql({ time, began }: Source): string {
  const column = time ?? began;
  return column === undefined ? "CAST(NULL, 'Nullable(Int64)')" : `toNullable(max(toUnixTimestamp64Micro(${column})))`;
}
