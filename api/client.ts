import { hc } from 'hono/client';
import type { addAuth } from './auth/routes.ts';
import type { addApiKeys } from './commerce/api-keys/routes.ts';
import type { addAuditLogs } from './commerce/audit-logs/routes.ts';
import type { addCategories } from './commerce/catalog/category-routes.ts';
import type { addPrices } from './commerce/catalog/price-routes.ts';
import type { addProducts } from './commerce/catalog/product-routes.ts';
import type { addVariants } from './commerce/catalog/variant-routes.ts';
import type { addCustomers } from './commerce/customers/routes.ts';
import type { addReservationRoutes } from './commerce/inventory/reservation-routes.ts';
import type { addStockRoutes } from './commerce/inventory/stock-routes.ts';
import type { addWarehouseRoutes } from './commerce/inventory/warehouse-routes.ts';
import type { addMoneyRoutes } from './commerce/orders/money-routes.ts';
import type { addOrderRoutes } from './commerce/orders/order-routes.ts';
import type { addStepRoutes } from './commerce/orders/step-routes.ts';
import type { addTenants } from './commerce/tenants/routes.ts';
import type { addUsers } from './commerce/users/routes.ts';

export interface ClientOptions {
  /** Access token or API key. */
  readonly token?: string;
  /** Sent with every request, such as x-tenant-id. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
}

/**
 * A client whose paths, parameters, bodies and answers are those of the routes, by room:
 * `await createClient(url, { token }).products.$post({ header: {}, json: { name: 'Teapot' } })`. A room joins with the type of its
 * `add…` function.
 */
export function createClient(url: string, { token, headers = {}, fetch }: ClientOptions = {}) {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const options = { headers: { ...authorization, ...headers }, ...(fetch ? { fetch } : {}) };
  const prices = hc<ReturnType<typeof addPrices>>(url, options).api.v1;
  return {
    auth: hc<ReturnType<typeof addAuth>>(url, options).api.v1.auth,
    users: hc<ReturnType<typeof addUsers>>(url, options).api.v1.users,
    apiKeys: hc<ReturnType<typeof addApiKeys>>(url, options).api.v1['api-keys'],
    tenants: hc<ReturnType<typeof addTenants>>(url, options).api.v1.tenants,
    auditLogs: hc<ReturnType<typeof addAuditLogs>>(url, options).api.v1['audit-logs'],
    products: hc<ReturnType<typeof addProducts>>(url, options).api.v1.products,
    variants: hc<ReturnType<typeof addVariants>>(url, options).api.v1.variants,
    categories: hc<ReturnType<typeof addCategories>>(url, options).api.v1.categories,
    prices: prices.prices,
    pricesOfVariant: prices.variants[':id'],
    customers: hc<ReturnType<typeof addCustomers>>(url, options).api.v1.customers,
    orders: hc<ReturnType<typeof addOrderRoutes>>(url, options).api.v1.orders,
    stepsOfOrder: hc<ReturnType<typeof addStepRoutes>>(url, options).api.v1.orders[':id'],
    moneyOfOrder: hc<ReturnType<typeof addMoneyRoutes>>(url, options).api.v1.orders[':id'],
    inventory: hc<ReturnType<typeof addStockRoutes>>(url, options).api.v1.inventory,
    reservations: hc<ReturnType<typeof addReservationRoutes>>(url, options).api.v1.inventory.reservations,
    warehouses: hc<ReturnType<typeof addWarehouseRoutes>>(url, options).api.v1.warehouses,
  };
}
