-- model:      marts.tenants
-- grain:      one row per brand
-- units:      currency is ISO 4217, timezone an IANA name
-- reads:      raw.tenants
-- invariants: slug is unique
CREATE VIEW marts.tenants AS
SELECT id, slug, name, currency, timezone, status
FROM raw.tenants FINAL;
