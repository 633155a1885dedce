-- model:      marts.variants
-- grain:      one row per product variant, with the attributes it has now
-- units:      unit_cost in cost_currency per unit; reorder_point in units
-- reads:      raw.product_variants, raw.products
-- invariants: variant_id is unique within a tenant; facts keep the variant, names and categories are joined when asked
CREATE VIEW marts.variants AS
SELECT
    v.tenant_id AS tenant_id, v.id AS variant_id, v.product_id AS product_id, v.sku AS sku,
    p.name AS product, p.category AS category, v.name AS variant_name, v.status AS status,
    v.unit_cost AS unit_cost, v.cost_currency AS cost_currency, v.reorder_point AS reorder_point
FROM (SELECT * FROM raw.product_variants FINAL) AS v
LEFT JOIN (SELECT * FROM raw.products FINAL) AS p ON p.tenant_id = v.tenant_id AND p.id = v.product_id;
