-- Close of every oracle query. A figure is numerator / denominator; rounded once, half away from zero, by whole-number
-- division: numeric's own "/" rounds at some digit of its choice. Money has 4 decimals, ratios and averages 6.
SELECT
  kpi,
  scope,
  grain,
  bucket,
  dimension,
  slice,
  CASE
    WHEN missing_rates > 0 THEN 'missing rate'
    WHEN numerator IS NULL THEN NULL
    WHEN kind = 'count' THEN trunc(numerator)::text
    WHEN kind = 'money' THEN round(numerator, 4)::text
    WHEN denominator = 0 THEN NULL
    ELSE round(
      sign(numerator) * sign(denominator)
        * div(abs(numerator) * 2000000 + abs(denominator), 2 * abs(denominator))
        * 0.000001,
      6
    )::text
  END AS value
FROM (
  SELECT kpi, kind, scope, grain, bucket, dimension, slice, numerator::numeric, denominator::numeric, missing_rates
  FROM figures
) f
