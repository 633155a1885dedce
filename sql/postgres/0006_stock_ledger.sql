-- The stock ledger and its events.
--
-- inventory is the sum of inventory_movements, from whichever side it is written: inserting a movement moves the stock, and
-- changing a stock figure records the movement. app.stock_writer says which side began, so that the other does not
-- answer. uco_app can neither change nor delete a movement. While app.import_batch is set neither side answers: the importer writes
-- movements, stock and events set-based.

-- The brand's own setting, whatever the row says; the foreign key keeps it so when the setting changes.
CREATE FUNCTION commerce.inherit_allow_negative() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.allow_negative_stock INTO NEW.allow_negative FROM commerce.tenants t WHERE t.id = NEW.tenant_id;
  -- An unknown brand: let the foreign key say so.
  NEW.allow_negative := coalesce(NEW.allow_negative, false);
  RETURN NEW;
END $$;

CREATE TRIGGER allow_negative BEFORE INSERT ON commerce.inventory FOR EACH ROW
  EXECUTE FUNCTION commerce.inherit_allow_negative();

CREATE FUNCTION commerce.record_stock_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('app.stock_writer', true) = 'movement' THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('app.stock_writer', 'inventory', true);
  INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason)
  SELECT f.tenant_id, f.variant_id, f.warehouse_id, f.state, sum(f.units),
    CASE TG_OP WHEN 'INSERT' THEN 'opening_balance' ELSE 'adjustment' END
  FROM (
    SELECT r.tenant_id, r.variant_id, r.warehouse_id, s.state, r.sign * s.units AS units
    FROM (VALUES
        (OLD.tenant_id, OLD.variant_id, OLD.warehouse_id, -1, OLD.on_hand, OLD.allocated, OLD.reserved, OLD.incoming, OLD.damaged),
        (NEW.tenant_id, NEW.variant_id, NEW.warehouse_id, 1, NEW.on_hand, NEW.allocated, NEW.reserved, NEW.incoming, NEW.damaged)
      ) AS r (tenant_id, variant_id, warehouse_id, sign, on_hand, allocated, reserved, incoming, damaged),
      LATERAL (VALUES ('on_hand', r.on_hand), ('allocated', r.allocated), ('reserved', r.reserved),
        ('incoming', r.incoming), ('damaged', r.damaged)) AS s (state, units)
    WHERE r.tenant_id IS NOT NULL
  ) f
  GROUP BY f.tenant_id, f.variant_id, f.warehouse_id, f.state
  HAVING sum(f.units) <> 0;
  PERFORM set_config('app.stock_writer', '', true);
  RETURN NULL;
END $$;

CREATE TRIGGER movements AFTER INSERT OR UPDATE OR DELETE ON commerce.inventory FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.record_stock_change();

-- Adds a movement to the stock it moves and returns the state's new figure.
CREATE FUNCTION commerce.add_to_stock(m commerce.inventory_movements) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  figure integer;
BEGIN
  LOOP
    UPDATE commerce.inventory i SET
      on_hand = i.on_hand + CASE m.state WHEN 'on_hand' THEN m.quantity ELSE 0 END,
      allocated = i.allocated + CASE m.state WHEN 'allocated' THEN m.quantity ELSE 0 END,
      reserved = i.reserved + CASE m.state WHEN 'reserved' THEN m.quantity ELSE 0 END,
      incoming = i.incoming + CASE m.state WHEN 'incoming' THEN m.quantity ELSE 0 END,
      damaged = i.damaged + CASE m.state WHEN 'damaged' THEN m.quantity ELSE 0 END
    WHERE i.tenant_id = m.tenant_id AND i.variant_id = m.variant_id AND i.warehouse_id = m.warehouse_id
    RETURNING CASE m.state WHEN 'on_hand' THEN i.on_hand WHEN 'allocated' THEN i.allocated WHEN 'reserved' THEN i.reserved
      WHEN 'incoming' THEN i.incoming ELSE i.damaged END INTO figure;
    EXIT WHEN FOUND;
    -- First an empty row, then the update: an upsert would check the bare quantity (say −5) against the constraints.
    INSERT INTO commerce.inventory (tenant_id, variant_id, warehouse_id) VALUES (m.tenant_id, m.variant_id, m.warehouse_id)
      ON CONFLICT (tenant_id, variant_id, warehouse_id) DO NOTHING;
  END LOOP;
  RETURN figure;
END $$;

CREATE FUNCTION commerce.movement_event_type(state text, quantity integer, reason text) RETURNS text
  LANGUAGE sql IMMUTABLE
  RETURN CASE
    WHEN state IN ('allocated', 'reserved') AND quantity < 0 THEN 'stock.released'
    WHEN state = 'allocated' THEN 'stock.allocated'
    WHEN state = 'reserved' THEN 'stock.reserved'
    WHEN state = 'on_hand' AND reason = 'receipt' AND quantity > 0 THEN 'stock.received'
    ELSE 'inventory.adjusted' END;

CREATE FUNCTION commerce.apply_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  new_quantity integer;
BEGIN
  IF current_setting('app.stock_writer', true) = 'inventory' THEN
    SELECT CASE NEW.state WHEN 'on_hand' THEN i.on_hand WHEN 'allocated' THEN i.allocated WHEN 'reserved' THEN i.reserved
        WHEN 'incoming' THEN i.incoming ELSE i.damaged END INTO new_quantity
      FROM commerce.inventory i
      WHERE i.tenant_id = NEW.tenant_id AND i.variant_id = NEW.variant_id AND i.warehouse_id = NEW.warehouse_id;
    -- The stock row itself was deleted or moved away.
    new_quantity := coalesce(new_quantity, 0);
  ELSE
    PERFORM set_config('app.stock_writer', 'movement', true);
    new_quantity := commerce.add_to_stock(NEW);
    PERFORM set_config('app.stock_writer', '', true);
  END IF;
  PERFORM commerce.write_event(NEW.tenant_id, commerce.movement_event_type(NEW.state, NEW.quantity, NEW.reason), NEW.variant_id,
    jsonb_build_object('product_id', v.product_id, 'variant_id', v.id, 'sku', v.sku, 'warehouse_id', NEW.warehouse_id,
      'state', NEW.state, 'quantity', abs(NEW.quantity), 'old_qty', new_quantity - NEW.quantity, 'new_qty', new_quantity,
      'reason', NEW.reason, 'movement_id', NEW.id)
    || CASE WHEN NEW.reference_type IS NULL THEN '{}' ELSE
      jsonb_build_object(NEW.reference_type || '_id', NEW.reference_id) END)
    FROM commerce.product_variants v WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.variant_id;
  RETURN NULL;
END $$;

CREATE TRIGGER apply AFTER INSERT ON commerce.inventory_movements FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.apply_movement();

-- Moves stock: `quantity` units (signed) of one state. Returns the movement's id. Fails when the brand may not go below zero.
CREATE FUNCTION commerce.move_stock(tenant uuid, variant uuid, warehouse uuid, state text, quantity integer, reason text,
    reference_type text DEFAULT NULL, reference_id uuid DEFAULT NULL, note text DEFAULT NULL)
  RETURNS uuid LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO commerce.inventory_movements
    (tenant_id, variant_id, warehouse_id, state, quantity, reason, reference_type, reference_id, note)
  VALUES (tenant, variant, warehouse, state, quantity, reason, reference_type, reference_id, note)
  RETURNING id;
END;
