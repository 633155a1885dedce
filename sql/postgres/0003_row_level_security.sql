-- A brand sees its own rows and no others, whatever a query says.
--
-- Brand work runs as uco_app, a role that owns nothing and can bypass nothing, with the brand in app.current_tenant_id of the
-- transaction. Without it nothing is visible and nothing can be written: current_setting(…, true) is null when it was never
-- set in this session and '' once a transaction-local value has ended, hence nullif.
-- FORCE makes policies hold for the owner of the tables as well, when that is no superuser.

DO $$
DECLARE
  existing pg_roles;
BEGIN
  SELECT * INTO existing FROM pg_roles WHERE rolname = 'uco_app';
  IF NOT FOUND THEN
    CREATE ROLE uco_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  ELSIF existing.rolsuper OR existing.rolbypassrls OR existing.rolcanlogin THEN
    RAISE EXCEPTION 'role uco_app exists and may log in or bypass row-level security'
      USING HINT = 'Run: ALTER ROLE uco_app NOLOGIN NOSUPERUSER NOBYPASSRLS';
  END IF;
  -- So that an administrator who is no superuser can SET ROLE to it.
  EXECUTE format('GRANT uco_app TO %I', current_user);
END $$;

GRANT USAGE ON SCHEMA commerce TO uco_app;

-- Every table with a brand, its log tables and users (whose platform rows have no tenant_id and so match no brand) included.
DO $$
DECLARE
  tbl text;
  context CONSTANT text := 'nullif(current_setting(''app.current_tenant_id'', true), '''')::uuid';
BEGIN
  FOR tbl IN
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('ALTER TABLE commerce.%I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE commerce.%I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format('CREATE POLICY tenant_isolation ON commerce.%I USING (tenant_id = %s) WITH CHECK (tenant_id = %s)',
      tbl, context, context);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON commerce.%I TO uco_app', tbl);
  END LOOP;

  -- A brand reads and configures itself; it is created, renamed and suspended by the platform.
  ALTER TABLE commerce.tenants ENABLE ROW LEVEL SECURITY;
  ALTER TABLE commerce.tenants FORCE ROW LEVEL SECURITY;
  EXECUTE format('CREATE POLICY tenant_isolation ON commerce.tenants USING (id = %s) WITH CHECK (id = %s)', context, context);

  -- What all brands read and the platform keeps.
  FOREACH tbl IN ARRAY ARRAY['fx_rates', 'roles', 'permissions', 'role_permissions'] LOOP
    EXECUTE format('ALTER TABLE commerce.%I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE commerce.%I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format('CREATE POLICY shared_reference ON commerce.%I USING (%s IS NOT NULL) WITH CHECK (false)', tbl, context);
    EXECUTE format('GRANT SELECT ON commerce.%I TO uco_app', tbl);
  END LOOP;
END $$;

GRANT SELECT, UPDATE (name, currency, timezone, allow_negative_stock, settings, updated_at) ON commerce.tenants TO uco_app;

-- Records, not state: written once.
REVOKE UPDATE, DELETE ON commerce.events, commerce.audit_logs, commerce.inventory_movements FROM uco_app;
