-- model:      facts.returns
-- grain:      one row per return, whole: the sums of its lines and the lines themselves
-- units:      money in the return's currency, Decimal(38,4), positive; quantities in units, positive; times in UTC
-- reads:      raw.returns, raw.return_items
-- group:      returns (tenant_id, return_id): recomputed whole from raw when a row of either changed
-- invariants: a return that is gone (or lines without one) leaves only a tombstone, `_deleted = 1`;
--             every status is here, only refunded ones count (marts.returns); arrays are ordered by line number
CREATE TABLE facts.returns
(
    tenant_id UUID,
    return_id UUID,
    return_number String,
    order_id Nullable(UUID),
    customer_id Nullable(UUID),
    status LowCardinality(String),
    channel LowCardinality(Nullable(String)),
    country LowCardinality(Nullable(String)),
    currency LowCardinality(String),
    is_test Bool,
    refunded_at Nullable(DateTime64(6, 'UTC')),
    returns Decimal(38, 4),
    units_returned Int64,
    cogs_returned Decimal(38, 4),      -- Σ unit_cost × quantity of the lines whose cost is recorded
    returns_with_cost Decimal(38, 4),  -- value of those lines
    lines_without_cost UInt32,
    `lines.item_id` Array(UUID),
    `lines.order_item_id` Array(Nullable(UUID)),
    `lines.variant_id` Array(UUID),
    `lines.sku` Array(String),
    `lines.quantity` Array(Int32),
    `lines.amount` Array(Decimal(38, 4)),
    `lines.cogs` Array(Nullable(Decimal(38, 4))),
    _version UInt64,
    _deleted UInt8,
    INDEX refunded_at refunded_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (tenant_id, toUInt128(return_id))
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384,
    merge_selector_base = 16, merge_selector_enable_heuristic_to_lower_max_parts_to_merge_at_once = 0,
    fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO facts.returns
WITH
    -- Materialised, because the keys arrive once, as a stream. PREWHERE on sort-key columns is exact under FINAL (all versions
    -- of a row share them) and spares the other columns of the granules that only might hold a key.
    changed AS MATERIALIZED (
        SELECT tenant_id, key AS return_id FROM changed_keys
    ),

    returns AS (
        SELECT *
        FROM raw.returns FINAL
        PREWHERE (tenant_id, toUInt128(id)) IN (SELECT tenant_id, toUInt128(return_id) FROM changed)
    ),

    lines AS (
        SELECT
            tenant_id, return_id, id, line_no, order_item_id, variant_id, sku, quantity,
            toDecimal128(amount, 4) AS amount,
            unit_cost * quantity AS cost
        FROM raw.return_items FINAL
        PREWHERE (tenant_id, toUInt128(return_id)) IN (SELECT tenant_id, toUInt128(return_id) FROM changed)
    ),

    return_lines AS (
        SELECT
            tenant_id, return_id,
            sum(amount) AS returns,
            sum(quantity) AS units_returned,
            sum(ifNull(cost, 0)) AS cogs_returned,
            sumIf(amount, cost IS NOT NULL) AS returns_with_cost,
            countIf(cost IS NULL) AS lines_without_cost,
            arraySort(
                line -> (line.8, line.1),
                groupArray((id, order_item_id, variant_id, sku, quantity, amount, cost, line_no))
            ) AS line
        FROM lines
        GROUP BY tenant_id, return_id
    )

SELECT
    changed.tenant_id, changed.return_id,
    r.return_number, r.order_id, r.customer_id, r.status, r.channel, r.country, r.currency, r.is_test, r.refunded_at,
    l.returns, l.units_returned, l.cogs_returned, l.returns_with_cost, l.lines_without_cost,
    l.line.1, l.line.2, l.line.3, l.line.4, l.line.5, l.line.6, l.line.7,
    {version:UInt64} AS _version,
    r._version = 0 AS _deleted
FROM changed
LEFT JOIN returns AS r ON r.tenant_id = changed.tenant_id AND r.id = changed.return_id
LEFT JOIN return_lines AS l ON l.tenant_id = changed.tenant_id AND l.return_id = changed.return_id;
