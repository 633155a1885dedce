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
    if (permission !== 'public') {
      const { identity, permissions } = await principals.of(c);
      c.set('identity', identity);
      c.set('permissions', permissions);
      if (permission !== 'signed-in' && !permissions.has(permission)) {
        throw new Problem('forbidden', `This needs the permission ${permission}.`);
      }
    }
    return next();
  };
}
