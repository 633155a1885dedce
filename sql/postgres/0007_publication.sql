-- What leaves Postgres: every table of commerce but those with personal data (customer_contacts, order_addresses, users) and
-- those that analytics has no use for (roles, permissions, role_permissions).
--
-- REPLICA IDENTITY FULL: a change carries its whole old row, so that a delete knows its brand, an update the group its row
-- left, and an unchanged TOASTed value is there at all. It comes first: a table published without it can't be updated.
-- audit_logs is append-only and keeps the default identity, because a column list (without ip_address and user_agent, which
-- are personal) must cover the identity.
DO $$
DECLARE
  tbl text;
BEGIN
  FOREACH tbl IN ARRAY ARRAY['tenants', 'customers', 'products', 'product_variants', 'warehouses', 'inventory',
    'inventory_movements', 'orders', 'order_items', 'payments', 'shipments', 'shipment_items', 'returns', 'return_items',
    'adjustments', 'fx_rates', 'events']
  LOOP
    EXECUTE format('ALTER TABLE commerce.%I REPLICA IDENTITY FULL', tbl);
  END LOOP;
END $$;

-- publish_generated_columns (Postgres 18): inventory.available is a stored generated column and travels with its row.
CREATE PUBLICATION uco FOR TABLE
  commerce.tenants,
  commerce.customers,
  commerce.products,
  commerce.product_variants,
  commerce.warehouses,
  commerce.inventory,
  commerce.inventory_movements,
  commerce.orders,
  commerce.order_items,
  commerce.payments,
  commerce.shipments,
  commerce.shipment_items,
  commerce.returns,
  commerce.return_items,
  commerce.adjustments,
  commerce.fx_rates,
  commerce.events,
  commerce.audit_logs (tenant_id, id, actor_id, resource_type, resource_id, action, old_values, new_values, created_at)
  WITH (publish = 'insert, update, delete, truncate', publish_generated_columns = stored);
