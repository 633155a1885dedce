-- model:      marts.stock
-- grain:      one row per variant and warehouse, as of now
-- units:      units; unit_cost in cost_currency per unit
-- reads:      raw.inventory, raw.product_variants, raw.products, raw.warehouses
-- invariants: available = on_hand − allocated − reserved − damaged (computed by Postgres);
--             reorder_point is the warehouse's own, else the variant's, else null
CREATE VIEW marts.stock AS
SELECT
    i.tenant_id AS tenant_id, i.variant_id AS variant_id, i.warehouse_id AS warehouse_id,
    w.code AS warehouse, v.sku AS sku, p.name AS product, p.category AS category,
    i.on_hand AS on_hand, i.allocated AS allocated, i.reserved AS reserved, i.available AS available,
    i.incoming AS incoming, i.damaged AS damaged,
    ifNull(i.reorder_point, v.reorder_point) AS reorder_point,
    v.unit_cost AS unit_cost, v.cost_currency AS cost_currency
FROM (SELECT * FROM raw.inventory FINAL) AS i
LEFT JOIN (SELECT * FROM raw.product_variants FINAL) AS v ON v.tenant_id = i.tenant_id AND v.id = i.variant_id
LEFT JOIN (SELECT * FROM raw.products FINAL) AS p ON p.tenant_id = i.tenant_id AND p.id = v.product_id
LEFT JOIN (SELECT * FROM raw.warehouses FINAL) AS w ON w.tenant_id = i.tenant_id AND w.id = i.warehouse_id;
