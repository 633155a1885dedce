-- Orders on their way: more statuses, the stock an order holds, reservations, numbers; and the stock ledger in sets.
--
-- order_allocations, reservations and number_counters are not published: the marts read stock as inventory has it.

-- Statuses ------------------------------------------------------------------------------------------------------------

ALTER TABLE commerce.orders DROP CONSTRAINT orders_status_check;
ALTER TABLE commerce.orders ADD CONSTRAINT orders_status_check CHECK (status IN ('placed', 'confirmed', 'picked', 'packed',
  'partially_shipped', 'shipped', 'delivered', 'cancelled'));

-- The statuses above the old one, up to the new one. Confirmed, shipped and delivered count also when they were passed over (whoever
-- counts their events counts every order); picked, packed and partially_shipped only when they are the new one: an order need not
-- pass through them, and an imported one does not.
CREATE FUNCTION commerce.order_statuses_reached(old_status text, new_status text) RETURNS SETOF text LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT r.status
  FROM commerce.statuses_reached(ARRAY['placed', 'confirmed', 'picked', 'packed', 'partially_shipped', 'shipped', 'delivered'],
    old_status, new_status) WITH ORDINALITY AS r (status, step)
  WHERE r.status = new_status OR r.status IN ('confirmed', 'shipped', 'delivered')
  ORDER BY r.step;
END;

-- As in 0005, with the statuses above.
CREATE OR REPLACE FUNCTION commerce.order_status_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_status text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE 'placed' END;
  reached text[];
  changed text[];
BEGIN
  IF NEW.status <> old_status THEN
    -- Out of 'cancelled' only the status itself is reached: the earlier ones had their events.
    reached := CASE
      WHEN NEW.status = 'cancelled' OR (old_status = 'cancelled' AND NEW.status <> 'placed') THEN ARRAY[NEW.status]
      WHEN old_status = 'cancelled' THEN '{}'
      ELSE ARRAY(SELECT commerce.order_statuses_reached(old_status, NEW.status)) END;
    PERFORM commerce.write_event(NEW.tenant_id, 'order.' || status, NEW.id, jsonb_build_object(
        'order_id', NEW.id, 'order_number', NEW.order_number, 'customer_id', NEW.customer_id, 'previous_status', old_status))
      FROM unnest(reached) status;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- Names only: a note is free text and may name a person.
    SELECT array_agg(n.key ORDER BY n.key) INTO changed
      FROM jsonb_each(to_jsonb(NEW)) n
      WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key
        AND n.key <> 'updated_at' AND NOT (n.key IN ('status', 'cancelled_at') AND cardinality(reached) > 0);
    IF changed IS NOT NULL THEN
      PERFORM commerce.write_event(NEW.tenant_id, 'order.updated', NEW.id, jsonb_build_object(
        'order_id', NEW.id, 'order_number', NEW.order_number, 'status', NEW.status, 'changed', changed));
    END IF;
  END IF;
  RETURN NULL;
END $$;

-- The time line of an order.
CREATE INDEX ON commerce.events (tenant_id, entity_id);

-- How the payment is known to whoever took it.
ALTER TABLE commerce.payments ADD COLUMN reference text;

-- Stock that is spoken for ---------------------------------------------------------------------------------------------

-- What an open order holds in which warehouse: inventory.allocated is the sum of quantity − shipped_quantity. Gone when the order
-- is cancelled.
CREATE TABLE commerce.order_allocations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  order_item_id uuid NOT NULL,
  warehouse_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  shipped_quantity integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT order_allocations_item_warehouse UNIQUE (tenant_id, order_item_id, warehouse_id),
  CONSTRAINT order_allocations_shipped CHECK (shipped_quantity BETWEEN 0 AND quantity),
  FOREIGN KEY (tenant_id, order_item_id) REFERENCES commerce.order_items (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES commerce.warehouses (tenant_id, id)
);

-- Stock set aside for a while: inventory.reserved is the sum of the active ones. One that is past expires_at is as good as expired;
-- it is taken back by the sweeper, or before by whoever needs the units.
CREATE TABLE commerce.reservations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  variant_id uuid NOT NULL,
  warehouse_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'consumed', 'released', 'expired')),
  expires_at timestamptz NOT NULL,
  -- The order that consumed it.
  order_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES commerce.product_variants (tenant_id, id),
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES commerce.warehouses (tenant_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES commerce.orders (tenant_id, id) ON DELETE SET NULL (order_id)
);
CREATE INDEX ON commerce.reservations (tenant_id, variant_id) WHERE status = 'active';
CREATE INDEX ON commerce.reservations (expires_at) WHERE status = 'active';
CREATE INDEX ON commerce.reservations (tenant_id, order_id) WHERE order_id IS NOT NULL;

-- The next number of a kind. Numbers are handed out in blocks, so that orders of one brand do not queue for this row; one that was
-- handed out and not used leaves a gap.
CREATE TABLE commerce.number_counters (
  tenant_id uuid NOT NULL REFERENCES commerce.tenants (id),
  kind text NOT NULL CHECK (kind IN ('order', 'return')),
  next bigint NOT NULL CHECK (next > 0),
  PRIMARY KEY (tenant_id, kind)
);

DO $$
DECLARE
  tbl text;
  context CONSTANT text := 'nullif(current_setting(''app.current_tenant_id'', true), '''')::uuid';
BEGIN
  FOREACH tbl IN ARRAY ARRAY['order_allocations', 'reservations', 'number_counters'] LOOP
    EXECUTE format('ALTER TABLE commerce.%I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE commerce.%I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format('CREATE POLICY tenant_isolation ON commerce.%I USING (tenant_id = %s) WITH CHECK (tenant_id = %s)',
      tbl, context, context);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON commerce.%I TO uco_app', tbl);
  END LOOP;
END $$;

CREATE TRIGGER touch BEFORE UPDATE ON commerce.reservations FOR EACH ROW EXECUTE FUNCTION commerce.touch_updated_at();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.reservations FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.write_audit('values');

-- Audit in sets -------------------------------------------------------------------------------------------------------

-- What write_audit('values') leaves for each created row, for all rows of a statement at once. For the tables of which one request
-- writes many rows.
CREATE FUNCTION commerce.audit_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO commerce.audit_logs (tenant_id, actor_id, resource_type, resource_id, action, new_values, ip_address, user_agent)
  SELECT r.tenant_id, nullif(current_setting('app.current_user_id', true), '')::uuid, TG_TABLE_NAME, r.id, 'CREATE', to_jsonb(r),
    nullif(current_setting('app.client_ip', true), '')::inet, nullif(current_setting('app.user_agent', true), '')
  FROM inserted r;
  RETURN NULL;
END $$;

DO $$
DECLARE
  tbl text;
BEGIN
  FOREACH tbl IN ARRAY ARRAY['order_items', 'order_allocations', 'inventory_movements', 'shipment_items', 'return_items'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS audit ON commerce.%I', tbl);
    EXECUTE format('CREATE TRIGGER audit AFTER UPDATE OR DELETE ON commerce.%I FOR EACH ROW
      WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.write_audit(''values'')', tbl);
    EXECUTE format('CREATE TRIGGER audit_inserted AFTER INSERT ON commerce.%I REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
      WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.audit_inserted()', tbl);
  END LOOP;
END $$;

-- The stock ledger in sets --------------------------------------------------------------------------------------------

-- As in 0006, for all movements of a statement at once: each stock row is changed once, and rows are locked in the order of variant
-- and warehouse, so that statements that move several do not wait for each other in a circle.
CREATE FUNCTION commerce.apply_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('app.stock_writer', true), '') <> 'inventory' THEN
    -- First an empty row, then the update: an upsert would check the bare quantity (say −5) against the constraints.
    INSERT INTO commerce.inventory (tenant_id, variant_id, warehouse_id)
      SELECT DISTINCT m.tenant_id, m.variant_id, m.warehouse_id FROM inserted m
      WHERE NOT EXISTS (SELECT FROM commerce.inventory i
        WHERE i.tenant_id = m.tenant_id AND i.variant_id = m.variant_id AND i.warehouse_id = m.warehouse_id)
      ORDER BY 1, 2, 3
      ON CONFLICT (tenant_id, variant_id, warehouse_id) DO NOTHING;
    PERFORM FROM commerce.inventory i
      WHERE (i.tenant_id, i.variant_id, i.warehouse_id) IN (SELECT m.tenant_id, m.variant_id, m.warehouse_id FROM inserted m)
      ORDER BY i.tenant_id, i.variant_id, i.warehouse_id FOR NO KEY UPDATE;
    -- The triggers `audit` and `movements` of inventory stand back: what they would do is done here.
    PERFORM set_config('app.stock_writer', 'movement', true);
    WITH moved AS (
      UPDATE commerce.inventory i SET on_hand = i.on_hand + s.on_hand, allocated = i.allocated + s.allocated,
        reserved = i.reserved + s.reserved, incoming = i.incoming + s.incoming, damaged = i.damaged + s.damaged
      FROM (
        SELECT m.tenant_id, m.variant_id, m.warehouse_id,
          coalesce(sum(m.quantity) FILTER (WHERE m.state = 'on_hand'), 0) AS on_hand,
          coalesce(sum(m.quantity) FILTER (WHERE m.state = 'allocated'), 0) AS allocated,
          coalesce(sum(m.quantity) FILTER (WHERE m.state = 'reserved'), 0) AS reserved,
          coalesce(sum(m.quantity) FILTER (WHERE m.state = 'incoming'), 0) AS incoming,
          coalesce(sum(m.quantity) FILTER (WHERE m.state = 'damaged'), 0) AS damaged
        FROM inserted m GROUP BY m.tenant_id, m.variant_id, m.warehouse_id
      ) s
      WHERE i.tenant_id = s.tenant_id AND i.variant_id = s.variant_id AND i.warehouse_id = s.warehouse_id
      -- Named, because OLD and NEW are the trigger's own here.
      RETURNING WITH (OLD AS o, NEW AS n) i.tenant_id, i.id,
        jsonb_build_object('on_hand', o.on_hand, 'allocated', o.allocated, 'reserved', o.reserved,
          'available', o.available, 'incoming', o.incoming, 'damaged', o.damaged) AS was,
        jsonb_build_object('on_hand', n.on_hand, 'allocated', n.allocated, 'reserved', n.reserved,
          'available', n.available, 'incoming', n.incoming, 'damaged', n.damaged) AS becomes
    )
    INSERT INTO commerce.audit_logs
      (tenant_id, actor_id, resource_type, resource_id, action, old_values, new_values, ip_address, user_agent)
    SELECT m.tenant_id, nullif(current_setting('app.current_user_id', true), '')::uuid, 'inventory', m.id, 'UPDATE',
      c.old_values, c.new_values,
      nullif(current_setting('app.client_ip', true), '')::inet, nullif(current_setting('app.user_agent', true), '')
    FROM moved m, LATERAL (
      SELECT jsonb_object_agg(n.key, m.was -> n.key) AS old_values, jsonb_object_agg(n.key, n.value) AS new_values
      FROM jsonb_each(m.becomes) n WHERE n.value <> m.was -> n.key
    ) c
    WHERE c.new_values IS NOT NULL;
    PERFORM set_config('app.stock_writer', '', true);
  END IF;

  INSERT INTO commerce.events (tenant_id, event_type, entity_type, entity_id, actor_id, data)
  SELECT m.tenant_id, e.type, split_part(e.type, '.', 1), m.variant_id, nullif(current_setting('app.current_user_id', true), '')::uuid,
    jsonb_build_object('product_id', v.product_id, 'variant_id', v.id, 'sku', v.sku, 'warehouse_id', m.warehouse_id,
      'state', m.state, 'quantity', abs(m.quantity), 'old_qty', m.figure - m.quantity, 'new_qty', m.figure,
      'reason', m.reason, 'movement_id', m.id)
    || CASE WHEN m.reference_type IS NULL THEN '{}' ELSE jsonb_build_object(m.reference_type || '_id', m.reference_id) END
  FROM (
    SELECT m.*,
      -- The figure after all of the statement, less what came after this movement. A stock row that was deleted or moved away: 0.
      coalesce(CASE m.state WHEN 'on_hand' THEN i.on_hand WHEN 'allocated' THEN i.allocated WHEN 'reserved' THEN i.reserved
        WHEN 'incoming' THEN i.incoming ELSE i.damaged END, 0)
      - coalesce(sum(m.quantity) OVER (PARTITION BY m.tenant_id, m.variant_id, m.warehouse_id, m.state ORDER BY m.id
          ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0) AS figure
    FROM inserted m
    LEFT JOIN commerce.inventory i
      ON i.tenant_id = m.tenant_id AND i.variant_id = m.variant_id AND i.warehouse_id = m.warehouse_id
  ) m
  JOIN commerce.product_variants v ON v.tenant_id = m.tenant_id AND v.id = m.variant_id,
  LATERAL commerce.movement_event_type(m.state, m.quantity, m.reason) AS e (type)
  ORDER BY m.id;
  RETURN NULL;
END $$;

DROP TRIGGER apply ON commerce.inventory_movements;
DROP FUNCTION commerce.apply_movement();
DROP FUNCTION commerce.add_to_stock(commerce.inventory_movements);
CREATE TRIGGER apply AFTER INSERT ON commerce.inventory_movements REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.apply_movements();

-- Whether a movement is being applied: then what follows from the change of inventory is done by apply_movements.
CREATE FUNCTION commerce.moving_stock() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('app.stock_writer', true), '') = 'movement';

DROP TRIGGER audit ON commerce.inventory;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON commerce.inventory FOR EACH ROW
  WHEN (NOT commerce.importing() AND NOT commerce.moving_stock()) EXECUTE FUNCTION commerce.write_audit('values');
DROP TRIGGER movements ON commerce.inventory;
CREATE TRIGGER movements AFTER INSERT OR UPDATE OR DELETE ON commerce.inventory FOR EACH ROW
  WHEN (NOT commerce.importing() AND NOT commerce.moving_stock()) EXECUTE FUNCTION commerce.record_stock_change();

-- What happened to the stock of a variant.
CREATE INDEX ON commerce.inventory_movements (tenant_id, variant_id, id);
