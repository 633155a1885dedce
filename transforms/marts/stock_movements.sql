-- model:      marts.stock_movements
-- grain:      one row per movement of one figure of stock (on_hand, allocated, reserved, incoming, damaged)
-- units:      quantity in units, signed; moved_at in UTC
-- reads:      raw.inventory_movements, raw.product_variants, raw.products, raw.warehouses
-- invariants: append-only; the sum over all movements of a variant, warehouse and state is that figure in marts.stock
CREATE VIEW marts.stock_movements AS
SELECT
    m.tenant_id AS tenant_id, m.id AS movement_id, m.variant_id AS variant_id, m.warehouse_id AS warehouse_id,
    w.code AS warehouse, v.sku AS sku, p.name AS product, p.category AS category,
    m.state AS state, m.quantity AS quantity, m.reason AS reason,
    m.reference_type AS reference_type, m.reference_id AS reference_id, m.moved_at AS moved_at
FROM (SELECT * FROM raw.inventory_movements FINAL) AS m
LEFT JOIN (SELECT * FROM raw.product_variants FINAL) AS v ON v.tenant_id = m.tenant_id AND v.id = m.variant_id
LEFT JOIN (SELECT * FROM raw.products FINAL) AS p ON p.tenant_id = m.tenant_id AND p.id = v.product_id
LEFT JOIN (SELECT * FROM raw.warehouses FINAL) AS w ON w.tenant_id = m.tenant_id AND w.id = m.warehouse_id;
