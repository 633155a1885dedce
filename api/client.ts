import { hc } from 'hono/client';
import type { addCategories } from './commerce/catalog/category-routes.ts';
import type { addPrices } from './commerce/catalog/price-routes.ts';
import type { addProducts } from './commerce/catalog/product-routes.ts';
import type { addVariants } from './commerce/catalog/variant-routes.ts';
import type { addCustomers } from './commerce/customers/routes.ts';

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
    products: hc<ReturnType<typeof addProducts>>(url, options).api.v1.products,
    variants: hc<ReturnType<typeof addVariants>>(url, options).api.v1.variants,
    categories: hc<ReturnType<typeof addCategories>>(url, options).api.v1.categories,
    prices: prices.prices,
    pricesOfVariant: prices.variants[':id'],
    customers: hc<ReturnType<typeof addCustomers>>(url, options).api.v1.customers,
  };
}
