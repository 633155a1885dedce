-- The catalogue: categories as rows, prices, the rate of tax of a product. Rules for every table: see 0001_commerce.sql.
-- Neither table is published: no mart needs them.

-- For "equal and overlapping" in one exclusion constraint.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- products.category stays the name: marts slice by it.
CREATE TABLE commerce.categories (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT categories_name UNIQUE (tenant_id, name)
);

INSERT INTO commerce.categories (tenant_id, name)
SELECT DISTINCT tenant_id, category FROM commerce.products WHERE category IS NOT NULL;

-- Whoever names a category need not create it first. Runs as the caller: row-level security holds, imports included.
CREATE FUNCTION commerce.create_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO commerce.categories (tenant_id, name) VALUES (NEW.tenant_id, NEW.category) ON CONFLICT DO NOTHING;
  RETURN NEW;
END $$;

CREATE TRIGGER category_created BEFORE INSERT ON commerce.products FOR EACH ROW
  WHEN (NEW.category IS NOT NULL) EXECUTE FUNCTION commerce.create_category();
CREATE TRIGGER category_changed BEFORE UPDATE OF category ON commerce.products FOR EACH ROW
  WHEN (NEW.category IS DISTINCT FROM OLD.category AND NEW.category IS NOT NULL)
  EXECUTE FUNCTION commerce.create_category();

-- tax_rate: share of the price before tax (0.19 is 19 %), what new orders are taxed with.
ALTER TABLE commerce.products
  ADD COLUMN tax_rate numeric(7, 6) NOT NULL DEFAULT 0
    CONSTRAINT products_tax_rate_check CHECK (tax_rate >= 0 AND tax_rate <= 1),
  ADD CONSTRAINT products_category_fkey FOREIGN KEY (tenant_id, category)
    REFERENCES commerce.categories (tenant_id, name) ON UPDATE CASCADE;
CREATE INDEX ON commerce.products (tenant_id, category);

-- What one unit costs, without tax, from `min_quantity` units on, within [valid_from, valid_until); null is open.
CREATE TABLE commerce.prices (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  variant_id uuid NOT NULL,
  currency commerce.currency_code NOT NULL,
  kind text NOT NULL DEFAULT 'list' CHECK (kind IN ('list', 'promotion')),
  min_quantity integer NOT NULL DEFAULT 1 CHECK (min_quantity > 0),
  amount commerce.money_amount NOT NULL CHECK (amount >= 0),
  valid_from timestamptz,
  valid_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id),
  CONSTRAINT prices_validity CHECK (valid_from < valid_until),
  -- At any time at most one list price: promotions may overlap, the lowest counts.
  CONSTRAINT prices_list_overlap EXCLUDE USING gist (tenant_id WITH =, variant_id WITH =, currency WITH =,
    min_quantity WITH =, tstzrange(valid_from, valid_until) WITH &&) WHERE (kind = 'list')
);
CREATE INDEX ON commerce.prices (tenant_id, variant_id, currency);

DO $$
DECLARE
  tbl text;
  context CONSTANT text := 'nullif(current_setting(''app.current_tenant_id'', true), '''')::uuid';
BEGIN
  FOREACH tbl IN ARRAY ARRAY['categories', 'prices'] LOOP
    EXECUTE format('ALTER TABLE commerce.%I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE commerce.%I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format('CREATE POLICY tenant_isolation ON commerce.%I USING (tenant_id = %s) WITH CHECK (tenant_id = %s)',
      tbl, context, context);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON commerce.%I TO uco_app', tbl);
    EXECUTE format('CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.%I FOR EACH ROW
      WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.write_audit(''values'')', tbl);
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON commerce.%I FOR EACH ROW
      EXECUTE FUNCTION commerce.touch_updated_at()', tbl);
  END LOOP;
END $$;

-- A note is free text and may name a person, and audit_logs is never erased: an entry says that there is a note, not which.
CREATE FUNCTION commerce.withhold_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.old_values ->> 'note' <> '' THEN
    NEW.old_values := NEW.old_values || '{"note": "(withheld)"}';
  END IF;
  IF NEW.new_values ->> 'note' <> '' THEN
    NEW.new_values := NEW.new_values || '{"note": "(withheld)"}';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER withhold_note BEFORE INSERT ON commerce.audit_logs FOR EACH ROW
  WHEN (NEW.old_values ->> 'note' <> '' OR NEW.new_values ->> 'note' <> '') EXECUTE FUNCTION commerce.withhold_note();
