-- Backlog: orders of which something is still to leave, as of now. Tests do not count.
open_orders AS (
  SELECT b.scope, b.slug, o.country, o.channel, o.currency::text AS currency, o.status
  FROM brands b
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  WHERE NOT o.is_test AND o.status NOT IN ('shipped', 'delivered', 'cancelled')
),

figures AS (
  SELECT 'backlog' AS kpi, 'count' AS kind, o.scope, 'total' AS grain, '' AS bucket, l.dimension, l.slice,
    count(*)::numeric AS numerator, NULL::numeric AS denominator, 0 AS missing_rates
  FROM open_orders o
  CROSS JOIN LATERAL (VALUES
    ('', NULL), ('country', o.country), ('channel', o.channel), ('currency', o.currency), ('status', o.status), ('brand', o.slug)
  ) AS l (dimension, slice)
  GROUP BY o.scope, l.dimension, l.slice
)
