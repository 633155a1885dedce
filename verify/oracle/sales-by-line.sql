-- Sales KPIs by what a line has: sku, and product and category as they are named now. All time.
--
-- Grain of `line_entries`: one sold line or one refunded line. An order counts once for each value that one of its lines has.
line_entries AS (
  SELECT
    b.scope, b.reporting_currency, i.tenant_id, o.id AS order_id,
    (o.status = 'cancelled')::int AS cancelled,
    least(greatest(o.placed_at, s.first_instant), s.last_instant) AS happened_at,
    o.currency::text AS currency, i.sku, i.variant_id,
    i.quantity AS units_sold, i.unit_price * i.quantity AS gross_sales, i.discount AS discounts, i.tax AS taxes,
    i.shipping AS shipping_charged, 0::numeric AS returns, 0 AS units_returned,
    i.unit_cost * i.quantity AS cost,
    CASE WHEN i.unit_cost IS NOT NULL THEN i.unit_price * i.quantity - i.discount END AS net_with_cost
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id AND NOT o.is_test
  JOIN commerce.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
  UNION ALL
  SELECT
    b.scope, b.reporting_currency, i.tenant_id, NULL, 0,
    least(greatest(r.refunded_at, s.first_instant), s.last_instant),
    r.currency::text, i.sku, i.variant_id,
    0, 0::numeric, 0::numeric, 0::numeric, 0::numeric, i.amount, i.quantity,
    -(i.unit_cost * i.quantity),
    CASE WHEN i.unit_cost IS NOT NULL THEN -i.amount END
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.returns r ON r.tenant_id = b.tenant_id AND r.status = 'refunded' AND NOT r.is_test
  JOIN commerce.return_items i ON i.tenant_id = r.tenant_id AND i.return_id = r.id
),

valued AS MATERIALIZED (
  SELECT
    e.scope, e.tenant_id, e.order_id, e.cancelled, e.sku, pr.name AS product, pr.category,
    e.units_sold, e.units_returned,
    e.gross_sales * r.rate AS gross_sales,
    e.discounts * r.rate AS discounts,
    e.taxes * r.rate AS taxes,
    e.shipping_charged * r.rate AS shipping_charged,
    e.returns * r.rate AS returns,
    e.cost * r.rate AS cost,
    e.net_with_cost * r.rate AS net_with_cost,
    (e.cost IS NOT NULL)::int AS with_cost,
    (r.rate IS NULL)::int AS missing_rate
  FROM line_entries e
  JOIN commerce.product_variants v ON v.tenant_id = e.tenant_id AND v.id = e.variant_id
  JOIN commerce.products pr ON pr.tenant_id = v.tenant_id AND pr.id = v.product_id
  LEFT JOIN rate_periods p
    ON p.base_currency = e.currency
    AND p.quote_currency = e.reporting_currency
    AND p.valid_from <= (e.happened_at AT TIME ZONE 'UTC')::date
    AND (p.valid_until IS NULL OR p.valid_until > (e.happened_at AT TIME ZONE 'UTC')::date)
  CROSS JOIN LATERAL (SELECT CASE WHEN e.currency = e.reporting_currency THEN 1 ELSE p.rate END AS rate) r
),

-- Once through the lines, then by each dimension from what is left.
per_variant AS (
  SELECT
    scope, sku, product, category,
    sum(units_sold) AS units_sold,
    sum(units_returned) AS units_returned,
    sum(gross_sales) AS gross_sales,
    sum(discounts) AS discounts,
    sum(taxes) AS taxes,
    sum(shipping_charged) AS shipping_charged,
    sum(returns) AS returns,
    sum(cost) AS cost,
    sum(net_with_cost) AS net_with_cost,
    sum(with_cost) AS with_cost,
    count(*) - sum(with_cost) AS without_cost,
    sum(missing_rate) AS missing_rates
  FROM valued
  GROUP BY scope, sku, product, category
),

order_counts AS (
  SELECT scope, dimension, slice, count(*) AS orders, sum(cancelled) AS cancelled
  FROM (
    SELECT DISTINCT scope, 'sku' AS dimension, sku AS slice, tenant_id, order_id, cancelled FROM valued WHERE order_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT scope, 'product', product, tenant_id, order_id, cancelled FROM valued WHERE order_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT scope, 'category', category, tenant_id, order_id, cancelled FROM valued WHERE order_id IS NOT NULL
  ) o
  GROUP BY scope, dimension, slice
),

-- Added up side by side rather than joined: the planner can't know how few rows there are.
parts AS (
  SELECT v.scope, l.dimension, l.slice, 0::bigint AS orders, 0::bigint AS cancelled,
    v.units_sold, v.units_returned, v.gross_sales, v.discounts, v.taxes, v.shipping_charged, v.returns, v.cost, v.net_with_cost,
    v.with_cost, v.without_cost, v.missing_rates
  FROM per_variant v
  CROSS JOIN LATERAL (VALUES ('sku', v.sku), ('product', v.product), ('category', v.category)) AS l (dimension, slice)
  UNION ALL
  SELECT scope, dimension, slice, orders, cancelled, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  FROM order_counts
),

sums AS (
  SELECT
    scope, dimension, slice,
    sum(orders) AS orders,
    sum(cancelled) AS cancelled,
    sum(units_sold) AS units_sold,
    sum(units_returned) AS units_returned,
    sum(gross_sales) AS gross_sales,
    sum(discounts) AS discounts,
    sum(taxes) AS taxes,
    sum(shipping_charged) AS shipping_charged,
    sum(returns) AS returns,
    sum(gross_sales) - sum(discounts) - sum(returns) AS net_sales,
    coalesce(sum(cost), 0) AS cogs,
    coalesce(sum(net_with_cost), 0) AS net_with_cost,
    sum(with_cost) = 0 AND sum(without_cost) > 0 AS no_cost,
    sum(missing_rates) AS missing_rates
  FROM parts
  GROUP BY scope, dimension, slice
),

adjustments_by_sku AS (
  SELECT b.scope, a.sku,
    sum(a.amount * CASE WHEN a.currency = b.reporting_currency THEN 1 ELSE p.rate END) AS amount,
    count(*) FILTER (WHERE a.currency <> b.reporting_currency AND p.rate IS NULL) AS missing_rates
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.adjustments a ON a.tenant_id = b.tenant_id
  CROSS JOIN LATERAL (SELECT (least(greatest(a.adjusted_at, s.first_instant), s.last_instant) AT TIME ZONE 'UTC')::date AS day) d
  LEFT JOIN rate_periods p
    ON p.base_currency = a.currency
    AND p.quote_currency = b.reporting_currency
    AND p.valid_from <= d.day
    AND (p.valid_until IS NULL OR p.valid_until > d.day)
  GROUP BY b.scope, a.sku
),

figures AS (
  SELECT 'adjustments' AS kpi, 'money' AS kind, scope, 'total' AS grain, '' AS bucket, 'sku' AS dimension, sku AS slice,
    amount AS numerator, NULL::numeric AS denominator, missing_rates
  FROM adjustments_by_sku
  UNION ALL
  SELECT f.kpi, f.kind, s.scope, 'total', '', s.dimension, s.slice, f.numerator, f.denominator,
    CASE WHEN f.converted THEN s.missing_rates ELSE 0 END
  FROM sums s
  CROSS JOIN LATERAL (VALUES
    ('orders', 'count', s.orders::numeric, NULL::numeric, false),
    ('units_sold', 'count', s.units_sold, NULL, false),
    ('units_returned', 'count', s.units_returned, NULL, false),
    ('gross_sales', 'money', s.gross_sales, NULL, true),
    ('discounts', 'money', s.discounts, NULL, true),
    ('returns', 'money', s.returns, NULL, true),
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
