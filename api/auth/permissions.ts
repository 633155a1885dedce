import type { Role } from './roles.ts';

/** What may be done. `public` needs no token. */
export type Permission = 'public' | 'kpis:read';

/** The one table of who may call what: `METHOD path` as registered. An endpoint that is not here can't be started. */
export const endpointPermissions: Readonly<Record<string, Permission>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /api/v1/kpis': 'kpis:read',
  'POST /api/v1/kpis/query': 'kpis:read',
  'POST /api/v1/kpis/explain': 'kpis:read',
};

const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  platform_admin: ['kpis:read'],
  executive: ['kpis:read'],
  brand_admin: ['kpis:read'],
  brand_manager: ['kpis:read'],
  operator: ['kpis:read'],
  analyst: ['kpis:read'],
};

export function roleMay(role: Role, permission: Permission): boolean {
  return permission === 'public' || rolePermissions[role].includes(permission);
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
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`).test(path),
    )
    .map(([method]) => method);
}
