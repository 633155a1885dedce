-- Stock KPIs as of now, which is the beginning of the transaction. Grain of `stock`: one variant in one warehouse. Value in the scope's currency at today's UTC rate.
stock AS (
  SELECT b.scope, b.slug, v.sku, p.name AS product, p.category, w.code AS warehouse, v.cost_currency::text AS currency,
    i.on_hand, i.allocated, i.reserved, i.available, i.incoming, i.damaged,
    i.on_hand * v.unit_cost AS value,
    CASE WHEN v.unit_cost IS NULL OR v.cost_currency = b.reporting_currency THEN 1 ELSE r.rate END AS rate,
    (i.available <= coalesce(i.reorder_point, v.reorder_point)) IS TRUE AS is_low,
    coalesce(i.reorder_point, v.reorder_point) AS reorder_point
  FROM brands b
  JOIN commerce.inventory i ON i.tenant_id = b.tenant_id
  JOIN commerce.product_variants v ON v.tenant_id = i.tenant_id AND v.id = i.variant_id
  JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
  JOIN commerce.warehouses w ON w.tenant_id = i.tenant_id AND w.id = i.warehouse_id
  LEFT JOIN rate_periods r
    ON r.base_currency = v.cost_currency
    AND r.quote_currency = b.reporting_currency
    AND r.valid_from <= (now() AT TIME ZONE 'UTC')::date
    AND (r.valid_until IS NULL OR r.valid_until > (now() AT TIME ZONE 'UTC')::date)
),

labelled AS (
  SELECT s.*, l.dimension, l.slice, CASE WHEN l.dimension = 'currency' THEN 1 ELSE s.rate END AS applied_rate
  FROM stock s
  CROSS JOIN LATERAL (VALUES
    ('', NULL), ('sku', s.sku), ('product', s.product), ('category', s.category), ('warehouse', s.warehouse),
    ('currency', s.currency), ('brand', s.slug)
  ) AS l (dimension, slice)
),

sums AS (
  SELECT scope, dimension, slice,
    sum(on_hand) AS on_hand, sum(allocated) AS allocated, sum(reserved) AS reserved,
    sum(available) AS available, sum(incoming) AS incoming, sum(damaged) AS damaged,
    sum(value * applied_rate) AS value,
    count(*) FILTER (WHERE applied_rate IS NULL) AS missing_rates,
    count(DISTINCT (slug, sku)) AS skus,
    count(*) FILTER (WHERE is_low) AS low,
    count(*) FILTER (WHERE available <= 0) AS out_of_stock,
    coalesce(sum(reorder_point), 0) AS reorder_point
  FROM labelled
  GROUP BY scope, dimension, slice
),

-- Units that left for orders on the 28 days of the scope's zone before today.
shipped AS (
  SELECT b.scope, l.dimension, l.slice, -sum(m.quantity) AS units
  FROM brands b
  JOIN commerce.inventory_movements m ON m.tenant_id = b.tenant_id
  JOIN commerce.product_variants v ON v.tenant_id = m.tenant_id AND v.id = m.variant_id
  JOIN commerce.products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
  JOIN commerce.warehouses w ON w.tenant_id = m.tenant_id AND w.id = m.warehouse_id
  CROSS JOIN LATERAL (VALUES
    ('', NULL), ('sku', v.sku), ('product', p.name), ('category', p.category), ('warehouse', w.code), ('brand', b.slug)
  ) AS l (dimension, slice)
  WHERE m.state = 'on_hand' AND m.reason = 'shipment' AND m.quantity < 0
    AND (m.moved_at AT TIME ZONE b.zone)::date >= (now() AT TIME ZONE b.zone)::date - 28
    AND (m.moved_at AT TIME ZONE b.zone)::date < (now() AT TIME ZONE b.zone)::date
  GROUP BY b.scope, l.dimension, l.slice
),

-- stock_by_state always splits by state: its slice is the state, after a slash that of the other dimension if there is one.
figures AS (
  SELECT f.kpi, f.kind, s.scope, 'total' AS grain, '' AS bucket, f.dimension, f.slice, f.numerator, NULL::numeric AS denominator,
    f.missing_rates
  FROM sums s
  CROSS JOIN LATERAL (VALUES
    ('inventory_value', 'money', s.dimension, s.slice, coalesce(s.value, 0), s.missing_rates),
    ('low_stock_skus', 'count', s.dimension, s.slice, s.low::numeric, 0),
    ('stocked_skus', 'count', s.dimension, s.slice, s.skus::numeric, 0),
    ('out_of_stock_skus', 'count', s.dimension, s.slice, s.out_of_stock::numeric, 0),
    ('available_units', 'count', s.dimension, s.slice, s.available::numeric, 0),
    ('reorder_point', 'count', s.dimension, s.slice, s.reorder_point::numeric, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'on_hand'), s.on_hand::numeric, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'allocated'), s.allocated, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'reserved'), s.reserved, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'available'), s.available, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'incoming'), s.incoming, 0),
    ('stock_by_state', 'count', s.dimension || '+status', concat_ws('/', s.slice, 'damaged'), s.damaged, 0)
  ) AS f (kpi, kind, dimension, slice, numerator, missing_rates)
  UNION ALL
  SELECT 'daily_units_shipped', 'ratio', scope, 'total', '', dimension, slice, units, 28, 0 FROM shipped
  UNION ALL
  SELECT 'days_of_inventory', 'ratio', d.scope, 'total', '', d.dimension, d.slice,
    coalesce(s.available, 0) * 28, d.units, 0
  FROM shipped d
  LEFT JOIN sums s ON s.scope = d.scope AND s.dimension = d.dimension AND s.slice IS NOT DISTINCT FROM d.slice
)
