-- What the background sample found. One row per key that differs between Postgres and here, or between raw and its fact, and
-- per table (key '') when it was last looked at. status: drift, resolved (it differed and no longer does), checked.
CREATE TABLE IF NOT EXISTS ops.verification (
  table LowCardinality(String),
  key String,
  status LowCardinality(String),
  detail String,
  checked UInt64,
  checked_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(checked_at)
ORDER BY (table, key);
