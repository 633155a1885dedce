-- model:      marts.orders
-- grain:      one row per order that is not a test, cancelled ones included
-- units:      money in the order's `currency`, Decimal(38,4); units_sold in units; times in UTC
-- reads:      facts.orders
-- invariants: additive: any sum over any slice of rows is exact. `hour` is for roll-ups in whole-hour zones (1970–2106);
--             filter by placed_at, first_shipped_at or delivered_at: those have an index.
CREATE VIEW marts.orders AS
SELECT
    tenant_id, order_id, order_number, customer_id,
    status, channel, country, currency, warehouse_id,
    placed_at, toStartOfHour(placed_at) AS hour,
    promised_at, cancelled_at, first_shipped_at, delivered_at,
    gross_sales, discounts, taxes, shipping_charged,
    cogs, net_with_cost, units_sold, lines_without_cost,
    length(`lines.cogs`) - lines_without_cost AS lines_with_cost
FROM facts.orders FINAL
WHERE NOT is_test;
