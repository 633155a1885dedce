-- Customer KPIs per scope and bucket. Not additive: a customer counts once in each bucket that holds an order of theirs.
--
-- Grain of `visits`: one customer in one bucket or slice. A customer's first order is their first ever, whatever its slice; the
-- customer is new where that order is, and returning in every bucket after its own.
customer_orders AS (
  SELECT b.scope, b.slug, o.tenant_id, o.customer_id, o.status, o.country, o.channel, o.currency::text AS currency,
    b.zone, least(greatest(o.placed_at, s.first_instant), s.last_instant) AS placed_at,
    least(greatest(o.placed_at, s.first_instant), s.last_instant) AT TIME ZONE b.zone AS local_time
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  WHERE NOT o.is_test AND o.customer_id IS NOT NULL
),

first_orders AS (
  SELECT scope, tenant_id, customer_id, min(placed_at) AS first_placed_at, min(placed_at) AT TIME ZONE min(zone) AS first_time
  FROM customer_orders
  GROUP BY scope, tenant_id, customer_id
),

visits AS (
  SELECT o.scope, l.grain, l.bucket, l.dimension, l.slice, o.tenant_id, o.customer_id,
    count(*) AS orders,
    bool_or(o.placed_at = f.first_placed_at) AS is_new,
    bool_or(l.first_bucket < l.bucket) AS is_returning
  FROM customer_orders o
  JOIN first_orders f USING (scope, tenant_id, customer_id)
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', '', NULL),
    ('year', to_char(date_trunc('year', o.local_time), 'YYYY-MM-DD'), to_char(date_trunc('year', f.first_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', o.local_time), 'YYYY-MM-DD'), to_char(date_trunc('quarter', f.first_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', o.local_time), 'YYYY-MM-DD'), to_char(date_trunc('month', f.first_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', o.local_time), 'YYYY-MM-DD'), to_char(date_trunc('week', f.first_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(o.local_time, 'YYYY-MM-DD'), to_char(f.first_time, 'YYYY-MM-DD'), '', NULL),
    ('total', '', '', 'country', o.country),
    ('total', '', '', 'channel', o.channel),
    ('total', '', '', 'currency', o.currency),
    ('total', '', '', 'status', o.status),
    ('total', '', '', 'brand', o.slug)
  ) AS l (grain, bucket, first_bucket, dimension, slice)
  GROUP BY o.scope, l.grain, l.bucket, l.dimension, l.slice, o.tenant_id, o.customer_id
),

counts AS (
  SELECT scope, grain, bucket, dimension, slice,
    count(*) AS customers,
    count(*) FILTER (WHERE is_new) AS new_customers,
    count(*) FILTER (WHERE is_returning) AS returning_customers,
    count(*) FILTER (WHERE orders >= 2) AS repeat_customers,
    sum(orders) AS orders
  FROM visits
  GROUP BY scope, grain, bucket, dimension, slice
),

figures AS (
  SELECT f.kpi, f.kind, c.scope, c.grain, c.bucket, c.dimension, c.slice, f.numerator, f.denominator, 0 AS missing_rates
  FROM counts c
  CROSS JOIN LATERAL (VALUES
    ('customers', 'count', c.customers::numeric, NULL::numeric),
    ('new_customers', 'count', c.new_customers, NULL),
    ('returning_customers', 'count', c.returning_customers, NULL),
    ('returning_customer_share', 'ratio', c.returning_customers, c.customers),
    ('repeat_purchase_rate', 'ratio', c.repeat_customers, c.customers),
    ('purchase_frequency', 'ratio', c.orders, c.customers)
  ) AS f (kpi, kind, numerator, denominator)
)
