-- model:      marts.customer_first_orders
-- grain:      one row per customer with at least one order that is not a test
-- units:      first_placed_at in UTC; orders in orders; channel and country of the first order (of several at once: the least id)
-- reads:      facts.orders
-- invariants: over all time: never filter it by placed_at, join it to what is filtered
CREATE VIEW marts.customer_first_orders AS
SELECT
    tenant_id, customer_id, min(placed_at) AS first_placed_at, count() AS orders,
    -- Tuples, because argMin alone would skip an order without a channel.
    argMin(tuple(channel), (placed_at, toUInt128(order_id))).1 AS channel,
    argMin(tuple(country), (placed_at, toUInt128(order_id))).1 AS country
FROM facts.orders FINAL
WHERE NOT is_test AND customer_id IS NOT NULL
GROUP BY tenant_id, customer_id;
