-- Who moved stock: the user or API key of the request, as in events and audit_logs. Null for imports, the command line, and what was
-- moved before this column was there (audit_logs knows those).
ALTER TABLE commerce.inventory_movements ADD COLUMN actor_id uuid;
ALTER TABLE commerce.inventory_movements
  ALTER COLUMN actor_id SET DEFAULT nullif(current_setting('app.current_user_id', true), '')::uuid;
