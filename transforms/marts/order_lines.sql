-- model:      marts.order_lines
-- grain:      one row per line of an order that is not a test, cancelled ones included
-- units:      money in the order's `currency`, Decimal(38,4), of the whole line; quantity in units; times in UTC
-- reads:      facts.orders
-- invariants: sums over the lines equal the sums of marts.orders; `cogs` is null where no cost is recorded.
--             An order appears once per line: count orders with uniqExact(order_id).
CREATE VIEW marts.order_lines AS
SELECT
    tenant_id, order_id, order_number, customer_id,
    status, channel, country, currency, warehouse_id,
    placed_at, toStartOfHour(placed_at) AS hour,
    promised_at, cancelled_at, first_shipped_at, delivered_at,
    line_item_id AS order_item_id, line_no, line_variant_id AS variant_id, line_sku AS sku, line_quantity AS quantity,
    line_gross_sales AS gross_sales, line_discounts AS discounts, line_taxes AS taxes,
    line_shipping_charged AS shipping_charged, line_cogs AS cogs,
    if(line_cogs IS NULL, toDecimal128(0, 4), line_gross_sales - line_discounts) AS net_with_cost
FROM facts.orders FINAL
ARRAY JOIN
    `lines.item_id` AS line_item_id,
    `lines.line_no` AS line_no,
    `lines.variant_id` AS line_variant_id,
    `lines.sku` AS line_sku,
    `lines.quantity` AS line_quantity,
    `lines.gross_sales` AS line_gross_sales,
    `lines.discounts` AS line_discounts,
    `lines.taxes` AS line_taxes,
    `lines.shipping_charged` AS line_shipping_charged,
    `lines.cogs` AS line_cogs
WHERE NOT is_test;
