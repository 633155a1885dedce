-- model:      marts.events
-- grain:      one row per domain event (order.created, stock.adjusted, …)
-- units:      timestamp in UTC; payload and metadata are JSON text
-- reads:      raw.events
-- invariants: append-only, written in the transaction of the change it tells of
CREATE VIEW marts.events AS
SELECT
    occurred_at AS timestamp, tenant_id, event_type, entity_type, entity_id, actor_id,
    data AS payload, metadata, id AS event_id, version
FROM raw.events FINAL;
