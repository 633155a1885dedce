import type { MiddlewareHandler } from 'hono';
import { endpointPermissions } from './auth/permissions.ts';
import type { Principals } from './auth/principals.ts';
import type { Refusals } from './auth/refusals.ts';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { Problem } from './problem.ts';

/**
 * Lets a request through to the endpoint it matched when the table of permissions admits who asks. Refuses an endpoint
 * that the table does not know; what matches no endpoint goes on to "not found".
 */
export function access(principals: Principals, refusals: Refusals): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('identity', null);
    c.set('permissions', new Set());
    const endpoint = matchedEndpoint(c);
    if (endpoint === null) return next();
    const name = `${endpoint.method} ${endpoint.path}`;
    const permission = endpointPermissions[name];
    if (permission === undefined) throw new Problem('forbidden', 'This endpoint admits nobody.');
    if (permission === 'public') return next();
    const admit = async () => {
      const principal = await principals.of(c);
      c.set('identity', principal.identity);
      c.set('permissions', principal.permissions);
      if (permission !== 'signed-in' && !principal.permissions.has(permission)) {
        await refusals.note(c, name, permission);
        throw new Problem('forbidden', `This needs the permission ${permission}.`);
      }
      return principal;
    };
    await admit();
    c.set('admit', admit);
    return next();
  };
}
