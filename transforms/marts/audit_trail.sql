-- model:      marts.audit_trail
-- grain:      one row per audited change
-- units:      timestamp in UTC; payload is JSON text {"old": …, "new": …}, metadata {"action": …}
-- reads:      raw.audit_logs
-- invariants: append-only; holds no personal data (addresses, browsers and contact values stay behind)
CREATE VIEW marts.audit_trail AS
SELECT
    created_at AS timestamp, tenant_id,
    concat(resource_type, '.', lower(action)) AS event_type,
    resource_type AS entity_type, resource_id AS entity_id, actor_id,
    concat('{"old":', ifNull(old_values, 'null'), ',"new":', ifNull(new_values, 'null'), '}') AS payload,
    concat('{"action":"', action, '"}') AS metadata,
    id AS audit_id
FROM raw.audit_logs FINAL;
