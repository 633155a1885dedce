// Components: additive figures, each computed from one source. `o`, `r`, … are the aliases of sources.ts.
import { age, overdue, pastPromise, toDeliver, toShip } from './durations.ts';
import type { SourceId } from './sources.ts';

export interface Component {
  readonly source: SourceId;
  /** Money is Decimal(38,4) in the entry's currency; everything else a whole number. */
  readonly kind: 'money' | 'integer';
  /** Over the rows of the source. */
  readonly sql: string;
  /** Where the source is read by line, if it differs. */
  readonly lineSql?: string;
}

/** Continuous percentile of sorted integers, in tenths: a[i]·10 + (a[i+1] − a[i])·rest at position p·(n − 1). */
function percentileInTenths(values: string, tenths: number): string {
  const sorted = `arraySort(groupArray(${values}))`;
  const position = `(toInt64(length(${sorted})) - 1) * ${tenths}`;
  const low = `${sorted}[intDiv(${position}, 10) + 1]`;
  const high = `${sorted}[least(intDiv(${position}, 10) + 2, toInt64(length(${sorted})))]`;
  return `${low} * 10 + (${high} - ${low}) * ((${position}) % 10)`;
}

const money = (source: SourceId, sql: string): Component => ({ source, kind: 'money', sql });
const integer = (source: SourceId, sql: string, lineSql?: string): Component => ({
  source,
  kind: 'integer',
  sql,
  ...(lineSql === undefined ? {} : { lineSql }),
});

export const components = {
  gross_sales: money('orders', 'sum(o.gross_sales)'),
  discounts: money('orders', 'sum(o.discounts)'),
  taxes: money('orders', 'sum(o.taxes)'),
  shipping_charged: money('orders', 'sum(o.shipping_charged)'),
  cogs: { source: 'orders', kind: 'money', sql: 'sum(o.cogs)', lineSql: 'sum(ifNull(o.cogs, 0))' },
  net_with_cost: money('orders', 'sum(o.net_with_cost)'),
  lines_with_cost: integer('orders', 'sum(o.lines_with_cost)', 'countIf(o.cogs IS NOT NULL)'),
  lines_without_cost: integer('orders', 'sum(o.lines_without_cost)', 'countIf(o.cogs IS NULL)'),
  orders: integer('orders', 'count()', 'uniqExact(o.tenant_id, o.order_id)'),
  cancelled_orders: integer(
    'orders',
    "countIf(o.status = 'cancelled')",
    "uniqExactIf((o.tenant_id, o.order_id), o.status = 'cancelled')",
  ),
  units_sold: integer('orders', 'sum(o.units_sold)', 'sum(toInt64(o.quantity))'),
  active_tenants: integer('orders', 'uniqExact(o.tenant_id)'),

  returns: money('returns', 'sum(r.returns)'),
  units_returned: integer('returns', 'sum(toInt64(r.units_returned))'),
  cogs_returned: {
    source: 'returns',
    kind: 'money',
    sql: 'sum(r.cogs_returned)',
    lineSql: 'sum(ifNull(r.cogs_returned, 0))',
  },
  returns_with_cost: money('returns', 'sum(r.returns_with_cost)'),
  returned_lines_with_cost: integer('returns', 'sum(r.lines_with_cost)', 'countIf(r.cogs_returned IS NOT NULL)'),
  returned_lines_without_cost: integer('returns', 'sum(r.lines_without_cost)', 'countIf(r.cogs_returned IS NULL)'),
  cohort_units_returned: integer('returns of orders', 'sum(toInt64(r.units_returned))'),

  adjustments: money('adjustments', 'sum(a.adjustments)'),

  customers: integer('buyers', 'uniqExactIf((o.tenant_id, o.customer_id), o.customer_id IS NOT NULL)'),
  repeat_customers: integer(
    'buyers',
    `arrayCount(n -> n > 1,
    sumMapIf([(o.tenant_id, assumeNotNull(o.customer_id))], [1], o.customer_id IS NOT NULL).2)`,
  ),
  new_customers: integer(
    'first orders',
    'uniqExactIf((o.tenant_id, o.customer_id), o.customer_id IS NOT NULL AND o.placed_at = f.first_placed_at)',
  ),
  /** `{earlier}`: the customer's first order lies before the bucket of this one. */
  returning_customers: integer(
    'first orders',
    'uniqExactIf((o.tenant_id, o.customer_id), o.customer_id IS NOT NULL AND ({earlier}))',
  ),

  orders_of_customers: integer('buyers', 'countIf(o.customer_id IS NOT NULL)'),

  cohort_customers: integer('cohorts', 'count()'),
  cohort_months: integer('cohort months', 'count()'),
  cohort_active_months: integer('cohort orders', 'uniqExact(c.tenant_id, c.customer_id, c.month)'),
  cohort_value: money('cohort values', 'sum(c.order_value)'),

  delivered_on_time: integer('deliveries', 'countIf(o.delivered_at <= o.promised_at)'),
  delivered_late: integer('deliveries', 'countIf(o.delivered_at > o.promised_at)'),
  late_time: integer('deliveries', `sum(if(o.delivered_at > o.promised_at, toInt128(${pastPromise}), 0))`),
  delivered_orders: integer('deliveries', 'count()'),
  delivered_with_promise: integer('deliveries', 'countIf(o.promised_at IS NOT NULL)'),
  has_delivered: integer('deliveries', 'toInt64(count() > 0)'),
  delivery_time_p50: integer('deliveries', percentileInTenths(toDeliver, 5)),
  delivery_time_p90: integer('deliveries', percentileInTenths(toDeliver, 9)),

  shipped_orders: integer('shipments', 'count()'),
  has_shipped: integer('shipments', 'toInt64(count() > 0)'),
  ship_time: integer('shipments', `sum(toInt128(${toShip}))`),
  ship_time_p50: integer('shipments', percentileInTenths(toShip, 5)),
  ship_time_p90: integer('shipments', percentileInTenths(toShip, 9)),

  backlog: integer('backlog', 'count()'),
  has_backlog: integer('backlog', 'toInt64(count() > 0)'),
  backlog_age_p50: integer('backlog', percentileInTenths(age, 5)),
  backlog_age_p90: integer('backlog', percentileInTenths(age, 9)),
  overdue_orders: integer('overdue', 'count()'),
  overdue_time: integer('overdue', `sum(toInt128(${overdue}))`),

  payments_received: integer('payments', "countIf(p.status = 'received')"),
  payments_attempted: integer('payments', 'count()'),

  stock_units: integer('stock states', 'sum(toInt64(s.state.2))'),
  stocked_skus: integer('stock levels', 'uniqExact(s.tenant_id, s.sku)'),
  inventory_value: money('costed stock', 'sum(toDecimal128(ifNull(s.unit_cost, 0), 4) * s.on_hand)'),
  available_units: integer('stock levels', 'sum(toInt64(s.available))'),
  out_of_stock: integer('stock levels', 'countIf(s.available <= 0)'),
  reorder_point: integer('planned stock', 'sum(toInt64(ifNull(s.reorder_point, 0)))'),
  /** In the window of rate-window.ts. */
  units_shipped: integer('stock shipped lately', 'sum(-toInt64(m.quantity))'),
  low_stock: integer('planned stock', 'countIf(s.available <= s.reorder_point)'),

  micros_since_commit: integer('progress', 'max({now} - toUnixTimestamp64Micro(g.commit_time))'),
  has_commit: integer('progress', 'toInt64(count() > 0)'),
} as const satisfies Readonly<Record<string, Component>>;

export type ComponentId = keyof typeof components;

export function component(id: ComponentId): Component {
  return components[id];
}
