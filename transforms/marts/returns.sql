-- model:      marts.returns
-- grain:      one row per refunded return that is not a test
-- units:      money in the return's `currency`, Decimal(38,4), positive; units_returned in units; times in UTC
-- reads:      facts.returns
-- invariants: additive; dated by refunded_at, never by the order's date
CREATE VIEW marts.returns AS
SELECT
    tenant_id, return_id, return_number, order_id, customer_id,
    channel, country, currency,
    refunded_at, toStartOfHour(refunded_at) AS hour,
    returns, units_returned, cogs_returned, returns_with_cost, lines_without_cost,
    length(`lines.cogs`) - lines_without_cost AS lines_with_cost
FROM facts.returns FINAL
WHERE NOT is_test AND status = 'refunded' AND refunded_at IS NOT NULL;
