import type { BlockContext } from '../block-context.ts';
import { blocks } from '../blocks.ts';
import type { Formula, Kpi, Sum } from '../catalogue/kpi.ts';
import { merged, withFunctions } from '../compile.ts';
import { type Databases, inDatabases } from '../databases.ts';
import { componentsOf, formulaSql, hasMoney, isMoney, sumSql } from '../formula-sql.ts';
import { Parameters } from '../parameters.ts';
import type { MoneyMode, Plan } from '../plan.ts';
import { indent } from '../select-rows.ts';
import type { Statement } from '../tenant-clickhouse.ts';

export interface CompileRowsOptions {
  /** Of one measure and without a grain; its dimensions are the rows. */
  readonly plan: Plan;
  readonly tenantId: string | null;
  readonly now: bigint;
  readonly mode: MoneyMode;
  readonly orderBy: { readonly by: 'time' | 'value'; readonly direction: 'asc' | 'desc' };
  readonly limit: number;
  /** Microseconds of the span that have passed, for figures per hour. */
  readonly passed: bigint;
  readonly databases?: Databases;
}

/** What a figure is made of: one sum, or the two that are divided. */
export function partsOf({ compute }: Kpi): { readonly id: 'value' | 'numerator' | 'denominator'; readonly sum: Sum }[] {
  if (compute.kind === 'sum') return [{ id: 'value', sum: compute.of }];
  const numerator = { id: 'numerator', sum: compute.numerator } as const;
  return compute.kind === 'ratio' ? [numerator, { id: 'denominator', sum: compute.denominator }] : [numerator];
}

/**
 * One statement with the rows behind a figure: their dimensions, `happened` (microseconds), the parts, unrounded so that they add up,
 * and the ratio of each row; in every row also how many rows there are in all, the sums of the parts and the `figure`, which are of
 * the same moment. Rows that add nothing are left out.
 */
export function compileRows({ plan, mode, tenantId, now, orderBy, ...options }: CompileRowsOptions): Statement {
  const [kpi] = plan.measures as [Kpi];
  const parameters = new Parameters();
  const columns = componentsOf(kpi);
  const tellCurrencies = isMoney(kpi);
  const context: BlockContext = { plan, parameters, mode, tenantId, now, columns, tellCurrencies, tellTimes: true };
  const figures = merged(blocks(context), context);
  const passed = parameters.add('passed', 'Int64', String(options.passed));
  const parts = partsOf(kpi);
  const keys = plan.dimensions.map((one) => (one === 'brand' ? 'b.slug AS brand' : `c.${one} AS ${one}`));
  const selected = [
    ...keys,
    'c.happened AS happened',
    ...parts.map(({ id, sum }) => `${partSql(sum)} AS ${id}`),
    ...(hasOwnValue(kpi.compute) ? [`${formulaSql(kpi, mode, passed)} AS value`] : []),
    'c.row_count AS row_count',
    ...parts.map(({ id, sum }) => `${ofAll(partSql(sum))} AS total_${id}`),
    `${ofAll(formulaSql(kpi, mode, passed))} AS figure`,
    ...(tellCurrencies ? ['c.all_told AS told'] : []),
  ];
  const sums = columns.map((column) => `sum(r.${column}) OVER () AS all_${column}`);
  const brands = plan.dimensions.includes('brand') ? '\nINNER JOIN marts.tenants AS b ON b.id = c.brand' : '';
  const told = tellCurrencies ? ', groupUniqArrayArray(r.told) OVER () AS all_told' : '';
  const by = orderBy.by === 'time' ? ['happened', 'value'] : ['value', 'happened'];
  const order = [
    ...by.map((one) => `${one} ${orderBy.direction.toUpperCase()} NULLS LAST`),
    ...plan.dimensions.map((one) => `${one} ASC NULLS LAST`),
  ];
  const body = `SELECT
  ${selected.join(',\n  ')}
FROM (
  SELECT r.*, count() OVER () AS row_count, ${sums.join(', ')}${told}
  FROM (
${indent(indent(figures))}
  ) AS r
  WHERE ${columns.map((column) => `r.${column} != 0`).join(' OR ')}
) AS c${brands}
ORDER BY ${order.join(', ')}
LIMIT ${options.limit}`;
  return { sql: inDatabases(withFunctions(body, mode), options.databases), parameters: parameters.values() };
}

/** Whether a row has a figure beside its parts: of a sum, the part is the figure. */
export function hasOwnValue({ kind }: Formula): boolean {
  return kind !== 'sum';
}

/** Exact: money with all its decimals, everything else a whole number. */
function partSql(sum: Sum): string {
  return hasMoney(sum) ? sumSql(sum) : `toInt64(${sumSql(sum)})`;
}

/** The same of all rows together. */
function ofAll(sql: string): string {
  return sql.replaceAll(/\bc\.(?=\w)/g, 'c.all_');
}

/** In words, from the names of components: `Gross sales − discounts`. */
export function partName(sum: Sum): string {
  const text = sum
    .map((term, index) => {
      const name = term.replace(/^-/, '').replaceAll('_', ' ');
      return index === 0 ? name : `${term.startsWith('-') ? '−' : '+'} ${name}`;
    })
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Durations are kept in microseconds, percentiles of them in tenths. */
export function partUnit(sum: Sum): 'money' | 'count' | 'microseconds' {
  if (hasMoney(sum)) return 'money';
  return sum.some((term) => /^-?(ship_time|delivery_time|late_time|overdue_time|backlog_age|micros)/.test(term))
    ? 'microseconds'
    : 'count';
}
