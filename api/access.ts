import type { MiddlewareHandler } from 'hono';
import { endpointPermissions, roleMay } from './auth/permissions.ts';
import { bearerToken, verifyToken } from './auth/token.ts';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { Problem } from './problem.ts';

/**
 * Lets a request through to the endpoint it matched when the table of permissions admits its role. Refuses an endpoint
 * that the table does not know; what matches no endpoint goes on to "not found".
 */
export function access(secret: Uint8Array | string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('identity', null);
    const endpoint = matchedEndpoint(c);
    if (endpoint === null) return next();
    const permission = endpointPermissions[`${endpoint.method} ${endpoint.path}`];
    if (permission === undefined) throw new Problem('forbidden', 'This endpoint admits nobody.');
    if (permission !== 'public') {
      const identity = await verifyToken(bearerToken(c.req.header('authorization')), secret);
      if (!roleMay(identity.role, permission)) {
        throw new Problem('forbidden', `The role ${identity.role} lacks the permission ${permission}.`);
      }
      c.set('identity', identity);
    }
    return next();
  };
}
