import { type RawBuilder, sql } from 'kysely';
import { Problem } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import type { OrderSummary } from './order-schema.ts';
import { headerJson, orderTotals } from './read-orders.ts';
import { orderStatuses } from './state-machine.ts';

export interface OrderFilters {
  readonly status?: string | undefined;
  readonly channel?: string | undefined;
  readonly country?: string | undefined;
  readonly customerId?: string | undefined;
  readonly placedFrom?: string | undefined;
  readonly placedTo?: string | undefined;
  readonly orderNumber?: string | undefined;
  readonly sku?: string | undefined;
  readonly q?: string | undefined;
}

interface Ordering {
  /** What it runs by, of an order `o` and its sums `t`; then by id. */
  readonly keys: readonly (readonly [expression: string, type: string])[];
  /** Their values of an order, as text. */
  readonly valuesOf: (order: OrderSummary) => readonly string[];
  /** No index knows it: all orders that match are sorted before a page is taken. */
  readonly isComputed?: 'of the order' | 'of its lines';
}

/** Amounts of several currencies are not compared with each other, so a list by total runs currency by currency. */
const orderings = {
  placedAt: { keys: [['o.placed_at', 'timestamptz']], valuesOf: ({ placedAt }) => [placedAt] },
  status: {
    keys: [[`array_position('{${orderStatuses.join(',')}}'::text[], o.status)`, 'int']],
    valuesOf: ({ status }) => [String(orderStatuses.indexOf(status) + 1)],
    isComputed: 'of the order',
  },
  total: {
    keys: [
      ['o.currency', 'text'],
      ['(t.gross - t.discount + t.tax + t.shipping)', 'numeric'],
    ],
    valuesOf: ({ currency, total }) => [currency, total],
    isComputed: 'of its lines',
  },
} satisfies Record<string, Ordering>;

/** Ascending; with a minus, descending. */
export const orderSorts = ['placedAt', '-placedAt', 'status', '-status', 'total', '-total'] as const;
export type OrderSort = (typeof orderSorts)[number];

function orderingOf(sort: OrderSort): Ordering & { readonly isDescending: boolean } {
  const name = sort.replace('-', '') as keyof typeof orderings;
  return { ...orderings[name], isDescending: sort.startsWith('-') };
}

/** Where an order stands in a list sorted so: what a page after it begins behind. */
export function placeOf(sort: OrderSort, order: OrderSummary): string[] {
  return [...orderingOf(sort).valuesOf(order), order.id];
}

/** Most orders that are sorted for one page by what no index knows: about a second of Postgres at worst. */
export const MOST_SORTED = 20_000;

/** At most `count` orders that come behind `after` (`placeOf` of an order), or the first ones. Too many to be sorted are a problem that names `sort`. */
export async function listOrders(
  trx: CommerceTransaction,
  filters: OrderFilters,
  sort: OrderSort,
  after: readonly string[] | null,
  count: number,
): Promise<OrderSummary[]> {
  const { keys, isDescending, isComputed } = orderingOf(sort);
  const all = [...keys, ['o.id', 'uuid'] as const];
  const order = sql.raw(all.map(([key]) => `${key} ${isDescending ? 'DESC' : 'ASC'}`).join(', '));
  const narrowed = conditionsOf(filters);
  if (isComputed) await requireSortable(trx, narrowed);
  const conditions = after === null ? narrowed : [...narrowed, behind(all, isDescending, after)];
  const { rows } = await sql<{ body: OrderSummary }>`
    SELECT json_build_object(${sql.raw(headerJson)}) AS body
    FROM (
      SELECT o.* FROM commerce.orders o${sql.raw(isComputed === 'of its lines' ? `, ${orderTotals}` : '')}
      WHERE ${every(conditions)}
      ORDER BY ${order} LIMIT ${count}
    ) o, ${sql.raw(orderTotals)}
    ORDER BY ${order}`.execute(trx);
  return rows.map(({ body }) => body);
}

async function requireSortable(trx: CommerceTransaction, conditions: readonly Condition[]): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count
    FROM (SELECT FROM commerce.orders o WHERE ${every(conditions)} LIMIT ${MOST_SORTED + 1}) o`.execute(trx);
  if ((rows[0]?.count ?? 0) <= MOST_SORTED) return;
  const message = `sorts at most ${MOST_SORTED} orders: narrow them, for example by placedFrom and placedTo`;
  throw new Problem('query-too-large', `These are too many orders: sort ${message}.`, {
    errors: [{ path: 'sort', message }],
  });
}

type Condition = RawBuilder<unknown>;

const every = (conditions: readonly Condition[]) =>
  conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);

function behind(keys: Ordering['keys'], isDescending: boolean, after: readonly string[]): Condition {
  const values = keys.map(([, type], index) => sql`${after[index]}::${sql.raw(type)}`);
  const row = sql.raw(`(${keys.map(([key]) => key).join(', ')})`);
  return sql`${row} ${sql.raw(isDescending ? '<' : '>')} (${sql.join(values)})`;
}

function conditionsOf(filters: OrderFilters): Condition[] {
  return [
    ...(filters.status === undefined ? [] : [sql`o.status = ${filters.status}`]),
    ...(filters.channel === undefined ? [] : [sql`o.channel = ${filters.channel}`]),
    ...(filters.country === undefined ? [] : [sql`o.country = ${filters.country}`]),
    ...(filters.customerId === undefined ? [] : [sql`o.customer_id = ${filters.customerId}::uuid`]),
    ...(filters.placedFrom === undefined ? [] : [sql`o.placed_at >= ${filters.placedFrom}::timestamptz`]),
    ...(filters.placedTo === undefined ? [] : [sql`o.placed_at < ${filters.placedTo}::timestamptz`]),
    ...(filters.orderNumber === undefined ? [] : [sql`o.order_number = ${filters.orderNumber}`]),
    ...(filters.sku === undefined
      ? []
      : [
          sql`EXISTS (SELECT FROM commerce.order_items i
            WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id AND i.sku = ${filters.sku})`,
        ]),
    ...(filters.q === undefined ? [] : [sql`starts_with(o.order_number, ${filters.q})`]),
  ];
}
