import type { MiddlewareHandler } from 'hono';
import { endpointPermissions } from './auth/permissions.ts';
import type { Principals } from './auth/principals.ts';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { Problem } from './problem.ts';

/**
 * Lets a request through to the endpoint it matched when the table of permissions admits who asks. Refuses an endpoint
 * that the table does not know; what matches no endpoint goes on to "not found".
 */
export function access(principals: Principals): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('identity', null);
    c.set('permissions', new Set());
    const endpoint = matchedEndpoint(c);
    if (endpoint === null) return next();
    const permission = endpointPermissions[`${endpoint.method} ${endpoint.path}`];
    if (permission === undefined) throw new Problem('forbidden', 'This endpoint admits nobody.');
    if (permission === 'public') return next();
    const admit = async () => {
      const principal = await principals.of(c);
      if (permission !== 'signed-in' && !principal.permissions.has(permission)) {
        throw new Problem('forbidden', `This needs the permission ${permission}.`);
      }
      return principal;
    };
    const { identity, permissions } = await admit();
    c.set('identity', identity);
    c.set('permissions', permissions);
    c.set('admit', admit);
    return next();
  };
}
