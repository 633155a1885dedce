-- Answers to creating requests, kept for 24 hours under the key that the client chose, per brand: a request that is sent again
-- gets the same answer and does nothing twice. Written in the transaction of the work it answers, so there is neither an answer
-- without its work nor work without its answer; of two requests at once the second waits on the primary key.
-- Requests of the platform itself stand under its own id, as in audit_logs. Not audited and not replicated: no state of a brand.
CREATE TABLE commerce.idempotency_keys (
  tenant_id uuid NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of method, path and body.
  request_hash text NOT NULL,
  -- Null only within the transaction that is at work.
  answer_status integer,
  answer_headers jsonb,
  answer_body text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX ON commerce.idempotency_keys (created_at);

ALTER TABLE commerce.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE commerce.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON commerce.idempotency_keys
  USING (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON commerce.idempotency_keys TO uco_app;
