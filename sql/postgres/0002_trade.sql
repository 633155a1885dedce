-- Trade: orders with their lines, payments and shipments, what came back, corrections; then exchange rates and the two logs.
-- Rules for every table: see 0001_commerce.sql.

CREATE TABLE commerce.orders (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  order_number text NOT NULL CHECK (order_number <> ''),
  customer_id uuid,
  status text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'confirmed', 'shipped', 'delivered', 'cancelled')),
  channel text,
  country text,
  currency commerce.currency_code NOT NULL,
  is_test boolean NOT NULL DEFAULT false,
  placed_at timestamptz NOT NULL DEFAULT now(),
  -- The first promise made: rescheduling never rewrites it.
  promised_at timestamptz,
  cancelled_at timestamptz,
  note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, order_number),
  UNIQUE (tenant_id, id, is_test),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES commerce.customers (tenant_id, id)
);
CREATE INDEX ON commerce.orders (tenant_id, placed_at);
CREATE INDEX ON commerce.orders (tenant_id, customer_id);

CREATE TABLE commerce.order_addresses (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  order_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('shipping', 'billing')),
  name text,
  line1 text,
  line2 text,
  city text,
  region text,
  postal_code text,
  country text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, order_id, kind),
  FOREIGN KEY (tenant_id, order_id) REFERENCES commerce.orders (tenant_id, id) ON DELETE CASCADE
);

-- A sold line. Amounts are of the whole line, in the order's currency, before (gross) and beside each other:
-- gross = unit_price × quantity; discount includes the line's share of an order discount; tax and shipping as charged.
CREATE TABLE commerce.order_items (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  order_id uuid NOT NULL,
  line_no integer NOT NULL CHECK (line_no > 0),
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price commerce.money_amount NOT NULL CHECK (unit_price >= 0),
  discount commerce.money_amount NOT NULL DEFAULT 0 CHECK (discount >= 0),
  tax commerce.money_amount NOT NULL DEFAULT 0 CHECK (tax >= 0),
  shipping commerce.money_amount NOT NULL DEFAULT 0 CHECK (shipping >= 0),
  unit_cost commerce.money_amount CHECK (unit_cost >= 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, order_id, line_no),
  FOREIGN KEY (tenant_id, order_id) REFERENCES commerce.orders (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id)
);

CREATE TABLE commerce.payments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  order_id uuid NOT NULL,
  amount commerce.money_amount NOT NULL CHECK (amount >= 0),
  currency commerce.currency_code NOT NULL,
  method text,
  status text NOT NULL CHECK (status IN ('pending', 'received', 'failed')),
  attempted_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES commerce.orders (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ON commerce.payments (tenant_id, order_id);

CREATE TABLE commerce.shipments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  order_id uuid NOT NULL,
  warehouse_id uuid,
  carrier text,
  tracking_number text,
  status text NOT NULL CHECK (status IN ('created', 'shipped', 'delivered')),
  shipped_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES commerce.orders (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES commerce.warehouses (tenant_id, id)
);
CREATE INDEX ON commerce.shipments (tenant_id, order_id);

CREATE TABLE commerce.shipment_items (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  shipment_id uuid NOT NULL,
  order_item_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, shipment_id, order_item_id),
  FOREIGN KEY (tenant_id, shipment_id) REFERENCES commerce.shipments (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, order_item_id) REFERENCES commerce.order_items (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ON commerce.shipment_items (tenant_id, order_item_id);

-- Goods that came back. order_id is null where the order is not known (imported history); refunded_at dates the KPI.
-- is_test follows the order's by foreign key, so that a return alone says whether it counts.
CREATE TABLE commerce.returns (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  return_number text NOT NULL CHECK (return_number <> ''),
  order_id uuid,
  customer_id uuid,
  status text NOT NULL DEFAULT 'refunded' CHECK (status IN ('requested', 'received', 'refunded')),
  channel text,
  country text,
  currency commerce.currency_code NOT NULL,
  is_test boolean NOT NULL DEFAULT false,
  -- Null until the money went back; only refunded returns count.
  refunded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, return_number),
  CHECK ((status = 'refunded') = (refunded_at IS NOT NULL)),
  FOREIGN KEY (tenant_id, order_id, is_test) REFERENCES commerce.orders (tenant_id, id, is_test) ON UPDATE CASCADE,
  FOREIGN KEY (tenant_id, customer_id) REFERENCES commerce.customers (tenant_id, id)
);
CREATE INDEX ON commerce.returns (tenant_id, order_id);

-- quantity and amount are positive: units and value of the goods that came back.
CREATE TABLE commerce.return_items (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  return_id uuid NOT NULL,
  line_no integer NOT NULL CHECK (line_no > 0),
  order_item_id uuid,
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  amount commerce.money_amount NOT NULL CHECK (amount >= 0),
  unit_cost commerce.money_amount CHECK (unit_cost >= 0),
  restocked boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, return_id, line_no),
  FOREIGN KEY (tenant_id, return_id) REFERENCES commerce.returns (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, order_item_id) REFERENCES commerce.order_items (tenant_id, id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id)
);
CREATE INDEX ON commerce.return_items (tenant_id, order_item_id);

-- Accounting corrections such as bad debt: apart from net sales, signed, dated by adjusted_at.
CREATE TABLE commerce.adjustments (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  adjustment_number text NOT NULL CHECK (adjustment_number <> ''),
  line_no integer NOT NULL DEFAULT 1 CHECK (line_no > 0),
  sku text,
  customer_id uuid,
  channel text,
  country text,
  currency commerce.currency_code NOT NULL,
  amount commerce.money_amount NOT NULL,
  reason text,
  adjusted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, adjustment_number, line_no),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES commerce.customers (tenant_id, id)
);

-- 1 base = rate quote, from rate_date (a UTC day) until the next rate. Kept by the platform, read by all.
CREATE TABLE commerce.fx_rates (
  base_currency commerce.currency_code NOT NULL,
  quote_currency commerce.currency_code NOT NULL,
  rate_date date NOT NULL,
  rate numeric(20, 10) NOT NULL CHECK (rate > 0 AND rate <> 'NaN'),
  source text,
  PRIMARY KEY (base_currency, quote_currency, rate_date),
  CHECK (base_currency <> quote_currency)
);

-- Outbox: one domain event per state change, written in the transaction that makes the change. Append-only.
CREATE TABLE commerce.events (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  id uuid NOT NULL DEFAULT uuidv7(),
  event_type text NOT NULL,
  entity_type text NOT NULL,
  entity_id uuid NOT NULL,
  actor_id uuid,
  version integer NOT NULL DEFAULT 1,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  data jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);

-- Who did what. Append-only. Entries of tables that hold personal data carry the names of changed columns, no values.
CREATE TABLE commerce.audit_logs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  actor_id uuid,
  resource_type text NOT NULL,
  resource_id uuid,
  action text NOT NULL CHECK (action IN ('CREATE', 'UPDATE', 'DELETE', 'IMPORT')),
  old_values jsonb,
  new_values jsonb,
  -- Personal data: not replicated (the publication names the other columns).
  ip_address inet,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, id)
);
