import { OpenAPIHono } from '@hono/zod-openapi';
import { secureHeaders } from 'hono/secure-headers';
import { Registry } from 'prom-client';
import type { Log } from '../runtime/log.ts';
import { access } from './access.ts';
import { AddressRanges } from './address-ranges.ts';
import { type AnalyticsDependencies, addAnalytics } from './analytics/routes.ts';
import { permissionGaps } from './auth/permissions.ts';
import { Principals } from './auth/principals.ts';
import { Refusals } from './auth/refusals.ts';
import { addAuth } from './auth/routes.ts';
import { clientAddress } from './client-address.ts';
import { addApiKeys } from './commerce/api-keys/routes.ts';
import { addAuditLogs } from './commerce/audit-logs/routes.ts';
import { addCatalog } from './commerce/catalog/routes.ts';
import { addCustomers } from './commerce/customers/routes.ts';
import { addInventory } from './commerce/inventory/routes.ts';
import { addOrders } from './commerce/orders/routes.ts';
import { commerceRoom } from './commerce/room.ts';
import type { CommerceDependencies } from './commerce/scope.ts';
import { addTenants } from './commerce/tenants/routes.ts';
import { addUsers } from './commerce/users/routes.ts';
import type { ApiEnv } from './context.ts';
import { addDashboards, isDashboardPage, pagePolicy } from './dashboards.ts';
import { addDocumentation, documentationStyleHash } from './documentation.ts';
import { failureHandler, nothingHere } from './failures.ts';
import { addHealth, type Readiness } from './health.ts';
import { observe } from './observe.ts';
import { addPlatform } from './platform/routes.ts';
import { fieldErrors, invalid } from './problem.ts';
import { type RateLimits, rateLimit } from './rate-limit.ts';
import { jsonBody, limitBody } from './request-body.ts';
import { requestSignal } from './request-signal.ts';

export interface ApiDependencies extends AnalyticsDependencies, CommerceDependencies {
  /** The key that signs access tokens, at least 32 bytes. */
  readonly secret: Uint8Array | string;
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly log: Log;
  /** What the stream says of waiting changes and differences; see api/platform. */
  readonly findings?: () => Promise<unknown>;
  /** Directory of the built dashboards; without it their pages say how to build them. */
  readonly dashboards?: string;
  /** Served at /metrics; gauges of others may be registered on it. */
  readonly registry?: Registry;
  /** A request that takes longer is cancelled, its queries included. Default 20,000 ms. */
  readonly requestTimeoutMs?: number;
  /** None when left out. */
  readonly rateLimits?: RateLimits;
  /** Whose `X-Forwarded-For` is believed: addresses and ranges. Nobody's when left out. */
  readonly trustedProxies?: readonly string[];
}

const contentPolicy = {
  defaultSrc: ["'none'"],
  styleSrc: [documentationStyleHash],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};

/** The HTTP application, not yet listening. Throws when an endpoint is missing from the table of permissions. */
export function createApi(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(...fieldErrors(result.error));
    },
  });
  const registry = deps.registry ?? new Registry();
  app.use('*', observe(deps.log, registry));
  // No CORS headers anywhere: browsers of other origins are kept out.
  const headersOf = {
    page: secureHeaders({ contentSecurityPolicy: pagePolicy, strictTransportSecurity: false }),
    api: secureHeaders({ contentSecurityPolicy: contentPolicy, strictTransportSecurity: false }),
  };
  app.use('*', (c, next) => headersOf[isDashboardPage(c.req.path) ? 'page' : 'api'](c, next));
  app.use('*', clientAddress(new AddressRanges(deps.trustedProxies ?? [])));
  app.use('*', requestSignal(deps.requestTimeoutMs ?? 20_000));
  const commerce = deps.commerce ?? (() => null);
  const principals = new Principals(deps.secret, commerce);
  app.use('*', access(principals, new Refusals(commerce)));
  if (deps.rateLimits !== undefined) app.use('*', rateLimit(deps.rateLimits));
  app.use('*', limitBody);
  app.use('*', jsonBody);
  addHealth(app, deps.readiness, registry);
  addAuth(app, { ...deps, registry });
  const room = commerceRoom(deps);
  addUsers(app, room, principals);
  addApiKeys(app, room);
  addTenants(app, room);
  addAuditLogs(app, room);
  addAnalytics(app, { ...deps, registry });
  addPlatform(app, { ...deps, registry });
  addCatalog(app, room);
  addCustomers(app, room);
  addOrders(app, room);
  addInventory(app, room);
  addDocumentation(app);
  addDashboards(app, deps.dashboards ?? null);
  app.notFound(nothingHere);
  app.onError(failureHandler(deps.log));
  const gaps = permissionGaps(app.routes);
  if (gaps.length > 0) throw new Error(`The table of permissions and the endpoints differ: ${gaps.join('; ')}`);
  return app;
}
