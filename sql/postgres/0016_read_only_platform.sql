-- Who looks and changes nothing. An executive sees what a brand sees (without personal data), who works where, who did what, and how
-- the platform is; changing any of it stays with those who manage it.
INSERT INTO commerce.permissions (id, description) VALUES
  ('users.read', 'Users and their roles, read only'),
  ('platform.read', 'All brands, their health, the pipeline and its alerts, read only');

INSERT INTO commerce.role_permissions (role_id, permission_id) VALUES
  ('platform_admin', 'users.read'),
  ('platform_admin', 'platform.read'),
  ('executive', 'commerce.read'),
  ('executive', 'audit.read'),
  ('executive', 'users.read'),
  ('executive', 'platform.read'),
  ('brand_admin', 'users.read');
