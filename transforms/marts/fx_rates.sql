-- model:      marts.fx_rates
-- grain:      one row per currency pair and UTC day
-- units:      1 base_currency = rate quote_currency, from rate_date until the next rate
-- reads:      raw.fx_rates
-- invariants: shared by all brands; no inverse and no cross rates are made up
CREATE VIEW marts.fx_rates AS
SELECT base_currency, quote_currency, rate_date, rate, source
FROM raw.fx_rates FINAL;
