import { type Role, roleNames } from './roles.ts';

/** What a role or an API key may be allowed: the rows of commerce.permissions. */
export const permissionIds = [
  'analytics.read',
  'analytics.sql',
  'commerce.read',
  'contacts.read',
  'catalog.write',
  'orders.write',
  'inventory.write',
  'imports.run',
  'audit.read',
  'users.read',
  'users.manage',
  'brand.configure',
  'tenants.manage',
  'fx_rates.manage',
  'platform.read',
  'platform.operate',
] as const;

export type PermissionId = (typeof permissionIds)[number];

/** What an endpoint asks for: a permission, `signed-in` (anybody we know), or `public` (no token). */
export type Permission = PermissionId | 'signed-in' | 'public';

/** The one table of who may call what: `METHOD path` as registered. An endpoint that is not here can't be started. */
export const endpointPermissions: Readonly<Record<string, Permission>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /': 'public',
  'GET /brand': 'public',
  'GET /brand/*': 'public',
  'GET /control-tower': 'public',
  'GET /control-tower/*': 'public',
  'GET /assets/*': 'public',

  'POST /api/v1/auth/sign-in': 'public',
  'POST /api/v1/auth/refresh': 'public',
  'POST /api/v1/auth/sign-out': 'signed-in',
  'POST /api/v1/auth/password': 'signed-in',
  'GET /api/v1/auth/me': 'signed-in',

  'GET /api/v1/users': 'users.read',
  'POST /api/v1/users': 'users.manage',
  'GET /api/v1/users/:id': 'users.read',
  'PATCH /api/v1/users/:id': 'users.manage',
  'POST /api/v1/users/:id/reset-password': 'users.manage',
  'GET /api/v1/roles': 'users.read',

  'GET /api/v1/api-keys': 'users.manage',
  'POST /api/v1/api-keys': 'users.manage',
  'POST /api/v1/api-keys/:id/revoke': 'users.manage',

  'GET /api/v1/tenants': 'platform.read',
  'POST /api/v1/tenants': 'tenants.manage',
  'GET /api/v1/tenants/current': 'signed-in',
  'PATCH /api/v1/tenants/current': 'brand.configure',
  'GET /api/v1/tenants/:id': 'platform.read',
  'PATCH /api/v1/tenants/:id': 'tenants.manage',
  'POST /api/v1/tenants/:id/suspend': 'tenants.manage',
  'POST /api/v1/tenants/:id/activate': 'tenants.manage',

  'GET /api/v1/audit-logs': 'audit.read',
  'GET /api/v1/audit-logs/export': 'audit.read',

  'GET /api/v1/platform/alerts': 'platform.read',
  'GET /api/v1/platform/pipeline': 'platform.read',
  'GET /api/v1/platform/history': 'platform.read',
  'POST /api/v1/platform/brands': 'platform.read',

  'GET /api/v1/products': 'commerce.read',
  'POST /api/v1/products': 'catalog.write',
  'POST /api/v1/products/bulk': 'catalog.write',
  'GET /api/v1/products/:id': 'commerce.read',
  'PATCH /api/v1/products/:id': 'catalog.write',
  'POST /api/v1/products/:id/archive': 'catalog.write',
  'GET /api/v1/variants': 'commerce.read',
  'POST /api/v1/variants': 'catalog.write',
  'POST /api/v1/variants/bulk': 'catalog.write',
  'GET /api/v1/variants/:id': 'commerce.read',
  'PATCH /api/v1/variants/:id': 'catalog.write',
  'POST /api/v1/variants/:id/archive': 'catalog.write',
  'GET /api/v1/variants/:id/price': 'commerce.read',
  'GET /api/v1/variants/:id/prices': 'commerce.read',
  'POST /api/v1/variants/:id/prices': 'catalog.write',
  'GET /api/v1/prices/:id': 'commerce.read',
  'PATCH /api/v1/prices/:id': 'catalog.write',
  'DELETE /api/v1/prices/:id': 'catalog.write',
  'GET /api/v1/categories': 'commerce.read',
  'POST /api/v1/categories': 'catalog.write',
  'GET /api/v1/categories/:id': 'commerce.read',
  'PATCH /api/v1/categories/:id': 'catalog.write',
  'POST /api/v1/categories/:id/archive': 'catalog.write',

  'GET /api/v1/customers': 'commerce.read',
  'POST /api/v1/customers': 'orders.write',
  'POST /api/v1/customers/bulk': 'orders.write',
  'GET /api/v1/customers/:id': 'commerce.read',
  'PATCH /api/v1/customers/:id': 'orders.write',
  'POST /api/v1/customers/:id/erase': 'brand.configure',

  'GET /api/v1/orders': 'commerce.read',
  'POST /api/v1/orders': 'orders.write',
  'POST /api/v1/orders/bulk': 'orders.write',
  'GET /api/v1/orders/:id': 'commerce.read',
  'PATCH /api/v1/orders/:id': 'orders.write',
  'GET /api/v1/orders/:id/events': 'commerce.read',
  'POST /api/v1/orders/:id/confirm': 'orders.write',
  'POST /api/v1/orders/:id/pick': 'orders.write',
  'POST /api/v1/orders/:id/pack': 'orders.write',
  'POST /api/v1/orders/:id/ship': 'orders.write',
  'POST /api/v1/orders/:id/deliver': 'orders.write',
  'POST /api/v1/orders/:id/cancel': 'orders.write',
  'GET /api/v1/orders/:id/payments': 'commerce.read',
  'POST /api/v1/orders/:id/payments': 'orders.write',
  'GET /api/v1/orders/:id/returns': 'commerce.read',
  'POST /api/v1/orders/:id/returns': 'orders.write',
  'POST /api/v1/orders/:id/returns/:returnId/refund': 'orders.write',

  'GET /api/v1/inventory': 'commerce.read',
  'GET /api/v1/inventory/movements': 'commerce.read',
  'POST /api/v1/inventory/adjustments': 'inventory.write',
  'POST /api/v1/inventory/transfers': 'inventory.write',
  'GET /api/v1/inventory/reservations': 'commerce.read',
  'POST /api/v1/inventory/reservations': 'inventory.write',
  'GET /api/v1/inventory/reservations/:id': 'commerce.read',
  'POST /api/v1/inventory/reservations/:id/release': 'inventory.write',
  'GET /api/v1/warehouses': 'commerce.read',
  'POST /api/v1/warehouses': 'inventory.write',
  'GET /api/v1/warehouses/:id': 'commerce.read',

  'GET /api/v1/kpis': 'analytics.read',
  'GET /api/v1/kpis/stream': 'analytics.read',
  'POST /api/v1/kpis/query': 'analytics.read',
  'POST /api/v1/kpis/rows': 'analytics.read',
  'POST /api/v1/kpis/explain': 'analytics.read',
};

export type Rights = Readonly<Record<Role, ReadonlySet<PermissionId>>>;

const brandManager: readonly PermissionId[] = [
  'analytics.read',
  'analytics.sql',
  'commerce.read',
  'contacts.read',
  'catalog.write',
  'orders.write',
  'inventory.write',
  'audit.read',
];

/** The rights a database starts with. They hold only until the rows of commerce.role_permissions have been read. */
export const seededRights: Rights = {
  platform_admin: new Set(permissionIds.filter((id) => id !== 'contacts.read')),
  executive: new Set(['analytics.read', 'commerce.read', 'audit.read', 'users.read', 'platform.read']),
  brand_admin: new Set([...brandManager, 'imports.run', 'users.read', 'users.manage', 'brand.configure']),
  brand_manager: new Set(brandManager),
  operator: new Set(['analytics.read', 'commerce.read', 'contacts.read', 'orders.write', 'inventory.write']),
  analyst: new Set(['analytics.read', 'analytics.sql', 'commerce.read']),
};

export function isPermissionId(value: unknown): value is PermissionId {
  return (permissionIds as readonly unknown[]).includes(value);
}

/** Rights as rows (role_id, permission_id) say; a permission this program does not know opens nothing. */
export function rightsOf(rows: readonly { readonly role_id: string; readonly permission_id: string }[]): Rights {
  const held = (role: Role) => rows.filter(({ role_id }) => role_id === role).map(({ permission_id }) => permission_id);
  return Object.fromEntries(roleNames.map((role) => [role, new Set(held(role).filter(isPermissionId))])) as Record<
    Role,
    Set<PermissionId>
  >;
}

/** Registered endpoints (not middleware) that have no entry in the table, and entries without an endpoint. */
export function permissionGaps(
  routes: readonly { readonly method: string; readonly path: string }[],
  table: Readonly<Record<string, Permission>> = endpointPermissions,
): string[] {
  const endpoints = new Set(
    routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  );
  const unlisted = [...endpoints].filter((endpoint) => !Object.hasOwn(table, endpoint));
  const stale = Object.keys(table).filter((endpoint) => !endpoints.has(endpoint));
  return [...unlisted.map((name) => `${name} has no permission`), ...stale.map((name) => `${name} does not exist`)];
}

/** Methods the path answers to, by the table; empty when there is no such path. */
export function methodsOf(path: string): string[] {
  return Object.keys(endpointPermissions)
    .map((entry) => entry.split(' ') as [string, string])
    .filter(([, pattern]) =>
      new RegExp(
        `^${pattern
          .replaceAll('.', '\\.')
          .replaceAll('*', '.*')
          .replaceAll(/:[^/]+/g, '[^/]+')}$`,
      ).test(path),
    )
    .map(([method]) => method);
}
