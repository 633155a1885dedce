-- model:      marts.payments
-- grain:      one row per payment attempt
-- units:      `amount` in `currency`, Decimal(38,4); times in UTC
-- reads:      raw.payments
-- invariants: additive; every attempt is a row, whatever became of it
CREATE VIEW marts.payments AS
SELECT
    tenant_id, id AS payment_id, order_id, method, status, currency,
    attempted_at, toStartOfHour(attempted_at) AS hour,
    toDecimal128(amount, 4) AS amount
FROM raw.payments FINAL;
