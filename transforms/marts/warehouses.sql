-- model:      marts.warehouses
-- grain:      one row per warehouse
-- units:      none
-- reads:      raw.warehouses
-- invariants: warehouse_id and code are each unique within a tenant
CREATE VIEW marts.warehouses AS
SELECT tenant_id, id AS warehouse_id, code AS warehouse, name, country
FROM raw.warehouses FINAL;
