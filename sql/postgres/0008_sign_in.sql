-- Sign-in: passwords, sessions, API keys, and what of them is audited.
--
-- The schema auth is for the platform alone: uco_app has no grant on it, nothing of it is published or audited row by row (a
-- session would leave an entry with every refresh). What matters of it is written to audit_logs by the API.
CREATE SCHEMA auth;

-- Argon2id in PHC form; null: this user can't sign in. A generated password holds until password_expires_at.
ALTER TABLE commerce.users
  ADD COLUMN password_hash text CHECK (password_hash LIKE '$argon2id$%'),
  ADD COLUMN password_expires_at timestamptz;
CREATE INDEX users_by_email ON commerce.users (lower(email));

-- Brands write password hashes and never read one.
REVOKE SELECT ON commerce.users FROM uco_app;
GRANT SELECT (id, tenant_id, email, name, role, role_scope, status, password_expires_at, created_at, updated_at)
  ON commerce.users TO uco_app;

CREATE TABLE auth.sessions (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id uuid NOT NULL REFERENCES commerce.users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- However often it is refreshed.
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX ON auth.sessions (user_id);

-- Every refresh token ever issued to a session, as the SHA-256 of it. One that was used is kept: that is how reuse is known.
CREATE TABLE auth.refresh_tokens (
  token_hash text PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX ON auth.refresh_tokens (session_id);

-- Whoever changes a password or disables a user, by whatever way, ends the user's sessions in the same transaction.
CREATE FUNCTION auth.end_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE auth.sessions SET ended_at = now() WHERE user_id = NEW.id AND ended_at IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER end_sessions AFTER UPDATE ON commerce.users FOR EACH ROW
  WHEN (NEW.status = 'disabled' OR NEW.password_hash IS DISTINCT FROM OLD.password_hash)
  EXECUTE FUNCTION auth.end_sessions();

-- key_hash: SHA-256, hex. The key is 256 random bits, so there is nothing to guess that a slow hash would protect.
CREATE TABLE commerce.api_keys (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  name text NOT NULL CHECK (name <> ''),
  -- How the key begins, so that people can tell theirs apart.
  prefix text NOT NULL,
  key_hash text NOT NULL UNIQUE,
  permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
  created_by uuid,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
ALTER TABLE commerce.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE commerce.api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON commerce.api_keys
  USING (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON commerce.api_keys TO uco_app;
CREATE TRIGGER touch BEFORE UPDATE ON commerce.api_keys FOR EACH ROW EXECUTE FUNCTION commerce.touch_updated_at();

-- Audit ---------------------------------------------------------------------------------------------------------------

ALTER TABLE commerce.audit_logs DROP CONSTRAINT audit_logs_action_check;
ALTER TABLE commerce.audit_logs ADD CONSTRAINT audit_logs_action_check CHECK (action IN ('CREATE', 'UPDATE', 'DELETE',
  'IMPORT', 'SIGN_IN', 'SIGN_IN_REFUSED', 'SIGN_IN_LIMITED', 'SIGN_OUT', 'TOKEN_REUSE', 'PASSWORD_REFUSED',
  'ACCESS_REFUSED'));

-- As in 0004, and new: arguments after 'names' are columns whose values are written too, since they are nobody's personal
-- data: a change of rights must say from what to what.
CREATE OR REPLACE FUNCTION commerce.write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  some_row jsonb := coalesce(new_row, old_row);
  changed text[];
  told text[];
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
    SELECT array_agg(c) INTO told FROM unnest(changed) c WHERE c = ANY (TG_ARGV[1:]);
    SELECT jsonb_object_agg(k, old_row -> k) INTO old_row FROM unnest(told) k WHERE old_row IS NOT NULL;
    SELECT jsonb_build_object('columns', changed) || coalesce(jsonb_object_agg(k, new_row -> k), '{}') INTO new_row
      FROM unnest(told) k WHERE new_row IS NOT NULL;
  END IF;
  INSERT INTO commerce.audit_logs
    (tenant_id, actor_id, resource_type, resource_id, action, old_values, new_values, ip_address, user_agent)
  VALUES (
    CASE TG_TABLE_NAME
      WHEN 'tenants' THEN (some_row ->> 'id')::uuid
      -- Users and roles of the platform belong to no brand.
      ELSE coalesce((some_row ->> 'tenant_id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    END,
    nullif(current_setting('app.current_user_id', true), '')::uuid,
    TG_TABLE_NAME,
    -- The id of a role is a name.
    CASE WHEN TG_TABLE_NAME NOT IN ('roles', 'role_permissions') THEN (some_row ->> 'id')::uuid END,
    CASE TG_OP WHEN 'INSERT' THEN 'CREATE' ELSE TG_OP END,
    old_row,
    new_row,
    nullif(current_setting('app.client_ip', true), '')::inet,
    nullif(current_setting('app.user_agent', true), '')
  );
  RETURN NULL;
END $$;

DROP TRIGGER audit ON commerce.users;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.users FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.write_audit('names', 'role', 'status');

-- That a key was used is no change of it.
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF name, permissions, expires_at, revoked_at ON commerce.api_keys
  FOR EACH ROW EXECUTE FUNCTION commerce.write_audit('names', 'permissions', 'expires_at', 'revoked_at');

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.roles FOR EACH ROW
  EXECUTE FUNCTION commerce.write_audit('values');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.role_permissions FOR EACH ROW
  EXECUTE FUNCTION commerce.write_audit('values');
