-- Opening of every oracle query: which brands, in which zone and currency, and what a currency is worth on a day.
--
-- Parameters: $1 tenant ids, null for all. $2 reporting currency: with it the scope is the platform ('*', UTC, all brands
-- together), without it each brand by itself ('slug', its own zone and currency).
-- Times are clamped to what the analytical side can hold, as the mirror does (and reports).
brands AS (
  SELECT
    t.id AS tenant_id,
    t.slug,
    CASE WHEN $2::text IS NULL THEN t.slug ELSE '*' END AS scope,
    CASE WHEN $2::text IS NULL THEN t.timezone ELSE 'UTC' END AS zone,
    coalesce($2::text, t.currency) AS reporting_currency
  FROM commerce.tenants t
  WHERE $1::uuid[] IS NULL OR t.id = ANY ($1::uuid[])
),

spans AS (
  SELECT timestamptz '1900-01-01 00:00:00+00' AS first_instant, timestamptz '2299-12-31 23:59:59.999999+00' AS last_instant
),

-- 1 base = rate quote, from rate_date until the day before the next rate of the pair.
rate_periods AS (
  SELECT
    base_currency,
    quote_currency,
    rate,
    rate_date AS valid_from,
    lead(rate_date) OVER (PARTITION BY base_currency, quote_currency ORDER BY rate_date) AS valid_until
  FROM commerce.fx_rates
),
