// Why a measure has no figure. Null is said with its reason, never as a guess or a zero.
import type { Kpi } from './catalogue/kpi.ts';
import type { FigureSource, Whose } from './figure-source.ts';
import type { Plan } from './plan.ts';
import { RATE_DAYS } from './rate-window.ts';
import type { SpanRows } from './read-figures.ts';
import { BRAND_ID, type Statement } from './tenant-clickhouse.ts';

const NO_COST = 'no line of the orders asked for has a cost on record';
const NO_STOCK_COST = 'no variant in stock has a cost on record';
const NOTHING_SHIPPED = `nothing was shipped from stock in the last ${RATE_DAYS} days`;
const NO_LINKED_RETURN = 'no return is linked to its order';

/**
 * measure → reason, for measures that are null throughout (in the totals, where there are any) because something was never recorded.
 * What was never recorded at all is made null everywhere, also in the span that is compared with.
 */
export async function notComputable(
  own: SpanRows,
  compared: SpanRows | null,
  plan: Plan,
  figures: FigureSource,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const rows = own.totals ?? own.rows;
  const everywhere = [own, compared].flatMap((span) => [...(span?.rows ?? []), ...(span?.totals ?? [])]);
  const reasons = new Map<string, string>();
  for (const kpi of plan.measures) {
    const isNull = rows.length > 0 && rows.every((row) => row[kpi.id] === null || row[kpi.id] === undefined);
    if (needsCost(kpi) && isNull) reasons.set(kpi.id, NO_COST);
    if (kpi.id === 'days_of_inventory' && isNull) reasons.set(kpi.id, NOTHING_SHIPPED);
  }
  // One figure that is not 0 was computed: the others of its measure are.
  const isAsked = (id: string) =>
    plan.measures.some((kpi) => kpi.id === id) && rows.every((row) => Number(row[id] ?? 0) === 0);
  const never = async (id: string, reason: string, table: string, condition: string) => {
    if (!isAsked(id) || !(await allTrue(table, condition, figures, signal))) return;
    reasons.set(id, reason);
    for (const row of everywhere) row[id] = null;
  };
  await never('return_rate_units_cohort', NO_LINKED_RETURN, 'marts.returns', 'order_id IS NULL');
  await never('inventory_value', NO_STOCK_COST, 'marts.stock', 'unit_cost IS NULL');
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
