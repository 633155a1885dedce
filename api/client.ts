import type { Hono } from 'hono';
import { hc } from 'hono/client';
import type { addCategories } from './commerce/catalog/category-routes.ts';
import type { addPrices } from './commerce/catalog/price-routes.ts';
import type { addProducts } from './commerce/catalog/product-routes.ts';
import type { addVariants } from './commerce/catalog/variant-routes.ts';
import type { addCustomers } from './commerce/customers/routes.ts';
import type { ApiEnv } from './context.ts';

/** The endpoints that a function adds, as a type. */
// biome-ignore lint/suspicious/noExplicitAny: matches an application of any routes
type RoutesOf<Add extends (...args: any[]) => unknown> =
  ReturnType<Add> extends Hono<ApiEnv, infer Routes, infer _Base> ? Routes : never;

/** Every endpoint of commerce that has a typed client; a room joins with its `add…` function. */
export type ApiRoutes = Hono<
  ApiEnv,
  RoutesOf<typeof addProducts> &
    RoutesOf<typeof addVariants> &
    RoutesOf<typeof addCategories> &
    RoutesOf<typeof addPrices> &
    RoutesOf<typeof addCustomers>,
  '/'
>;

export interface ClientOptions {
  /** Access token or API key. */
  readonly token?: string;
  /** Sent with every request, such as x-tenant-id. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
}

/**
 * A client whose paths, parameters, bodies and answers are those of the routes:
 * `await createClient(url, { token }).api.v1.products.$post({ header: {}, json: { name: 'Teapot' } })`.
 */
export function createClient(url: string, { token, headers = {}, fetch }: ClientOptions = {}) {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return hc<ApiRoutes>(url, { headers: { ...authorization, ...headers }, ...(fetch ? { fetch } : {}) });
}
