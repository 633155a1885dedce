import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type ApiEnv, identityOf } from '../../context.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { problemResponses } from '../../problem-schema.ts';
import type { CommerceTransaction } from '../database.ts';
import { brandHeaders, reports, security, unknown } from '../endpoints.ts';
import { id, instantOut } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { actorOf, type BrandScopes } from '../scope.ts';
import { findTenantById, findTenantBySlug } from '../tenants.ts';
import { type AuditOwner, auditEntries, auditFilters } from './entries.ts';
import { auditCsv, EXPORT_PAGE } from './export.ts';

const path = '/api/v1/audit-logs';
const shared = { tags: ['Audit'], security };

const entrySchema = z
  .object({
    id,
    tenantId: id.nullable().openapi({ description: 'The brand; null for what is of the platform itself.' }),
    actorId: id.nullable().openapi({
      description: 'User or API key. Null for nobody we know, and for the command line and imports.',
    }),
    actor: z.string().nullable().openapi({
      description:
        "E-mail of the user or name of the key; null when unknown, and to a brand for the platform's people.",
    }),
    resourceType: z.string().openapi({ example: 'orders' }),
    resourceId: id.nullable(),
    action: z.string().openapi({ example: 'UPDATE' }),
    oldValues: z.record(z.string(), z.unknown()).nullable(),
    newValues: z.record(z.string(), z.unknown()).nullable().openapi({
      description: 'Of personal data only the names of the columns.',
    }),
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: instantOut,
  })
  .openapi('AuditEntry');

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listAuditLogs',
  summary: 'Who did what, newest first: in a brand, or for platform roles without x-tenant-id everywhere',
  request: { headers: brandHeaders, query: z.strictObject({ ...pageParameters, ...auditFilters }) },
  responses: reports(pageOf(entrySchema).openapi('AuditPage'), 'A page of entries.'),
});

const exportRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/export`,
  operationId: 'exportAuditLogs',
  summary: 'All entries that match, as CSV, newest first',
  request: { headers: brandHeaders, query: z.strictObject(auditFilters) },
  responses: {
    200: { description: 'However many there are.', content: { 'text/csv': { schema: z.string() } } },
    ...problemResponses(400, 401, 403, 404, 429, 503),
  },
});

/** /api/v1/audit-logs. */
export function addAuditLogs(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, ...wanted } = c.req.valid('query');
      const { owner, key, run } = await auditScope(c, scopes);
      const page = await run((trx) =>
        pageById(cursors, [key, path, wanted], { limit, cursor }, (before, count) =>
          auditEntries(trx, owner, wanted, before, count),
        ),
      );
      return c.json(page, 200);
    })
    .openapi(exportRoute, async (c) => {
      const wanted = c.req.valid('query');
      // It takes as long as the client reads, and ends with the client.
      c.set('signal', c.req.raw.signal);
      const { owner, run } = await auditScope(c, scopes);
      const read = (before: string | null) => run((trx) => auditEntries(trx, owner, wanted, before, EXPORT_PAGE));
      const [first, tenants] = [
        await read(null),
        await run((trx) => trx.selectFrom('tenants').select(['id', 'slug']).execute()),
      ];
      const slugs = new Map(tenants.map(({ id: tenant, slug }) => [tenant, slug]));
      return c.body(auditCsv(first, read, slugs), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="audit.csv"',
        'cache-control': 'no-store',
      });
    });
}

interface AuditScope {
  readonly owner: AuditOwner;
  /** What cursors are bound to. */
  readonly key: string | undefined;
  run<T>(work: (trx: CommerceTransaction) => Promise<T>): Promise<T>;
}

/** A brand reads its own under row-level security; platform roles read everything, or of the brand they name, also when it is suspended. */
async function auditScope(c: Context<ApiEnv>, scopes: BrandScopes): Promise<AuditScope> {
  if (identityOf(c).tenantId !== null) {
    const { tenant, run } = await scopes.of(c);
    return { owner: { of: 'transaction' }, key: tenant.id, run };
  }
  const database = scopes.database();
  const run: AuditScope['run'] = (work) => database.asPlatform(actorOf(c), work);
  const name = c.req.header('x-tenant-id');
  if (name === undefined) return { owner: { of: 'all' }, key: undefined, run };
  const brand = (await findTenantById(database, name)) ?? (await findTenantBySlug(database, name));
  if (brand === null) throw unknown('brand');
  return { owner: { of: 'brand', id: brand.id }, key: brand.id, run };
}
