-- model:      marts.order_numbers
-- grain:      one row per order, tests included
-- units:      none
-- reads:      facts.orders
-- invariants: order_number is unique within a tenant; names the order of a payment or a return
CREATE VIEW marts.order_numbers AS
SELECT tenant_id, order_id, order_number
FROM facts.orders FINAL;
