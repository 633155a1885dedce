-- Fulfilment KPIs per scope and bucket. Percentiles interpolate between the two nearest of the sorted whole microseconds.
--
-- Grain of `fulfilled`: one order that is neither a test nor cancelled. Shipped when its first shipment left; delivered when
-- every shipment has arrived and none is to come, at the last arrival. Its warehouse is that of the shipment that left first.
fulfilled AS (
  SELECT
    b.scope, b.slug, b.zone, o.country, o.channel, o.currency::text AS currency, o.status,
    least(greatest(o.placed_at, s.first_instant), s.last_instant) AS placed_at,
    CASE WHEN o.promised_at IS NOT NULL THEN least(greatest(o.promised_at, s.first_instant), s.last_instant) END AS promised_at,
    -- greatest and least pass over nulls, so an order without a shipment must be told apart.
    CASE WHEN sh.has_left THEN sh.shipped_at END AS shipped_at, sh.delivered_at, w.code AS warehouse
  FROM brands b
  CROSS JOIN spans s
  JOIN commerce.orders o ON o.tenant_id = b.tenant_id AND NOT o.is_test AND o.status <> 'cancelled'
  JOIN LATERAL (
    SELECT
      least(greatest(min(shipped_at), s.first_instant), s.last_instant) AS shipped_at,
      count(shipped_at) > 0 AS has_left,
      CASE WHEN o.status <> 'partially_shipped' AND bool_and(status = 'delivered' AND delivered_at IS NOT NULL)
        THEN least(greatest(max(delivered_at), s.first_instant), s.last_instant) END AS delivered_at,
      (array_agg(warehouse_id ORDER BY shipped_at IS NULL, least(greatest(shipped_at, s.first_instant), s.last_instant),
        least(greatest(created_at, s.first_instant), s.last_instant), id))[1] AS warehouse_id
    FROM commerce.shipments
    WHERE tenant_id = o.tenant_id AND order_id = o.id
  ) sh ON true
  LEFT JOIN commerce.warehouses w ON w.tenant_id = o.tenant_id AND w.id = sh.warehouse_id
  WHERE sh.has_left OR sh.delivered_at IS NOT NULL
),

happenings AS (
  SELECT f.*, h.what, h.happened_at AT TIME ZONE f.zone AS local_time,
    (extract(epoch FROM h.happened_at) * 1000000 - extract(epoch FROM f.placed_at) * 1000000)::numeric AS micros,
    CASE WHEN h.what = 'delivered' AND f.promised_at IS NOT NULL THEN (f.delivered_at <= f.promised_at)::int END AS on_time,
    -- greatest passes over nulls: without a promise nothing is late.
    CASE WHEN h.what = 'delivered' AND f.promised_at IS NOT NULL
      THEN greatest(extract(epoch FROM f.delivered_at) - extract(epoch FROM f.promised_at), 0) * 1000000 END AS late_micros
  FROM fulfilled f
  CROSS JOIN LATERAL (VALUES ('shipped', f.shipped_at), ('delivered', f.delivered_at)) AS h (what, happened_at)
  WHERE h.happened_at IS NOT NULL
),

groups AS (
  SELECT h.scope, h.what, l.grain, l.bucket, l.dimension, l.slice,
    array_agg(h.micros ORDER BY h.micros) AS durations,
    sum(h.micros) AS total_micros,
    count(*) AS orders,
    sum(h.on_time) AS on_time,
    count(h.on_time) AS promised,
    count(*) FILTER (WHERE h.late_micros > 0) AS late,
    coalesce(sum(h.late_micros), 0) AS late_micros
  FROM happenings h
  CROSS JOIN LATERAL (VALUES
    ('total', '', '', NULL),
    ('year', to_char(date_trunc('year', h.local_time), 'YYYY-MM-DD'), '', NULL),
    ('quarter', to_char(date_trunc('quarter', h.local_time), 'YYYY-MM-DD'), '', NULL),
    ('month', to_char(date_trunc('month', h.local_time), 'YYYY-MM-DD'), '', NULL),
    ('week', to_char(date_trunc('week', h.local_time), 'YYYY-MM-DD'), '', NULL),
    ('day', to_char(h.local_time, 'YYYY-MM-DD'), '', NULL),
    ('total', '', 'country', h.country),
    ('total', '', 'channel', h.channel),
    ('total', '', 'currency', h.currency),
    ('total', '', 'status', h.status),
    ('total', '', 'warehouse', h.warehouse),
    ('total', '', 'brand', h.slug),
    ('total', '', CASE h.what WHEN 'shipped' THEN 'ship_days' ELSE 'delivery_days' END, floor(h.micros / 86400000000)::text),
    ('total', '', CASE h.what WHEN 'delivered' THEN 'days_late' END, ceil(h.late_micros / 86400000000)::text)
  ) AS l (grain, bucket, dimension, slice)
  WHERE l.dimension IS NOT NULL
  GROUP BY h.scope, h.what, l.grain, l.bucket, l.dimension, l.slice
),

-- The quantile tenths / 10 lies at place tenths × (n − 1) / 10 of the sorted values: between two of them, as tenths of their gap.
quantiles AS (
  SELECT g.*, q.tenths,
    g.durations[(q.tenths * (g.orders - 1)) / 10 + 1] * (10 - (q.tenths * (g.orders - 1)) % 10)
      + coalesce(g.durations[(q.tenths * (g.orders - 1)) / 10 + 2], 0) * ((q.tenths * (g.orders - 1)) % 10) AS ten_times
  FROM groups g
  CROSS JOIN (VALUES (5), (9)) AS q (tenths)
),

figures AS (
  SELECT
    CASE what WHEN 'shipped' THEN 'ship_time_p' ELSE 'delivery_time_p' END || tenths * 10 AS kpi,
    'ratio' AS kind, scope, grain, bucket, dimension, slice,
    ten_times AS numerator, 10 * 3600000000.0 AS denominator, 0 AS missing_rates
  FROM quantiles
  UNION ALL
  SELECT 'avg_ship_time', 'ratio', scope, grain, bucket, dimension, slice, total_micros, orders * 86400000000.0, 0
  FROM groups
  WHERE what = 'shipped'
  UNION ALL
  SELECT f.kpi, f.kind, g.scope, g.grain, g.bucket, g.dimension, g.slice, f.numerator, f.denominator, 0
  FROM groups g
  CROSS JOIN LATERAL (VALUES
    ('on_time_rate', 'ratio', g.on_time, g.promised::numeric),
    ('delivered_orders', 'count', g.orders, NULL),
    ('delivered_with_promise', 'count', g.promised, NULL),
    ('delivered_on_time', 'count', coalesce(g.on_time, 0), NULL),
    ('late_deliveries', 'count', g.late, NULL),
    ('avg_lateness', 'ratio', g.late_micros, g.late * 3600000000.0)
  ) AS f (kpi, kind, numerator, denominator)
  WHERE g.what = 'delivered'
  UNION ALL
  SELECT 'shipped_orders', 'count', scope, grain, bucket, dimension, slice, orders, NULL, 0
  FROM groups
  WHERE what = 'shipped'
)
