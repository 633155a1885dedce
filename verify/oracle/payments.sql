-- payment_success_rate: attempts that brought the money, by the time of the attempt, whatever the order.
attempts AS (
  SELECT b.scope, b.slug, p.status, p.currency::text AS currency,
    least(greatest(p.attempted_at, s.first_instant), s.last_instant) AT TIME ZONE b.zone AS local_time
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.payments p ON p.tenant_id = b.tenant_id
),

figures AS (
  SELECT 'payment_success_rate' AS kpi, 'ratio' AS kind, a.scope, l.grain, l.bucket, l.dimension, l.slice,
    (count(*) FILTER (WHERE a.status = 'received'))::numeric AS numerator, count(*) AS denominator, 0 AS missing_rates
  FROM attempts a
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', NULL),
    ('year', to_char(date_trunc('year', a.local_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', a.local_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', a.local_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', a.local_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(a.local_time, 'YYYY-MM-DD'), '', NULL),
    ('total', '', 'currency', a.currency),
    ('total', '', 'brand', a.slug)
  ) AS l (grain, bucket, dimension, slice)
  GROUP BY a.scope, l.grain, l.bucket, l.dimension, l.slice
)
