-- Cohorts: customers by their first order ever (of several at once the least id), and what they order in the months since, months of the
-- scope's zone. Month 0 is that of the first order; months that have not begun, and orders dated in them, do not count.
--
-- Grain of `members`: one customer. `age` is the last month that has begun.
cohort_orders AS (
  SELECT b.scope, b.slug, b.zone, b.reporting_currency, o.tenant_id, o.customer_id, o.id, o.country, o.channel,
    o.currency::text AS currency, least(greatest(o.placed_at, s.first_instant), s.last_instant) AS placed_at,
    coalesce(i.value, 0) AS value
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  LEFT JOIN (
    SELECT tenant_id, order_id, sum(unit_price * quantity - discount) AS value
    FROM commerce.order_items
    WHERE $1::uuid[] IS NULL OR tenant_id = ANY ($1::uuid[])
    GROUP BY tenant_id, order_id
  ) i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
  WHERE NOT o.is_test AND o.customer_id IS NOT NULL
),

firsts AS (
  SELECT DISTINCT ON (scope, tenant_id, customer_id)
    scope, slug, zone, tenant_id, customer_id, country, channel, placed_at AT TIME ZONE zone AS first_time
  FROM cohort_orders
  ORDER BY scope, tenant_id, customer_id, placed_at, id
),

members AS (
  SELECT *
  FROM (
    SELECT f.*, to_char(date_trunc('month', f.first_time), 'YYYY-MM-DD') AS cohort_month,
      ((extract(year FROM t.now) - extract(year FROM f.first_time)) * 12
        + extract(month FROM t.now) - extract(month FROM f.first_time))::int AS age
    FROM firsts f
    CROSS JOIN LATERAL (SELECT now() AT TIME ZONE f.zone AS now) t
  ) m
  WHERE age >= 0
),

-- What a member ordered in month k.
purchases AS (
  SELECT m.scope, m.tenant_id, m.customer_id, m.cohort_month, o.k,
    sum(o.value * CASE WHEN o.currency = o.reporting_currency THEN 1 ELSE p.rate END) AS value,
    count(*) FILTER (WHERE o.currency <> o.reporting_currency AND p.rate IS NULL) AS missing_rates
  FROM members m
  JOIN LATERAL (
    SELECT c.*,
      ((extract(year FROM c.placed_at AT TIME ZONE c.zone) - extract(year FROM m.first_time)) * 12
        + extract(month FROM c.placed_at AT TIME ZONE c.zone) - extract(month FROM m.first_time))::int AS k
    FROM cohort_orders c
    WHERE c.scope = m.scope AND c.tenant_id = m.tenant_id AND c.customer_id = m.customer_id
  ) o ON o.k <= m.age
  LEFT JOIN rate_periods p
    ON p.base_currency = o.currency
    AND p.quote_currency = o.reporting_currency
    AND p.valid_from <= (o.placed_at AT TIME ZONE 'UTC')::date
    AND (p.valid_until IS NULL OR p.valid_until > (o.placed_at AT TIME ZONE 'UTC')::date)
  GROUP BY m.scope, m.tenant_id, m.customer_id, m.cohort_month, o.k
),

-- Whole lives, by what the first order has.
lives AS (
  SELECT m.scope, l.grain, l.bucket, l.dimension, l.slice,
    count(*) AS size,
    sum(m.age + 1) AS months,
    sum(coalesce(p.active_months, 0)) AS active,
    sum(coalesce(p.value, 0)) AS value,
    sum(coalesce(p.missing_rates, 0)) AS missing_rates
  FROM members m
  LEFT JOIN (
    SELECT scope, tenant_id, customer_id, count(*) AS active_months, sum(value) AS value, sum(missing_rates) AS missing_rates
    FROM purchases
    GROUP BY scope, tenant_id, customer_id
  ) p USING (scope, tenant_id, customer_id)
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', NULL),
    ('year', to_char(date_trunc('year', m.first_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', m.first_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', m.first_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', m.first_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(m.first_time, 'YYYY-MM-DD'), '', NULL),
    ('total', '', 'country', m.country),
    ('total', '', 'channel', m.channel),
    ('total', '', 'brand', m.slug)
  ) AS l (grain, bucket, dimension, slice)
  GROUP BY m.scope, l.grain, l.bucket, l.dimension, l.slice
),

-- One cell: a cohort in month k, and what it has brought by the end of it.
cells AS (
  SELECT c.scope, c.cohort_month, k.k, c.size,
    coalesce(p.active, 0) AS active,
    sum(coalesce(p.value, 0)) OVER up_to_k AS value,
    sum(coalesce(p.missing_rates, 0)) OVER up_to_k AS missing_rates
  FROM (SELECT scope, cohort_month, age, count(*) AS size FROM members GROUP BY scope, cohort_month, age) c
  CROSS JOIN LATERAL generate_series(0, c.age) AS k (k)
  LEFT JOIN (
    SELECT scope, cohort_month, k, count(*) AS active, sum(value) AS value, sum(missing_rates) AS missing_rates
    FROM purchases
    GROUP BY scope, cohort_month, k
  ) p ON p.scope = c.scope AND p.cohort_month = c.cohort_month AND p.k = k.k
  WINDOW up_to_k AS (PARTITION BY c.scope, c.cohort_month ORDER BY k.k)
),

counted AS (
  SELECT scope, grain, bucket, dimension, slice, size, months, active, value, missing_rates FROM lives
  UNION ALL
  SELECT scope, 'total', '', l.dimension, l.slice, sum(size), sum(size), sum(active), sum(value), sum(missing_rates)
  FROM cells
  CROSS JOIN LATERAL (VALUES
    ('months_since_first', k::text),
    ('cohort_month/months_since_first', cohort_month || '/' || k)
  ) AS l (dimension, slice)
  GROUP BY scope, l.dimension, l.slice
),

figures AS (
  SELECT f.kpi, f.kind, c.scope, c.grain, c.bucket, c.dimension, c.slice, f.numerator, f.denominator, f.missing_rates
  FROM counted c
  CROSS JOIN LATERAL (VALUES
    ('cohort_size', 'count', c.size::numeric, NULL::numeric, 0::numeric),
    ('cohort_active', 'count', c.active, NULL, 0),
    ('cohort_retention', 'ratio', c.active, c.months, 0),
    ('ltv', 'ratio', c.value, c.size, c.missing_rates)
  ) AS f (kpi, kind, numerator, denominator, missing_rates)
)
