-- The transactional side: who trades (tenants, users), what (products, stock) and how (orders, shipments, payments, returns).
--
-- Rules for every table here:
--   * primary key (tenant_id, id), ids are UUIDv7 whose time is the entity's own time (an imported order carries its
--     placed_at), so that keys sort by time; nothing but speed depends on it
--   * money is numeric(19,4) with its ISO 4217 currency, times are timestamptz, quantities are whole units
--   * REPLICA IDENTITY FULL where the table feeds marts: a change then carries its old row (0007_publication.sql)
CREATE SCHEMA commerce;

CREATE DOMAIN commerce.currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');
-- 'NaN' is a legal numeric and passes ">= 0", so money names it.
CREATE DOMAIN commerce.money_amount AS numeric(19, 4) CHECK (VALUE <> 'NaN');

CREATE TABLE commerce.tenants (
  -- Nil and max are no brand's: nil means "no brand" in ClickHouse, max is the platform's own in audit_logs.
  id uuid PRIMARY KEY DEFAULT uuidv7() CONSTRAINT tenants_id_reserved
    CHECK (id NOT IN ('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff')),
  slug text NOT NULL UNIQUE CONSTRAINT tenants_slug_format
    CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text NOT NULL CHECK (name <> ''),
  currency commerce.currency_code NOT NULL,
  timezone text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  allow_negative_stock boolean NOT NULL DEFAULT false,
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (id, allow_negative_stock)
);

CREATE FUNCTION commerce.check_timezone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = NEW.timezone) THEN
    RAISE EXCEPTION 'timezone "%" is not the name of an IANA time zone', NEW.timezone
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tenants_timezone', COLUMN = 'timezone',
        HINT = 'Zones are written as in Europe/London, UTC, Asia/Kolkata (case matters).';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER timezone BEFORE INSERT OR UPDATE OF timezone ON commerce.tenants FOR EACH ROW
  EXECUTE FUNCTION commerce.check_timezone();

CREATE TABLE commerce.roles (
  id text PRIMARY KEY,
  scope text NOT NULL CHECK (scope IN ('platform', 'brand')),
  description text NOT NULL,
  UNIQUE (id, scope)
);

-- Platform users have no tenant_id; brand users belong to exactly one. The foreign key keeps platform roles from brand users.
-- An e-mail is unique within a brand only: were it unique across, the error would tell one brand who works for another.
CREATE TABLE commerce.users (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  tenant_id uuid REFERENCES commerce.tenants (id),
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  role_scope text NOT NULL GENERATED ALWAYS AS (CASE WHEN tenant_id IS NULL THEN 'platform' ELSE 'brand' END) STORED,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (role, role_scope) REFERENCES commerce.roles (id, scope)
);
CREATE UNIQUE INDEX users_email ON commerce.users (tenant_id, lower(email)) NULLS NOT DISTINCT;

CREATE TABLE commerce.permissions (
  id text PRIMARY KEY,
  description text NOT NULL
);

CREATE TABLE commerce.role_permissions (
  role_id text NOT NULL REFERENCES commerce.roles (id),
  permission_id text NOT NULL REFERENCES commerce.permissions (id),
  PRIMARY KEY (role_id, permission_id)
);

INSERT INTO commerce.roles (id, scope, description) VALUES
  ('platform_admin', 'platform', 'Runs the platform: brands, users, operations'),
  ('executive', 'platform', 'Reads the figures of all brands'),
  ('brand_admin', 'brand', 'Runs one brand: its users, settings and data'),
  ('brand_manager', 'brand', 'Reads and steers one brand'),
  ('operator', 'brand', 'Keeps orders, shipments and stock of one brand moving'),
  ('analyst', 'brand', 'Reads the figures of one brand, with SQL of their own');

-- Within the brand of whoever holds them; in a platform role, for every brand.
INSERT INTO commerce.permissions (id, description) VALUES
  ('analytics.read', 'KPIs, dashboards'),
  ('analytics.sql', 'SQL of one''s own on the marts'),
  ('commerce.read', 'Orders, products, stock, without personal data'),
  ('contacts.read', 'Names, addresses, e-mails of customers'),
  ('catalog.write', 'Products, variants, prices'),
  ('orders.write', 'Orders, payments, shipments, returns'),
  ('inventory.write', 'Stock and its movements'),
  ('imports.run', 'Bulk imports'),
  ('audit.read', 'Who did what'),
  ('users.manage', 'Users and their roles'),
  ('brand.configure', 'Settings of the brand'),
  ('tenants.manage', 'Create and suspend brands'),
  ('fx_rates.manage', 'Exchange rates'),
  ('platform.operate', 'Status, verify, rebuild, dead letters');

INSERT INTO commerce.role_permissions (role_id, permission_id)
SELECT role, unnest(CASE role
  WHEN 'platform_admin' THEN ARRAY(SELECT id FROM commerce.permissions WHERE id <> 'contacts.read')
  WHEN 'executive' THEN ARRAY['analytics.read']
  WHEN 'brand_admin' THEN ARRAY['analytics.read', 'analytics.sql', 'commerce.read', 'contacts.read', 'catalog.write',
    'orders.write', 'inventory.write', 'imports.run', 'audit.read', 'users.manage', 'brand.configure']
  WHEN 'brand_manager' THEN ARRAY['analytics.read', 'analytics.sql', 'commerce.read', 'contacts.read', 'catalog.write',
    'orders.write', 'inventory.write', 'audit.read']
  WHEN 'operator' THEN ARRAY['analytics.read', 'commerce.read', 'contacts.read', 'orders.write', 'inventory.write']
  WHEN 'analyst' THEN ARRAY['analytics.read', 'analytics.sql', 'commerce.read']
END) FROM (SELECT id AS role FROM commerce.roles) r;

-- What analytics may know of a customer. Names and addresses live in customer_contacts, which is never replicated.
CREATE TABLE commerce.customers (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  customer_number text NOT NULL,
  country text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, customer_number)
);

CREATE TABLE commerce.customer_contacts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  customer_id uuid NOT NULL,
  name text,
  email text,
  phone text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES commerce.customers (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ON commerce.customer_contacts (tenant_id, customer_id);

CREATE TABLE commerce.products (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  name text NOT NULL,
  category text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  attributes jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE commerce.product_variants (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  product_id uuid NOT NULL,
  sku text NOT NULL CHECK (sku <> ''),
  name text,
  unit_cost commerce.money_amount CHECK (unit_cost >= 0),
  cost_currency commerce.currency_code,
  reorder_point integer CHECK (reorder_point >= 0),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sku),
  CHECK ((unit_cost IS NULL) = (cost_currency IS NULL)),
  FOREIGN KEY (tenant_id, product_id) REFERENCES commerce.products (tenant_id, id)
);
CREATE INDEX ON commerce.product_variants (tenant_id, product_id);

CREATE TABLE commerce.warehouses (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  code text NOT NULL,
  name text NOT NULL,
  country text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, code)
);

-- Stock of a variant in a warehouse, in units. `damaged` is part of on hand and never available.
-- allow_negative follows the tenant's setting by foreign key, so that the check below is a plain one.
CREATE TABLE commerce.inventory (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  variant_id uuid NOT NULL,
  warehouse_id uuid NOT NULL,
  on_hand integer NOT NULL DEFAULT 0,
  allocated integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
  reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  incoming integer NOT NULL DEFAULT 0 CHECK (incoming >= 0),
  damaged integer NOT NULL DEFAULT 0 CHECK (damaged >= 0),
  available integer NOT NULL GENERATED ALWAYS AS (on_hand - allocated - reserved - damaged) STORED,
  reorder_point integer CHECK (reorder_point >= 0),
  allow_negative boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, variant_id, warehouse_id),
  CHECK (on_hand >= 0 OR allow_negative),
  FOREIGN KEY (tenant_id, allow_negative) REFERENCES commerce.tenants (id, allow_negative_stock) ON UPDATE CASCADE,
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id),
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES commerce.warehouses (tenant_id, id)
);

-- Every change of a stock figure, as a signed delta of one state; inventory is the sum of its movements.
CREATE TABLE commerce.inventory_movements (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  variant_id uuid NOT NULL,
  warehouse_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('on_hand', 'allocated', 'reserved', 'incoming', 'damaged')),
  quantity integer NOT NULL CHECK (quantity <> 0),
  reason text NOT NULL CHECK (reason IN ('opening_balance', 'adjustment', 'receipt', 'allocation', 'release', 'reservation',
    'shipment', 'return', 'damage', 'transfer')),
  reference_type text,
  reference_id uuid,
  note text,
  moved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id),
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES commerce.warehouses (tenant_id, id)
);
