-- Who did what: every row that is created, changed or deleted in a table of a brand leaves one entry in audit_logs, written in
-- the same transaction. Who is asking comes from the settings of the transaction: app.current_user_id, app.client_ip,
-- app.user_agent.
--
-- Bulk imports set app.import_batch: the triggers below then do nothing, row by row, at the price of their WHEN condition, and
-- the importer leaves one entry per batch with its counts.
--
-- This file also holds the two triggers that are as generic: updated_at, and "append only".

CREATE FUNCTION commerce.importing() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('app.import_batch', true), '') <> '';

-- Old and new values: whole rows for CREATE and DELETE, the changed columns for UPDATE (an order with a megabyte of notes
-- must not leave two more of them each time it moves on). An UPDATE that changes nothing leaves nothing.
-- Argument 'names': the table holds personal data and audit_logs is replicated, so only the names of columns are written.
CREATE FUNCTION commerce.write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  some_row jsonb := coalesce(new_row, old_row);
  changed text[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.key ORDER BY n.key) INTO changed
    FROM jsonb_each(new_row) n WHERE n.value IS DISTINCT FROM old_row -> n.key AND n.key <> 'updated_at';
    IF changed IS NULL THEN
      RETURN NULL;
    END IF;
    SELECT jsonb_object_agg(k, old_row -> k), jsonb_object_agg(k, new_row -> k) INTO old_row, new_row FROM unnest(changed) k;
  END IF;
  IF TG_ARGV[0] = 'names' THEN
    IF TG_OP <> 'UPDATE' THEN
      SELECT array_agg(key ORDER BY key) INTO changed FROM jsonb_each(some_row) WHERE value <> 'null';
    END IF;
    old_row := NULL;
    new_row := jsonb_build_object('columns', changed);
  END IF;
  INSERT INTO commerce.audit_logs
    (tenant_id, actor_id, resource_type, resource_id, action, old_values, new_values, ip_address, user_agent)
  VALUES (
    CASE TG_TABLE_NAME
      WHEN 'tenants' THEN (some_row ->> 'id')::uuid
      -- Users of the platform belong to no brand.
      ELSE coalesce((some_row ->> 'tenant_id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    END,
    nullif(current_setting('app.current_user_id', true), '')::uuid,
    TG_TABLE_NAME,
    (some_row ->> 'id')::uuid,
    CASE TG_OP WHEN 'INSERT' THEN 'CREATE' ELSE TG_OP END,
    old_row,
    new_row,
    nullif(current_setting('app.client_ip', true), '')::inet,
    nullif(current_setting('app.user_agent', true), '')
  );
  RETURN NULL;
END $$;

CREATE FUNCTION commerce.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'commerce.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION commerce.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;

DO $$
DECLARE
  tbl text;
BEGIN
  -- The logs themselves are not audited.
  FOR tbl IN
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('events', 'audit_logs')
      AND (c.relname = 'tenants' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'))
  LOOP
    EXECUTE format(
      'CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.%I FOR EACH ROW
         WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.write_audit(%L)',
      tbl, CASE WHEN tbl IN ('customer_contacts', 'order_addresses', 'users') THEN 'names' ELSE 'values' END);
  END LOOP;

  FOR tbl IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'updated_at'
    WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind = 'r'
  LOOP
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON commerce.%I FOR EACH ROW
      EXECUTE FUNCTION commerce.touch_updated_at()', tbl);
  END LOOP;

  FOREACH tbl IN ARRAY ARRAY['events', 'audit_logs'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commerce.%I FOR EACH STATEMENT
      EXECUTE FUNCTION commerce.refuse_change()', tbl);
  END LOOP;
END $$;
