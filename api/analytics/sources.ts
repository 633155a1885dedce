// Where figures come from: each source is a FROM clause over marts, the time that dates its rows, and its dimensions.
import type { Dimension } from './catalogue/kpi.ts';
import { cohortSources } from './cohort-sources.ts';
import { age, begunDays, overdue, pastPromise, toDeliver, toShip, wholeDays } from './durations.ts';

export type SourceId =
  | 'orders'
  | 'returns'
  | 'returns of orders'
  | 'adjustments'
  | 'buyers'
  | 'first orders'
  | 'cohorts'
  | 'cohort months'
  | 'cohort orders'
  | 'cohort values'
  | 'deliveries'
  | 'shipments'
  | 'backlog'
  | 'overdue'
  | 'payments'
  | 'planned stock'
  | 'stock levels'
  | 'stock shipped lately'
  | 'stock states'
  | 'costed stock'
  | 'progress';

export interface Source {
  /** Alias of the table that carries the tenant. */
  readonly alias: string;
  /**
   * Its rows are rows of that source, picked by `where` and widened by `join`. Both are read at once when both are asked for, so its
   * components must come to the same over all rows of that source, whatever `where` leaves out.
   */
  readonly rowsOf?: SourceId;
  /** Exactly one row per row of the source. */
  readonly join?: string | undefined;
  /**
   * `marts.` and `ops.` are replaced by the databases in use; `{scope:x}` by the tenant's predicate on alias x. In `where` and
   * `dimensions`, `{now}` is the microseconds since 1970 of the question, `{since}` and `{until}` the window of rates. Everywhere
   * `{month:x}` is the first day of the zone's month that x is in, `{months:x}` the number of that month, `{thisMonth}` that of now.
   */
  readonly from: string;
  /** Instead, when a dimension of lines is asked for: rows are lines then. */
  readonly fromLines?: string;
  /** Instead, when `months_since_first` is asked for: rows are customers or orders × months then. */
  readonly fromMonths?: string;
  /** Dates the rows; null for a state. */
  readonly time: string | null;
  /** When the rows of a state came to be, where that can be said. */
  readonly began?: string;
  /** Is never before `time`: what is read can be bounded by it, too. */
  readonly neverBefore?: string;
  /** Dates the row's money for exchange, where that is not `time`. */
  readonly entryTime?: string;
  readonly where?: string | undefined;
  /** Of the row's money. */
  readonly currency?: string;
  /** SQL of each dimension. */
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>;
}

/** Dimensions that a row per order or return does not have. */
export const lineDimensions: ReadonlySet<Dimension> = new Set(['sku', 'product', 'category']);

const sales = (alias: string): Source['dimensions'] => ({
  channel: `${alias}.channel`,
  country: `${alias}.country`,
  currency: `${alias}.currency`,
  brand: `${alias}.tenant_id`,
});
const lines = (alias: string): Source['dimensions'] => ({
  sku: `${alias}.sku`,
  product: 'v.product',
  category: 'v.category',
});
const ofOrders = {
  ...sales('o'),
  status: 'o.status',
  order_number: 'o.order_number',
  customer_id: 'toString(o.customer_id)',
};

/** Current product attributes, joined when they are asked for. */
export function variantsJoin(alias: string): string {
  return `LEFT JOIN (SELECT tenant_id, variant_id, product, category FROM marts.variants WHERE {scope:}) AS v
  ON v.tenant_id = ${alias}.tenant_id AND v.variant_id = ${alias}.variant_id`;
}

/** Warehouse codes, joined when they are asked for. */
export const warehousesJoin = `LEFT JOIN (SELECT tenant_id, warehouse_id, warehouse FROM marts.warehouses WHERE {scope:}) AS w
  ON w.tenant_id = o.tenant_id AND w.warehouse_id = o.warehouse_id`;

/** Numbers of orders, joined when they are asked for where the source knows its order by id only. */
export function orderNumbersJoin(alias: string): string {
  return `LEFT JOIN (SELECT tenant_id, order_id, order_number FROM marts.order_numbers WHERE {scope:}) AS n
  ON n.tenant_id = ${alias}.tenant_id AND n.order_id = ${alias}.order_id`;
}
export const joinedOrderNumber = "nullIf(n.order_number, '')";

const fulfilment = {
  alias: 'o',
  from: 'marts.orders AS o',
  dimensions: { ...ofOrders, warehouse: 'if(o.warehouse_id IS NULL, NULL, w.warehouse)' },
} as const;

const buyers = {
  alias: 'o',
  rowsOf: 'orders',
  from: 'marts.orders AS o',
  time: 'o.placed_at',
  where: 'o.customer_id IS NOT NULL',
  dimensions: ofOrders,
} as const;

const stock = {
  alias: 's',
  from: 'marts.stock AS s',
  time: null,
  dimensions: {
    sku: 's.sku',
    product: 's.product',
    category: 's.category',
    warehouse: 's.warehouse',
    brand: 's.tenant_id',
  },
} as const;

export const sources: Readonly<Record<SourceId, Source>> = {
  orders: {
    alias: 'o',
    from: 'marts.orders AS o',
    fromLines: 'marts.order_lines AS o',
    time: 'o.placed_at',
    currency: 'o.currency',
    dimensions: { ...ofOrders, ...lines('o') },
  },
  returns: {
    alias: 'r',
    from: 'marts.returns AS r',
    fromLines: 'marts.return_lines AS r',
    time: 'assumeNotNull(r.refunded_at)',
    currency: 'r.currency',
    dimensions: {
      ...sales('r'),
      ...lines('r'),
      order_number: joinedOrderNumber,
      customer_id: 'toString(r.customer_id)',
    },
  },
  'returns of orders': {
    alias: 'r',
    from: `marts.returns AS r
  INNER JOIN (SELECT * FROM marts.orders WHERE {scope:}) AS o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id`,
    fromLines: `marts.return_lines AS r
  INNER JOIN (SELECT * FROM marts.orders WHERE {scope:}) AS o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id`,
    time: 'o.placed_at',
    dimensions: { ...ofOrders, ...lines('r') },
  },
  adjustments: {
    alias: 'a',
    from: 'marts.adjustments AS a',
    time: 'a.adjusted_at',
    currency: 'a.currency',
    dimensions: { ...sales('a'), sku: 'a.sku', order_number: "CAST(NULL, 'Nullable(String)')" },
  },
  buyers,
  'first orders': {
    ...buyers,
    join: `LEFT JOIN (SELECT tenant_id, customer_id, first_placed_at FROM marts.customer_first_orders WHERE {scope:}) AS f
  ON f.tenant_id = o.tenant_id AND f.customer_id = o.customer_id`,
  },
  ...cohortSources,
  deliveries: {
    ...fulfilment,
    time: 'assumeNotNull(o.delivered_at)',
    where: "o.delivered_at IS NOT NULL AND o.status != 'cancelled'",
    dimensions: {
      ...fulfilment.dimensions,
      delivery_days: wholeDays(toDeliver),
      days_late: `if(o.promised_at IS NULL, NULL, ${begunDays(pastPromise)})`,
    },
  },
  shipments: {
    ...fulfilment,
    time: 'assumeNotNull(o.first_shipped_at)',
    where: "o.first_shipped_at IS NOT NULL AND o.status != 'cancelled'",
    dimensions: { ...fulfilment.dimensions, ship_days: wholeDays(toShip) },
  },
  backlog: {
    alias: 'o',
    from: 'marts.orders AS o',
    time: null,
    began: 'o.placed_at',
    where: "o.status IN ('placed', 'confirmed', 'picked', 'packed', 'partially_shipped')",
    dimensions: { ...ofOrders, age_days: wholeDays(age) },
  },
  overdue: {
    ...fulfilment,
    time: null,
    began: 'assumeNotNull(o.promised_at)',
    where: `o.promised_at IS NOT NULL AND o.delivered_at IS NULL AND o.status NOT IN ('delivered', 'cancelled')
  AND ${overdue} > 0`,
    dimensions: { ...fulfilment.dimensions, days_late: begunDays(overdue) },
  },
  payments: {
    alias: 'p',
    from: 'marts.payments AS p',
    time: 'p.attempted_at',
    dimensions: { currency: 'p.currency', brand: 'p.tenant_id', order_number: joinedOrderNumber },
  },
  'stock levels': stock,
  'stock shipped lately': {
    alias: 'm',
    from: 'marts.stock_movements AS m',
    time: null,
    where: `m.state = 'on_hand' AND m.reason = 'shipment' AND m.quantity < 0
  AND m.moved_at >= {since} AND m.moved_at < {until}`,
    dimensions: {
      sku: 'm.sku',
      product: 'm.product',
      category: 'm.category',
      warehouse: 'm.warehouse',
      brand: 'm.tenant_id',
    },
  },
  'planned stock': { ...stock, rowsOf: 'stock levels', where: 's.reorder_point IS NOT NULL' },
  'stock states': {
    ...stock,
    from: `(
    SELECT *, arrayJoin([('on_hand', on_hand), ('allocated', allocated), ('reserved', reserved),
      ('available', available), ('incoming', incoming), ('damaged', damaged)]) AS state
    FROM marts.stock WHERE {scope:}
  ) AS s`,
    dimensions: { ...stock.dimensions, status: 's.state.1' },
  },
  'costed stock': {
    ...stock,
    rowsOf: 'stock levels',
    where: 's.unit_cost IS NOT NULL',
    currency: 'assumeNotNull(s.cost_currency)',
    dimensions: { ...stock.dimensions, currency: 's.cost_currency' },
  },
  progress: {
    alias: 'g',
    from: 'ops.progress AS g FINAL',
    time: null,
    where: '{progress} AND g.commit_time > toDateTime64(0, 6)',
    dimensions: { brand: 'g.tenant_id' },
  },
};
