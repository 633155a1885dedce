-- model:      marts.return_lines
-- grain:      one row per line of a refunded return that is not a test
-- units:      money in the return's `currency`, Decimal(38,4), positive; units_returned in units; times in UTC
-- reads:      facts.returns
-- invariants: sums over the lines equal the sums of marts.returns; `cogs_returned` is null where no cost is recorded
CREATE VIEW marts.return_lines AS
SELECT
    tenant_id, return_id, order_id, customer_id,
    channel, country, currency,
    refunded_at, toStartOfHour(refunded_at) AS hour,
    line_item_id AS return_item_id, line_order_item_id AS order_item_id, line_variant_id AS variant_id, line_sku AS sku,
    line_quantity AS units_returned, line_amount AS returns, line_cogs AS cogs_returned,
    if(line_cogs IS NULL, toDecimal128(0, 4), line_amount) AS returns_with_cost
FROM facts.returns FINAL
ARRAY JOIN
    `lines.item_id` AS line_item_id,
    `lines.order_item_id` AS line_order_item_id,
    `lines.variant_id` AS line_variant_id,
    `lines.sku` AS line_sku,
    `lines.quantity` AS line_quantity,
    `lines.amount` AS line_amount,
    `lines.cogs` AS line_cogs
WHERE NOT is_test AND status = 'refunded' AND refunded_at IS NOT NULL;
