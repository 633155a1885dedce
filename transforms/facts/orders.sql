-- model:      facts.orders
-- grain:      one row per order, whole: its dates, its fulfilment, the sums of its lines and the lines themselves
-- units:      money in the order's currency, Decimal(38,4), of whole lines; quantities in units; times in UTC
-- reads:      raw.orders, raw.order_items, raw.shipments
-- group:      orders (tenant_id, order_id): recomputed whole from raw when a row of any of these three changed
-- invariants: an order that is gone (or lines without one) leaves only a tombstone, `_deleted = 1`;
--             shipments meet lines nowhere, so that a split shipment multiplies nothing;
--             Σ of each lines.* array equals the sum beside it; arrays are ordered by line_no
CREATE TABLE facts.orders
(
    tenant_id UUID,
    order_id UUID,
    order_number String,
    customer_id Nullable(UUID),
    status LowCardinality(String),
    channel LowCardinality(Nullable(String)),
    country LowCardinality(Nullable(String)),
    currency LowCardinality(String),
    is_test Bool,
    placed_at DateTime64(6, 'UTC'),
    promised_at Nullable(DateTime64(6, 'UTC')),
    cancelled_at Nullable(DateTime64(6, 'UTC')),
    first_shipped_at Nullable(DateTime64(6, 'UTC')),  -- of the earliest shipment that left
    delivered_at Nullable(DateTime64(6, 'UTC')),      -- when the last shipment arrived; null while one is under way or to come
    warehouse_id Nullable(UUID),                      -- of the earliest shipment
    gross_sales Decimal(38, 4),
    discounts Decimal(38, 4),
    taxes Decimal(38, 4),
    shipping_charged Decimal(38, 4),
    cogs Decimal(38, 4),                              -- Σ unit_cost × quantity of the lines whose cost is recorded
    net_with_cost Decimal(38, 4),                     -- gross − discounts of those lines
    units_sold Int64,
    lines_without_cost UInt32,
    `lines.item_id` Array(UUID),
    `lines.line_no` Array(Int32),
    `lines.variant_id` Array(UUID),
    `lines.sku` Array(String),
    `lines.quantity` Array(Int32),
    `lines.gross_sales` Array(Decimal(38, 4)),
    `lines.discounts` Array(Decimal(38, 4)),
    `lines.taxes` Array(Decimal(38, 4)),
    `lines.shipping_charged` Array(Decimal(38, 4)),
    `lines.cogs` Array(Nullable(Decimal(38, 4))),
    _version UInt64,
    _deleted UInt8,
    INDEX placed_at placed_at TYPE minmax GRANULARITY 1,
    INDEX first_shipped_at first_shipped_at TYPE minmax GRANULARITY 1,
    INDEX delivered_at delivered_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (tenant_id, toUInt128(order_id))
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384,
    merge_selector_base = 16, merge_selector_enable_heuristic_to_lower_max_parts_to_merge_at_once = 0,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO facts.orders
WITH
    -- Materialised, because the keys arrive once, as a stream. PREWHERE on sort-key columns is exact under FINAL (all versions
    -- of a row share them) and spares the other columns of the granules that only might hold a key.
    changed AS MATERIALIZED (
        SELECT tenant_id, key AS order_id FROM changed_keys
    ),

    orders AS (
        SELECT *
        FROM raw.orders FINAL
        PREWHERE (tenant_id, toUInt128(id)) IN (SELECT tenant_id, toUInt128(order_id) FROM changed)
    ),

    lines AS (
        SELECT
            tenant_id, order_id, id, line_no, variant_id, sku, quantity, discount, tax, shipping,
            unit_price * quantity AS gross,
            unit_cost * quantity AS cost
        FROM raw.order_items FINAL
        PREWHERE (tenant_id, toUInt128(order_id)) IN (SELECT tenant_id, toUInt128(order_id) FROM changed)
    ),

    order_lines AS (
        SELECT
            tenant_id, order_id,
            sum(gross) AS gross_sales,
            sum(discount) AS discounts,
            sum(tax) AS taxes,
            sum(shipping) AS shipping_charged,
            sum(ifNull(cost, 0)) AS cogs,
            sumIf(gross - discount, cost IS NOT NULL) AS net_with_cost,
            sum(quantity) AS units_sold,
            countIf(cost IS NULL) AS lines_without_cost,
            arraySort(
                line -> (line.2, line.1),
                groupArray((id, line_no, variant_id, sku, quantity, gross, discount, tax, shipping, cost))
            ) AS line
        FROM lines
        GROUP BY tenant_id, order_id
    ),

    fulfilment AS (
        SELECT
            tenant_id, order_id,
            min(shipped_at) AS first_shipped_at,
            if(countIf(status != 'delivered' OR delivered_at IS NULL) = 0, max(delivered_at), NULL) AS delivered_at,
            -- Tuple, because argMin alone would skip a shipment whose warehouse is null.
            argMin(tuple(warehouse_id), (ifNull(shipped_at, toDateTime64('2299-12-31 23:59:59', 6, 'UTC')), created_at, toUInt128(id))).1 AS warehouse_id
        FROM raw.shipments FINAL
        PREWHERE (tenant_id, toUInt128(order_id)) IN (SELECT tenant_id, toUInt128(order_id) FROM changed)
        GROUP BY tenant_id, order_id
    )

SELECT
    changed.tenant_id, changed.order_id,
    o.order_number, o.customer_id, o.status, o.channel, o.country, o.currency, o.is_test,
    o.placed_at, o.promised_at, o.cancelled_at,
    f.first_shipped_at, if(o.status = 'partially_shipped', NULL, f.delivered_at), f.warehouse_id,
    l.gross_sales, l.discounts, l.taxes, l.shipping_charged, l.cogs, l.net_with_cost, l.units_sold, l.lines_without_cost,
    l.line.1, l.line.2, l.line.3, l.line.4, l.line.5, l.line.6, l.line.7, l.line.8, l.line.9, l.line.10,
    {version:UInt64} AS _version,
    o._version = 0 AS _deleted
FROM changed
LEFT JOIN orders AS o ON o.tenant_id = changed.tenant_id AND o.id = changed.order_id
LEFT JOIN order_lines AS l ON l.tenant_id = changed.tenant_id AND l.order_id = changed.order_id
LEFT JOIN fulfilment AS f ON f.tenant_id = changed.tenant_id AND f.order_id = changed.order_id;
