-- model:      marts.adjustments
-- grain:      one row per accounting correction
-- units:      `adjustments` in `currency`, Decimal(38,4), signed; times in UTC
-- reads:      raw.adjustments
-- invariants: additive; apart from net sales
CREATE VIEW marts.adjustments AS
SELECT
    tenant_id, id AS adjustment_id, adjustment_number, line_no, customer_id, sku, channel, country, currency, reason,
    adjusted_at, toStartOfHour(adjusted_at) AS hour,
    toDecimal128(amount, 4) AS adjustments
FROM raw.adjustments FINAL;
