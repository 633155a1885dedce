// Generated from the migrated schema by sql/generate-types.ts; a test compares the two. Do not edit.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [key: string]: JsonValue | undefined };

/** Tables of the schema `commerce`; others by their full names. */
export interface Database {
  adjustments: AdjustmentsTable;
  api_keys: ApiKeysTable;
  audit_logs: AuditLogsTable;
  categories: CategoriesTable;
  customer_contacts: CustomerContactsTable;
  customers: CustomersTable;
  events: EventsTable;
  fx_rates: FxRatesTable;
  idempotency_keys: IdempotencyKeysTable;
  inventory: InventoryTable;
  inventory_movements: InventoryMovementsTable;
  number_counters: NumberCountersTable;
  order_addresses: OrderAddressesTable;
  order_allocations: OrderAllocationsTable;
  order_items: OrderItemsTable;
  orders: OrdersTable;
  payments: PaymentsTable;
  permissions: PermissionsTable;
  prices: PricesTable;
  product_variants: ProductVariantsTable;
  products: ProductsTable;
  reservations: ReservationsTable;
  return_items: ReturnItemsTable;
  returns: ReturnsTable;
  role_permissions: RolePermissionsTable;
  roles: RolesTable;
  shipment_items: ShipmentItemsTable;
  shipments: ShipmentsTable;
  tenants: TenantsTable;
  users: UsersTable;
  warehouses: WarehousesTable;
  'auth.refresh_tokens': AuthRefreshTokensTable;
  'auth.sessions': AuthSessionsTable;
}

export interface AdjustmentsTable {
  tenant_id: string;
  id: Generated<string>;
  adjustment_number: string;
  line_no: Generated<number>;
  sku: string | null;
  customer_id: string | null;
  channel: string | null;
  country: string | null;
  currency: string;
  amount: string;
  reason: string | null;
  adjusted_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface ApiKeysTable {
  tenant_id: string;
  id: Generated<string>;
  name: string;
  prefix: string;
  key_hash: string;
  permissions: string[];
  created_by: string | null;
  expires_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  revoked_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  last_used_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface AuditLogsTable {
  tenant_id: string;
  id: Generated<string>;
  actor_id: string | null;
  resource_type: string;
  resource_id: string | null;
  action:
    | 'CREATE'
    | 'UPDATE'
    | 'DELETE'
    | 'IMPORT'
    | 'SIGN_IN'
    | 'SIGN_IN_REFUSED'
    | 'SIGN_IN_LIMITED'
    | 'SIGN_OUT'
    | 'TOKEN_REUSE'
    | 'PASSWORD_REFUSED'
    | 'ACCESS_REFUSED';
  old_values: ColumnType<JsonValue | null, JsonObject | string | null | undefined, JsonObject | string | null>;
  new_values: ColumnType<JsonValue | null, JsonObject | string | null | undefined, JsonObject | string | null>;
  ip_address: string | null;
  user_agent: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface CategoriesTable {
  tenant_id: string;
  id: Generated<string>;
  name: string;
  status: Generated<'active' | 'archived'>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface CustomerContactsTable {
  tenant_id: string;
  id: Generated<string>;
  customer_id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface CustomersTable {
  tenant_id: string;
  id: Generated<string>;
  customer_number: string;
  country: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface EventsTable {
  tenant_id: string;
  id: Generated<string>;
  event_type: string;
  entity_type: string;
  entity_id: string;
  actor_id: string | null;
  version: Generated<number>;
  occurred_at: ColumnType<Date, Date | string | undefined, Date | string>;
  data: ColumnType<JsonValue, JsonObject | string, JsonObject | string>;
  metadata: ColumnType<JsonValue, JsonObject | string | undefined, JsonObject | string>;
}

export interface FxRatesTable {
  base_currency: string;
  quote_currency: string;
  rate_date: string;
  rate: string;
  source: string | null;
}

export interface IdempotencyKeysTable {
  tenant_id: string;
  key: string;
  request_hash: string;
  answer_status: number | null;
  answer_headers: ColumnType<JsonValue | null, JsonObject | string | null | undefined, JsonObject | string | null>;
  answer_body: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface InventoryTable {
  tenant_id: string;
  id: Generated<string>;
  variant_id: string;
  warehouse_id: string;
  on_hand: Generated<number>;
  allocated: Generated<number>;
  reserved: Generated<number>;
  incoming: Generated<number>;
  damaged: Generated<number>;
  available: GeneratedAlways<number>;
  reorder_point: number | null;
  allow_negative: Generated<boolean>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface InventoryMovementsTable {
  tenant_id: string;
  id: Generated<string>;
  variant_id: string;
  warehouse_id: string;
  state: 'on_hand' | 'allocated' | 'reserved' | 'incoming' | 'damaged';
  quantity: number;
  reason:
    | 'opening_balance'
    | 'adjustment'
    | 'receipt'
    | 'allocation'
    | 'release'
    | 'reservation'
    | 'shipment'
    | 'return'
    | 'damage'
    | 'transfer';
  reference_type: string | null;
  reference_id: string | null;
  note: string | null;
  moved_at: ColumnType<Date, Date | string | undefined, Date | string>;
  actor_id: Generated<string | null>;
}

export interface NumberCountersTable {
  tenant_id: string;
  kind: 'order' | 'return';
  next: ColumnType<string, string | number | bigint, string | number | bigint>;
}

export interface OrderAddressesTable {
  tenant_id: string;
  id: Generated<string>;
  order_id: string;
  kind: 'shipping' | 'billing';
  name: string | null;
  line1: string | null;
  line2: string | null;
  city: string | null;
  region: string | null;
  postal_code: string | null;
  country: string | null;
}

export interface OrderAllocationsTable {
  tenant_id: string;
  id: Generated<string>;
  order_item_id: string;
  warehouse_id: string;
  quantity: number;
  shipped_quantity: Generated<number>;
}

export interface OrderItemsTable {
  tenant_id: string;
  id: Generated<string>;
  order_id: string;
  line_no: number;
  variant_id: string;
  sku: string;
  quantity: number;
  unit_price: string;
  discount: Generated<string>;
  tax: Generated<string>;
  shipping: Generated<string>;
  unit_cost: string | null;
}

export interface OrdersTable {
  tenant_id: string;
  id: Generated<string>;
  order_number: string;
  customer_id: string | null;
  status: Generated<
    'placed' | 'confirmed' | 'picked' | 'packed' | 'partially_shipped' | 'shipped' | 'delivered' | 'cancelled'
  >;
  channel: string | null;
  country: string | null;
  currency: string;
  is_test: Generated<boolean>;
  placed_at: ColumnType<Date, Date | string | undefined, Date | string>;
  promised_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  cancelled_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  note: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface PaymentsTable {
  tenant_id: string;
  id: Generated<string>;
  order_id: string;
  amount: string;
  currency: string;
  method: string | null;
  status: 'pending' | 'received' | 'failed';
  attempted_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  reference: string | null;
}

export interface PermissionsTable {
  id: string;
  description: string;
}

export interface PricesTable {
  tenant_id: string;
  id: Generated<string>;
  variant_id: string;
  currency: string;
  kind: Generated<'list' | 'promotion'>;
  min_quantity: Generated<number>;
  amount: string;
  valid_from: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  valid_until: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface ProductVariantsTable {
  tenant_id: string;
  id: Generated<string>;
  product_id: string;
  sku: string;
  name: string | null;
  unit_cost: string | null;
  cost_currency: string | null;
  reorder_point: number | null;
  status: Generated<'active' | 'archived'>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface ProductsTable {
  tenant_id: string;
  id: Generated<string>;
  name: string;
  category: string | null;
  status: Generated<'active' | 'archived'>;
  attributes: ColumnType<JsonValue, JsonObject | string | undefined, JsonObject | string>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  tax_rate: Generated<string>;
}

export interface ReservationsTable {
  tenant_id: string;
  id: Generated<string>;
  variant_id: string;
  warehouse_id: string;
  quantity: number;
  status: Generated<'active' | 'consumed' | 'released' | 'expired'>;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  order_id: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface ReturnItemsTable {
  tenant_id: string;
  id: Generated<string>;
  return_id: string;
  line_no: number;
  order_item_id: string | null;
  variant_id: string;
  sku: string;
  quantity: number;
  amount: string;
  unit_cost: string | null;
  restocked: Generated<boolean>;
}

export interface ReturnsTable {
  tenant_id: string;
  id: Generated<string>;
  return_number: string;
  order_id: string | null;
  customer_id: string | null;
  status: Generated<'requested' | 'received' | 'refunded'>;
  channel: string | null;
  country: string | null;
  currency: string;
  is_test: Generated<boolean>;
  refunded_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface RolePermissionsTable {
  role_id: string;
  permission_id: string;
}

export interface RolesTable {
  id: string;
  scope: 'platform' | 'brand';
  description: string;
}

export interface ShipmentItemsTable {
  tenant_id: string;
  id: Generated<string>;
  shipment_id: string;
  order_item_id: string;
  quantity: number;
}

export interface ShipmentsTable {
  tenant_id: string;
  id: Generated<string>;
  order_id: string;
  warehouse_id: string | null;
  carrier: string | null;
  tracking_number: string | null;
  status: 'created' | 'shipped' | 'delivered';
  shipped_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  delivered_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface TenantsTable {
  id: Generated<string>;
  slug: string;
  name: string;
  currency: string;
  timezone: string;
  status: Generated<'active' | 'suspended'>;
  allow_negative_stock: Generated<boolean>;
  settings: ColumnType<JsonValue, JsonObject | string | undefined, JsonObject | string>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface UsersTable {
  id: Generated<string>;
  tenant_id: string | null;
  email: string;
  name: string;
  role: string;
  role_scope: GeneratedAlways<string>;
  status: Generated<'active' | 'disabled'>;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  password_hash: string | null;
  password_expires_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface WarehousesTable {
  tenant_id: string;
  id: Generated<string>;
  code: string;
  name: string;
  country: string | null;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

export interface AuthRefreshTokensTable {
  token_hash: string;
  session_id: string;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  used_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface AuthSessionsTable {
  id: Generated<string>;
  user_id: string;
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  ended_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}
