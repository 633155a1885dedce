-- Open orders as of now, which is the beginning of the transaction. Tests do not count.
--
-- Backlog: something is still to leave. Overdue: not delivered, and later than first promised.
clock AS (
  SELECT (extract(epoch FROM now()) * 1000000)::numeric AS micros
),

open_orders AS (
  SELECT b.scope, b.slug, o.country, o.channel, o.currency::text AS currency, o.status, w.code AS warehouse,
    o.status NOT IN ('shipped', 'delivered') AS is_backlog,
    clock.micros - (extract(epoch FROM least(greatest(o.placed_at, s.first_instant), s.last_instant)) * 1000000)::numeric AS age,
    CASE WHEN o.status <> 'delivered' AND NOT sh.has_arrived AND o.promised_at < now() THEN
      clock.micros - (extract(epoch FROM greatest(o.promised_at, s.first_instant)) * 1000000)::numeric
    END AS overdue
  FROM brands b
  CROSS JOIN clock
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id AND NOT o.is_test AND o.status <> 'cancelled'
  CROSS JOIN LATERAL (
    SELECT coalesce(o.status <> 'partially_shipped' AND bool_and(status = 'delivered' AND delivered_at IS NOT NULL), false)
        AS has_arrived,
      (array_agg(warehouse_id ORDER BY shipped_at IS NULL, least(greatest(shipped_at, s.first_instant), s.last_instant),
        least(greatest(created_at, s.first_instant), s.last_instant), id))[1] AS warehouse_id
    FROM commerce.shipments
    WHERE tenant_id = o.tenant_id AND order_id = o.id
  ) sh
  LEFT JOIN commerce.warehouses w ON w.tenant_id = o.tenant_id AND w.id = sh.warehouse_id
),

groups AS (
  SELECT o.scope, l.dimension, l.slice,
    count(*) AS orders,
    array_agg(o.age ORDER BY o.age) AS ages
  FROM open_orders o
  CROSS JOIN LATERAL (VALUES
    ('', NULL), ('country', o.country), ('channel', o.channel), ('currency', o.currency), ('status', o.status), ('brand', o.slug),
    ('age_days', floor(o.age / 86400000000)::text)
  ) AS l (dimension, slice)
  WHERE o.is_backlog
  GROUP BY o.scope, l.dimension, l.slice
),

late AS (
  SELECT o.scope, l.dimension, l.slice, count(*) AS orders, sum(o.overdue) AS micros
  FROM open_orders o
  CROSS JOIN LATERAL (VALUES
    ('', NULL), ('country', o.country), ('channel', o.channel), ('currency', o.currency), ('status', o.status),
    ('warehouse', o.warehouse), ('brand', o.slug), ('days_late', ceil(o.overdue / 86400000000)::text)
  ) AS l (dimension, slice)
  WHERE o.overdue IS NOT NULL
  GROUP BY o.scope, l.dimension, l.slice
),

figures AS (
  SELECT 'backlog' AS kpi, 'count' AS kind, scope, 'total' AS grain, '' AS bucket, dimension, slice,
    orders::numeric AS numerator, NULL::numeric AS denominator, 0 AS missing_rates
  FROM groups
  UNION ALL
  -- The quantile tenths / 10 lies at place tenths × (n − 1) / 10 of the sorted ages.
  SELECT 'backlog_age_p' || q.tenths * 10, 'ratio', g.scope, 'total', '', g.dimension, g.slice,
    g.ages[(q.tenths * (g.orders - 1)) / 10 + 1] * (10 - (q.tenths * (g.orders - 1)) % 10)
      + coalesce(g.ages[(q.tenths * (g.orders - 1)) / 10 + 2], 0) * ((q.tenths * (g.orders - 1)) % 10),
    10 * 3600000000.0, 0
  FROM groups g
  CROSS JOIN (VALUES (5), (9)) AS q (tenths)
  UNION ALL
  SELECT 'overdue_orders', 'count', scope, 'total', '', dimension, slice, orders, NULL, 0 FROM late
  UNION ALL
  SELECT 'avg_overdue', 'ratio', scope, 'total', '', dimension, slice, micros, orders * 3600000000.0, 0 FROM late
)
