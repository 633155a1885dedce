// Brands without orders in their usual hours. What is usual: the same hours of the same weekday in the last four weeks, in the
// brand's own zone.
import { DateTime } from 'luxon';
import type { ScopedReader } from '../analytics/tenant-clickhouse.ts';

const WEEKS = 4;
/** A brand is not looked at before it has been silent for so long. */
const SILENT_MS = 30 * 60_000;
/** Looks back no further than a day: who has traded nothing for longer is told by what a day is worth. */
const LONGEST_MS = 24 * 3_600_000;
/** Fewer orders than this in such hours, and their absence says nothing (with five on average, chance alone gives none in 1 of 150). */
const LEAST_ORDERS = 5;
/** Of the four weeks, so many must have had orders in these hours. */
const LEAST_WEEKS = 3;

export interface TradingBrand {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  /** Its newest order of the last five weeks, ISO 8601. */
  readonly lastOrder: string;
}

export interface QuietBrand extends TradingBrand {
  /** On average in such hours; one decimal. */
  readonly expectedOrders: string;
  /** Gross sales less discounts of the orders in the brand's currency, on average; two decimals. */
  readonly expectedSales: string;
}

export interface Hours {
  readonly from: DateTime;
  readonly to: DateTime;
}

/** The silence of a brand, one to four weeks ago by its own clock; empty while it is not silent for long. */
export function usualHours({ lastOrder, timezone }: TradingBrand, now: Date): Hours[] {
  const end = DateTime.fromJSDate(now, { zone: timezone });
  const silent = now.getTime() - Date.parse(lastOrder);
  if (silent < SILENT_MS) return [];
  const begin = end.minus({ milliseconds: Math.min(silent, LONGEST_MS) });
  return Array.from({ length: WEEKS }, (_, i) => ({
    from: begin.minus({ weeks: i + 1 }),
    to: end.minus({ weeks: i + 1 }),
  }));
}

/** @param orders of each of the four weeks in such hours. */
export function isUnusual(orders: readonly number[]): boolean {
  const all = orders.reduce((sum, one) => sum + one, 0);
  return all >= LEAST_ORDERS * WEEKS && orders.filter((one) => one > 0).length >= LEAST_WEEKS;
}

/** The active brands that are silent although they usually are not. Two statements over all brands: not for every request. */
export async function quietBrands(reader: ScopedReader, now: Date): Promise<QuietBrand[]> {
  const brands = await reader.query<TradingBrand>({
    sql: `SELECT toString(b.id) AS id, b.slug AS slug, b.name AS name, b.currency AS currency, b.timezone AS timezone,
        formatDateTime(o.last, '%FT%T.%fZ', 'UTC') AS lastOrder
      FROM (SELECT tenant_id, max(placed_at) AS last FROM marts.orders
            WHERE placed_at >= fromUnixTimestamp64Milli({since:Int64}) AND placed_at <= fromUnixTimestamp64Milli({now:Int64})
            GROUP BY tenant_id) AS o
      INNER JOIN marts.tenants AS b ON b.id = o.tenant_id WHERE b.status = 'active'`,
    parameters: { since: now.getTime() - 35 * 86_400_000, now: now.getTime() },
  });
  const asked = brands.flatMap((brand) =>
    usualHours(brand, now).map(({ from, to }, week) => ({ brand, week, from: from.toMillis(), to: to.toMillis() })),
  );
  if (asked.length === 0) return [];
  const counts = await reader.query<{ id: string; orders: string[]; sales: string }>({
    sql: `SELECT toString(tenant_id) AS id, groupArray(orders) AS orders,
        divideDecimal(sum(sales), toDecimal128(${WEEKS}, 0), 2) AS sales
      FROM (
        SELECT o.tenant_id AS tenant_id, w.week AS week, count() AS orders,
          sumIf(o.gross_sales - o.discounts, o.currency = w.currency) AS sales
        FROM marts.orders AS o
        INNER JOIN (
          SELECT toUUID(t.1) AS id, t.2 AS currency, t.3 AS week, fromUnixTimestamp64Milli(t.4) AS begins,
            fromUnixTimestamp64Milli(t.5) AS ends
          FROM (SELECT arrayJoin(arrayZip({ids:Array(String)}, {currencies:Array(String)}, {weeks:Array(UInt8)},
            {froms:Array(Int64)}, {tos:Array(Int64)})) AS t)
        ) AS w ON w.id = o.tenant_id
        WHERE o.placed_at >= fromUnixTimestamp64Milli({earliest:Int64}) AND o.placed_at >= w.begins AND o.placed_at < w.ends
        GROUP BY tenant_id, week
      ) GROUP BY tenant_id`,
    parameters: {
      ids: asked.map(({ brand }) => brand.id),
      currencies: asked.map(({ brand }) => brand.currency),
      weeks: asked.map(({ week }) => week),
      froms: asked.map(({ from }) => from),
      tos: asked.map(({ to }) => to),
      earliest: Math.min(...asked.map(({ from }) => from)),
    },
  });
  const found = new Map(counts.map((count) => [count.id, count]));
  return brands.flatMap((brand) => {
    const { orders = [], sales = '0' } = found.get(brand.id) ?? {};
    const all = orders.map(Number);
    if (!isUnusual(all)) return [];
    const expectedOrders = (all.reduce((sum, one) => sum + one, 0) / WEEKS).toFixed(1);
    return [{ ...brand, expectedOrders, expectedSales: sales }];
  });
}
