import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

/** The endpoint a request matched (the first registered, for that one answers), middleware aside; null when there is none. */
export function matchedEndpoint(c: Context): { readonly method: string; readonly path: string } | null {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL') ?? null;
}
