-- What only the platform sees: brands with an order, and orders per hour of buckets that are over. UTC.
placed AS (
  SELECT b.scope, o.tenant_id, least(greatest(o.placed_at, s.first_instant), s.last_instant) AT TIME ZONE 'UTC' AS local_time
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  WHERE NOT o.is_test
),

counts AS (
  SELECT p.scope, l.grain, to_char(l.first, 'YYYY-MM-DD') AS bucket,
    count(*) AS orders,
    count(DISTINCT p.tenant_id) AS tenants,
    extract(epoch FROM l.first + l.length - l.first) / 3600 AS hours,
    l.first + l.length <= now() AT TIME ZONE 'UTC' AS is_over
  FROM placed p
  CROSS JOIN LATERAL (VALUES
    ('month', date_trunc('month', p.local_time), interval '1 month'),
    ('week', date_trunc('week', p.local_time), interval '7 days'),
    ('day', date_trunc('day', p.local_time), interval '1 day')
  ) AS l (grain, first, length)
  GROUP BY p.scope, l.grain, l.first, l.length
),

figures AS (
  SELECT 'active_tenants' AS kpi, 'count' AS kind, scope, grain, bucket, '' AS dimension, NULL AS slice,
    tenants::numeric AS numerator, NULL::numeric AS denominator, 0 AS missing_rates
  FROM counts
  UNION ALL
  SELECT 'orders_per_hour', 'ratio', scope, grain, bucket, '', NULL, orders, hours, 0
  FROM counts
  WHERE is_over
)
