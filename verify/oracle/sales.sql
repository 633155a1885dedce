-- Sales KPIs per scope and bucket, and by the dimensions an order or return header has.
--
-- Grain of `entries`: one order (by placed_at), one refunded return (by refunded_at) or one adjustment (by adjusted_at).
order_entries AS (
  SELECT
    b.scope, b.slug, b.zone, b.reporting_currency,
    least(greatest(o.placed_at, s.first_instant), s.last_instant) AS happened_at,
    o.country, o.channel, o.currency::text AS currency, o.status, o.customer_id,
    1 AS orders,
    (o.status = 'cancelled')::int AS cancelled,
    coalesce(i.units, 0) AS units_sold,
    coalesce(i.gross, 0) AS gross_sales,
    coalesce(i.discounts, 0) AS discounts,
    coalesce(i.taxes, 0) AS taxes,
    coalesce(i.shipping, 0) AS shipping_charged,
    0::numeric AS returns, 0::bigint AS units_returned, 0::numeric AS adjustments,
    coalesce(i.cost, 0) AS cost,
    coalesce(i.net_with_cost, 0) AS net_with_cost,
    coalesce(i.lines_with_cost, 0) AS lines_with_cost,
    coalesce(i.lines, 0) - coalesce(i.lines_with_cost, 0) AS lines_without_cost
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id
  LEFT JOIN (
    SELECT
      tenant_id, order_id,
      sum(quantity) AS units,
      sum(unit_price * quantity) AS gross,
      sum(discount) AS discounts,
      sum(tax) AS taxes,
      sum(shipping) AS shipping,
      sum(unit_cost * quantity) AS cost,
      sum(unit_price * quantity - discount) FILTER (WHERE unit_cost IS NOT NULL) AS net_with_cost,
      count(*) AS lines,
      count(unit_cost) AS lines_with_cost
    FROM commerce.order_items
    WHERE $1::uuid[] IS NULL OR tenant_id = ANY ($1::uuid[])
    GROUP BY tenant_id, order_id
  ) i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
  WHERE NOT o.is_test
),

return_entries AS (
  SELECT
    b.scope, b.slug, b.zone, b.reporting_currency,
    least(greatest(r.refunded_at, s.first_instant), s.last_instant) AS happened_at,
    r.country, r.channel, r.currency::text, NULL::text, r.customer_id,
    0, 0, 0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric,
    coalesce(i.amount, 0), coalesce(i.units, 0), 0::numeric,
    -coalesce(i.cost, 0),
    -coalesce(i.amount_with_cost, 0),
    coalesce(i.lines_with_cost, 0),
    coalesce(i.lines, 0) - coalesce(i.lines_with_cost, 0)
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.returns r ON r.tenant_id = b.tenant_id
  LEFT JOIN (
    SELECT
      tenant_id, return_id,
      sum(quantity) AS units,
      sum(amount) AS amount,
      sum(unit_cost * quantity) AS cost,
      sum(amount) FILTER (WHERE unit_cost IS NOT NULL) AS amount_with_cost,
      count(*) AS lines,
      count(unit_cost) AS lines_with_cost
    FROM commerce.return_items
    WHERE $1::uuid[] IS NULL OR tenant_id = ANY ($1::uuid[])
    GROUP BY tenant_id, return_id
  ) i ON i.tenant_id = r.tenant_id AND i.return_id = r.id
  WHERE r.status = 'refunded' AND NOT r.is_test
),

adjustment_entries AS (
  SELECT
    b.scope, b.slug, b.zone, b.reporting_currency,
    least(greatest(a.adjusted_at, s.first_instant), s.last_instant),
    a.country, a.channel, a.currency::text, NULL::text, NULL::uuid,
    0, 0, 0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint,
    a.amount::numeric,
    0::numeric, 0::numeric, 0::bigint, 0::bigint
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.adjustments a ON a.tenant_id = b.tenant_id
),

entries AS (
  SELECT e.*, e.happened_at AT TIME ZONE e.zone AS local_time,
    CASE WHEN e.currency = e.reporting_currency THEN 1 ELSE p.rate END AS rate
  FROM (
    SELECT * FROM order_entries
    UNION ALL SELECT * FROM return_entries
    UNION ALL SELECT * FROM adjustment_entries
  ) e
  LEFT JOIN rate_periods p
    ON p.base_currency = e.currency
    AND p.quote_currency = e.reporting_currency
    AND p.valid_from <= (e.happened_at AT TIME ZONE 'UTC')::date
    AND (p.valid_until IS NULL OR p.valid_until > (e.happened_at AT TIME ZONE 'UTC')::date)
),

-- By currency nothing is converted.
labelled AS (
  SELECT e.*, l.grain, l.bucket, l.dimension, l.slice,
    CASE WHEN l.dimension = 'currency' THEN 1 ELSE e.rate END AS applied_rate
  FROM entries e
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', NULL),
    ('year', to_char(date_trunc('year', e.local_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', e.local_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', e.local_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', e.local_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(e.local_time, 'YYYY-MM-DD'), '', NULL),
    -- The full hour of the wall clock, as seconds since 1970.
    ('hour', extract(epoch FROM date_trunc('hour', e.local_time) - (e.local_time - e.happened_at AT TIME ZONE 'UTC'))::bigint::text,
      '', NULL),
    ('total', '', 'country', e.country),
    ('total', '', 'channel', e.channel),
    ('total', '', 'currency', e.currency),
    ('total', '', 'status', e.status),
    ('total', '', 'brand', e.slug),
    ('total', '', 'customer_id', e.customer_id::text),
    ('month', to_char(date_trunc('month', e.local_time), 'YYYY-MM-DD'), 'country', e.country)
  ) AS l (grain, bucket, dimension, slice)
),

sums AS (
  SELECT
    scope, grain, bucket, dimension, slice,
    sum(orders) AS orders,
    sum(cancelled) AS cancelled,
    sum(units_sold) AS units_sold,
    sum(units_returned) AS units_returned,
    sum(gross_sales * applied_rate) AS gross_sales,
    sum(discounts * applied_rate) AS discounts,
    sum(returns * applied_rate) AS returns,
    sum((gross_sales - discounts - returns) * applied_rate) AS net_sales,
    sum(taxes * applied_rate) AS taxes,
    sum(shipping_charged * applied_rate) AS shipping_charged,
    sum(adjustments * applied_rate) AS adjustments,
    sum(cost * applied_rate) AS cogs,
    sum(net_with_cost * applied_rate) AS net_with_cost,
    -- No line has a cost on record: then nothing can be said of cost or margin.
    sum(lines_with_cost) = 0 AND sum(lines_without_cost) > 0 AS no_cost,
    count(*) FILTER (WHERE applied_rate IS NULL) AS missing_rates
  FROM labelled
  GROUP BY scope, grain, bucket, dimension, slice
),

figures AS (
  SELECT f.kpi, f.kind, s.scope, s.grain, s.bucket, s.dimension, s.slice, f.numerator, f.denominator,
    CASE WHEN f.converted THEN s.missing_rates ELSE 0 END AS missing_rates
  FROM sums s
  CROSS JOIN LATERAL (VALUES
    ('orders', 'count', s.orders::numeric, NULL::numeric, false),
    ('units_sold', 'count', s.units_sold, NULL, false),
    ('units_returned', 'count', s.units_returned, NULL, false),
    ('gross_sales', 'money', s.gross_sales, NULL, true),
    ('discounts', 'money', s.discounts, NULL, true),
    ('returns', 'money', s.returns, NULL, true),
    ('adjustments', 'money', s.adjustments, NULL, true),
    ('net_sales', 'money', s.net_sales, NULL, true),
    ('taxes', 'money', s.taxes, NULL, true),
    ('shipping_charged', 'money', s.shipping_charged, NULL, true),
    ('total_sales', 'money', s.net_sales + s.taxes + s.shipping_charged, NULL, true),
    ('aov', 'ratio', s.gross_sales - s.discounts, s.orders, true),
    ('aov_net', 'ratio', s.net_sales, s.orders, true),
    ('units_per_order', 'ratio', s.units_sold, s.orders, false),
    ('discount_rate', 'ratio', s.discounts, s.gross_sales, true),
    ('return_rate_value', 'ratio', s.returns, s.gross_sales, true),
    ('cancellation_rate', 'ratio', s.cancelled, s.orders, false),
    ('cogs', 'money', CASE WHEN NOT s.no_cost THEN s.cogs END, NULL, true),
    ('gross_margin', 'money', CASE WHEN NOT s.no_cost THEN s.net_sales - s.cogs END, NULL, true),
    ('gross_margin_rate', 'ratio', CASE WHEN NOT s.no_cost THEN s.net_sales - s.cogs END, s.net_sales, true),
    ('cost_coverage', 'ratio', s.net_with_cost, s.net_sales, true)
  ) AS f (kpi, kind, numerator, denominator, converted)
)
