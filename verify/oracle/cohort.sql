-- return_rate_units_cohort: of the units sold in a bucket, how many have come back since, whenever that was.
--
-- Grain of `cohort`: one order that is no test. Only refunded returns that name their order can be counted.
cohort AS MATERIALIZED (
  SELECT b.scope, b.slug, o.customer_id, o.country, o.channel, o.currency::text AS currency, o.status,
    least(greatest(o.placed_at, s.first_instant), s.last_instant) AT TIME ZONE b.zone AS local_time,
    coalesce((SELECT sum(i.quantity) FROM commerce.order_items i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id), 0) AS sold,
    coalesce((
      SELECT sum(i.quantity)
      FROM commerce.returns r
      JOIN commerce.return_items i ON i.tenant_id = r.tenant_id AND i.return_id = r.id
      WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id AND r.status = 'refunded' AND NOT r.is_test
    ), 0) AS returned
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  WHERE NOT o.is_test
),

-- By what a line has: sold lines by theirs, returned lines by theirs.
cohort_lines AS (
  SELECT b.scope, i.tenant_id, i.variant_id, i.sku, sum(i.quantity) AS sold, 0 AS returned
  FROM brands b
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id AND NOT o.is_test
  JOIN commerce.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
  GROUP BY b.scope, i.tenant_id, i.variant_id, i.sku
  UNION ALL
  SELECT b.scope, i.tenant_id, i.variant_id, i.sku, 0, i.quantity
  FROM brands b
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id AND NOT o.is_test
  JOIN commerce.returns r ON r.tenant_id = o.tenant_id AND r.order_id = o.id AND r.status = 'refunded' AND NOT r.is_test
  JOIN commerce.return_items i ON i.tenant_id = r.tenant_id AND i.return_id = r.id
),

figures AS (
  SELECT 'return_rate_units_cohort' AS kpi, 'ratio' AS kind, c.scope, l.grain, l.bucket, l.dimension, l.slice,
    sum(c.returned) AS numerator,
    sum(c.sold) AS denominator, 0 AS missing_rates
  FROM cohort c
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', NULL),
    ('year', to_char(date_trunc('year', c.local_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', c.local_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', c.local_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', c.local_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(c.local_time, 'YYYY-MM-DD'), '', NULL),
    ('total', '', 'country', c.country),
    ('total', '', 'channel', c.channel),
    ('total', '', 'currency', c.currency),
    ('total', '', 'status', c.status),
    ('total', '', 'brand', c.slug),
    ('total', '', 'customer_id', c.customer_id::text)
  ) AS l (grain, bucket, dimension, slice)
  GROUP BY c.scope, l.grain, l.bucket, l.dimension, l.slice
  UNION ALL
  SELECT 'return_rate_units_cohort', 'ratio', c.scope, 'total', '', l.dimension, l.slice,
    sum(c.returned), sum(c.sold), 0
  FROM cohort_lines c
  JOIN commerce.product_variants v ON v.tenant_id = c.tenant_id AND v.id = c.variant_id
  JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
  CROSS JOIN LATERAL (VALUES ('sku', c.sku), ('product', p.name), ('category', p.category)) AS l (dimension, slice)
  GROUP BY c.scope, l.dimension, l.slice
)
