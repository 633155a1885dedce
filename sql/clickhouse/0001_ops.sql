-- The databases, and what the stream says about itself.
--
-- raw    one table per published Postgres table, created from the Postgres catalogue (ingestion/raw-schema.ts)
-- facts  one row per business entity, recomputed from raw (transforms/facts)
-- marts  views that KPI queries and analysts read (transforms/marts)
-- ops    the tables below
CREATE DATABASE IF NOT EXISTS raw;
CREATE DATABASE IF NOT EXISTS facts;
CREATE DATABASE IF NOT EXISTS marts;
CREATE DATABASE IF NOT EXISTS ops;

-- One row per tenant: the newest of its commits that every figure reflects. The zero UUID stands for the stream as a whole,
-- whose row is also renewed every second without traffic, so that a stream that stands still is noticed.
-- position: write-ahead log position (bytes) up to which all is applied. lag_bytes: log written, not applied yet.
CREATE TABLE IF NOT EXISTS ops.progress (
  tenant_id UUID,
  commit_time DateTime64(6, 'UTC'),
  position UInt64,
  lag_bytes UInt64,
  applied_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(applied_at)
ORDER BY tenant_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Changes that ClickHouse refused, whole: nothing is dropped, and only the row's key waits.
-- version: what the change's `_version` is. key: primary key, text values joined by a comma.
-- columns, change: names, and the row as TabSeparated text in that order; INSERT … FORMAT TabSeparated applies it.
-- status: waiting, superseded (a later change of the key was applied), replayed.
CREATE TABLE IF NOT EXISTS ops.dead_letters (
  id String,
  table LowCardinality(String),
  key String,
  tenant_id UUID,
  position UInt64,
  version UInt64,
  reason String,
  columns Array(String),
  change String,
  status LowCardinality(String),
  first_seen DateTime64(6, 'UTC'),
  updated_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (table, key, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Values that ClickHouse can't hold, stored as the nearest one it can.
CREATE TABLE IF NOT EXISTS ops.clamped_values (
  table LowCardinality(String),
  column LowCardinality(String),
  key String,
  position UInt64,
  original String,
  stored String,
  seen_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (table, column, key, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the stream must remember over a restart; one row named 'stream', value is JSON (ingestion/stream-state.ts).
CREATE TABLE IF NOT EXISTS ops.stream_state (
  name String,
  value String,
  revision UInt64
) ENGINE = ReplacingMergeTree(revision)
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
