// Why a measure has no figure. Null is said with its reason, never as a guess or a zero.
import type { Kpi } from './catalogue/kpi.ts';
import type { FigureSource, Whose } from './figure-source.ts';
import type { Row } from './fill.ts';
import type { Plan } from './plan.ts';
import { RATE_DAYS } from './rate-window.ts';
import { BRAND_ID, type Statement } from './tenant-clickhouse.ts';

const NO_COST = 'no line of the orders asked for has a cost on record';
const NO_STOCK_COST = 'no variant in stock has a cost on record';
const NOTHING_SHIPPED = `nothing was shipped from stock in the last ${RATE_DAYS} days`;
const NO_LINKED_RETURN = 'no return is linked to its order';

/** measure → reason, for measures that are null throughout because something was never recorded. */
export async function notComputable(
  rows: readonly Row[],
  plan: Plan,
  figures: FigureSource,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (const kpi of plan.measures) {
    const isNull = rows.length > 0 && rows.every((row) => row[kpi.id] === null || row[kpi.id] === undefined);
    if (needsCost(kpi) && isNull) reasons.set(kpi.id, NO_COST);
    if (kpi.id === 'days_of_inventory' && isNull) reasons.set(kpi.id, NOTHING_SHIPPED);
  }
  if (plan.measures.some(({ id }) => id === 'return_rate_units_cohort')) {
    if (await allTrue('marts.returns', 'order_id IS NULL', figures, signal)) {
      reasons.set('return_rate_units_cohort', NO_LINKED_RETURN);
    }
  }
  if (plan.measures.some(({ id }) => id === 'inventory_value')) {
    if (await allTrue('marts.stock', 'unit_cost IS NULL', figures, signal)) {
      reasons.set('inventory_value', NO_STOCK_COST);
    }
  }
  for (const id of reasons.keys()) for (const row of rows) row[id] = null;
  return reasons;
}

function needsCost({ compute }: Kpi): boolean {
  return 'needsCost' in compute && compute.needsCost === true;
}

/** There are rows, and the condition holds for every one of them. */
async function allTrue(
  table: string,
  condition: string,
  figures: FigureSource,
  signal?: AbortSignal,
): Promise<boolean> {
  const holds = `count() > 0 AND countIf(${condition}) = count() AS holds`;
  const write = ({ tenantId, eachOf }: Whose): Statement => {
    if (eachOf !== undefined) {
      const where = `WHERE tenant_id IN {tenants:Array(UUID)} GROUP BY tenant_id`;
      return {
        sql: `SELECT tenant_id AS ${BRAND_ID}, ${holds} FROM ${table} ${where}`,
        parameters: { tenants: eachOf },
      };
    }
    const where = tenantId === null ? '' : ' WHERE tenant_id = {tenant:UUID}';
    return { sql: `SELECT ${holds} FROM ${table}${where}`, parameters: tenantId === null ? {} : { tenant: tenantId } };
  };
  const [row] = await figures.read<{ holds: number }>(`${table} ${condition}`, write, signal);
  return Number(row?.holds ?? 0) === 1;
}
