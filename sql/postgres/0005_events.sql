-- Domain events: an outbox kept by triggers, so that whoever writes state writes its event in the same transaction, and a
-- rollback takes both. Envelope: event_id = id, event_type, tenant_id, timestamp = occurred_at, version,
-- data. Money in `data` is decimal text. No personal data in it.
--
-- A status that is passed over has its event too (an order created as shipped: created, confirmed, shipped), so that whoever
-- counts events counts every order; going back is no new event of that kind. While app.import_batch is set nothing here runs:
-- the importer writes events set-based.

CREATE FUNCTION commerce.write_event(tenant uuid, type text, entity uuid, data jsonb, at timestamptz DEFAULT clock_timestamp())
  RETURNS void LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO commerce.events (tenant_id, id, event_type, entity_type, entity_id, actor_id, occurred_at, data)
  VALUES (tenant, uuidv7(at - clock_timestamp()), type, split_part(type, '.', 1), entity,
    nullif(current_setting('app.current_user_id', true), '')::uuid, at, data);
END;

-- The statuses of `ladder` above the old one, up to the new one. An old status that is null or not on it stands below all.
CREATE FUNCTION commerce.statuses_reached(ladder text[], old_status text, new_status text) RETURNS SETOF text
  LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT s.status FROM unnest(ladder) WITH ORDINALITY AS s (status, step)
  WHERE s.step > coalesce(array_position(ladder, old_status), 0) AND s.step <= array_position(ladder, new_status)
  ORDER BY s.step;
END;

-- Orders --------------------------------------------------------------------------------------------------------------

-- At commit, when the lines are there. Dated by the start of the transaction: before every other event of the order.
CREATE FUNCTION commerce.order_created_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  payload jsonb;
BEGIN
  SELECT jsonb_build_object(
      'order_id', o.id, 'order_number', o.order_number, 'customer_id', o.customer_id, 'order_date', o.placed_at,
      'status', o.status, 'channel', o.channel, 'country', o.country, 'currency', o.currency, 'is_test', o.is_test,
      'items', lines.items, 'total_amount', lines.total::text)
    INTO payload
    FROM commerce.orders o,
      LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object('order_item_id', i.id, 'sku', i.sku, 'quantity', i.quantity,
            'unit_price', i.unit_price::text, 'discount', i.discount::text, 'tax', i.tax::text, 'shipping', i.shipping::text)
            ORDER BY i.line_no), '[]') AS items,
          coalesce(sum(i.unit_price * i.quantity - i.discount + i.tax + i.shipping), 0.0000) AS total
        FROM commerce.order_items i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id
      ) lines
    WHERE o.tenant_id = NEW.tenant_id AND o.id = NEW.id;
  -- Deleted in the transaction that created it: it never existed.
  IF payload IS NOT NULL THEN
    PERFORM commerce.write_event(NEW.tenant_id, 'order.created', NEW.id, payload, now());
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER event_created AFTER INSERT ON commerce.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.order_created_event();

CREATE FUNCTION commerce.order_status_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_status text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE 'placed' END;
  ladder CONSTANT text[] := ARRAY['placed', 'confirmed', 'shipped', 'delivered'];
  reached text[];
  changed text[];
BEGIN
  IF NEW.status <> old_status THEN
    -- Out of 'cancelled' only the status itself is reached: the earlier ones had their events.
    reached := CASE
      WHEN NEW.status = 'cancelled' OR (old_status = 'cancelled' AND NEW.status <> 'placed') THEN ARRAY[NEW.status]
      WHEN old_status = 'cancelled' THEN '{}'
      ELSE ARRAY(SELECT commerce.statuses_reached(ladder, old_status, NEW.status)) END;
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

CREATE TRIGGER event_status AFTER INSERT OR UPDATE ON commerce.orders FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.order_status_event();

-- Shipments, payments, returns ------------------------------------------------------------------------------------------

CREATE FUNCTION commerce.shipment_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM commerce.write_event(NEW.tenant_id, 'shipment.' || status, NEW.id, jsonb_build_object(
      'shipment_id', NEW.id, 'order_id', NEW.order_id, 'warehouse_id', NEW.warehouse_id, 'carrier', NEW.carrier,
      'tracking_number', NEW.tracking_number, 'shipped_at', NEW.shipped_at, 'delivery_time', NEW.delivered_at))
    FROM commerce.statuses_reached(ARRAY['created', 'shipped', 'delivered'],
      CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status) status;
  RETURN NULL;
END $$;

CREATE TRIGGER event AFTER INSERT OR UPDATE OF status ON commerce.shipments FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.shipment_event();

CREATE FUNCTION commerce.payment_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IN ('received', 'failed') AND (TG_OP = 'INSERT' OR OLD.status <> NEW.status) THEN
    PERFORM commerce.write_event(NEW.tenant_id, 'payment.' || NEW.status, NEW.id, jsonb_build_object(
      'payment_id', NEW.id, 'order_id', NEW.order_id, 'amount', NEW.amount::text, 'currency', NEW.currency,
      'method', NEW.method));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER event AFTER INSERT OR UPDATE OF status ON commerce.payments FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.payment_event();

CREATE FUNCTION commerce.return_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM commerce.write_event(NEW.tenant_id, 'return.' || status, NEW.id, jsonb_build_object(
      'return_id', NEW.id, 'return_number', NEW.return_number, 'order_id', NEW.order_id, 'customer_id', NEW.customer_id,
      'currency', NEW.currency, 'refunded_at', NEW.refunded_at))
    FROM commerce.statuses_reached(ARRAY['requested', 'received', 'refunded'],
      CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status) status;
  RETURN NULL;
END $$;

CREATE TRIGGER event AFTER INSERT OR UPDATE OF status ON commerce.returns FOR EACH ROW
  WHEN (NOT commerce.importing()) EXECUTE FUNCTION commerce.return_event();
