import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../context.ts';
import { Cursors } from '../pagination.ts';
import { BrandScopes, type CommerceDependencies } from './scope.ts';

/** What the endpoints of commerce work with; one per API. */
export interface CommerceRoom {
  readonly scopes: BrandScopes;
  readonly cursors: Cursors;
}

export type App = OpenAPIHono<ApiEnv>;

export function commerceRoom(deps: CommerceDependencies & { readonly secret: Uint8Array | string }): CommerceRoom {
  return { scopes: new BrandScopes(deps), cursors: new Cursors(deps.secret) };
}
