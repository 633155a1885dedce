// Cohorts: customers by their first order ever, and what they have ordered in the months since.
import type { Source } from './sources.ts';

/** The month that runs; whatever is dated later is not counted (yet). */
const THIS_MONTH = '{thisMonth}';

const firstOrders = `SELECT tenant_id, customer_id, first_placed_at, channel, country, {months:first_placed_at} AS first_month
  FROM marts.customer_first_orders WHERE {scope:}`;

/** A row per order, with the cohort of its customer. */
const orders = `SELECT o.tenant_id AS tenant_id, o.customer_id AS customer_id, o.placed_at AS placed_at, o.currency AS currency,
    o.gross_sales - o.discounts AS order_value, f.first_placed_at AS first_placed_at, f.channel AS channel, f.country AS country,
    f.first_month AS first_month, {months:o.placed_at} AS month
  FROM marts.orders AS o
  INNER JOIN (${firstOrders}) AS f ON f.tenant_id = o.tenant_id AND f.customer_id = o.customer_id
  WHERE o.customer_id IS NOT NULL AND {scope:o}`;

/** Months since the first, from `since` to the running one. */
const monthsFrom = (since: string) =>
  `arrayJoin(range(${since}, ${THIS_MONTH} - first_month + 1)) AS months_since_first`;

const dimensions = {
  cohort_month: '{month:c.first_placed_at}',
  // 32 bits: a number in JSON, too.
  months_since_first: 'toInt32(c.months_since_first)',
  channel: 'c.channel',
  country: 'c.country',
  customer_id: 'toString(c.customer_id)',
  brand: 'c.tenant_id',
} as const;

const shared = { alias: 'c', time: 'c.first_placed_at', dimensions } as const;
const ofOrders = { ...shared, neverBefore: 'c.placed_at', where: `c.month <= ${THIS_MONTH}` } as const;
const customerMonths = `(SELECT *, ${monthsFrom('toInt32(0)')} FROM (${firstOrders})) AS c`;

export const cohortSources = {
  /** A row per customer; by month: and month that has begun since the first order. */
  cohorts: {
    ...shared,
    from: `(${firstOrders}) AS c`,
    fromMonths: customerMonths,
    where: `c.first_month <= ${THIS_MONTH}`,
  },
  'cohort months': { ...shared, from: customerMonths },
  'cohort orders': { ...ofOrders, from: `(SELECT *, month - first_month AS months_since_first FROM (${orders})) AS c` },
  /** A row per order; by month: and month in whose end its value is part of what its customer has brought. */
  'cohort values': {
    ...ofOrders,
    from: `(${orders}) AS c`,
    fromMonths: `(SELECT *, ${monthsFrom('month - first_month')} FROM (${orders})) AS c`,
    currency: 'c.currency',
    entryTime: 'c.placed_at',
  },
} as const satisfies Record<string, Source>;
