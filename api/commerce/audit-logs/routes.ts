import { createRoute, z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import { sql } from 'kysely';
import { identityOf } from '../../context.ts';
import { PLATFORM_TENANT } from '../../idempotency.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import type { CommerceTransaction } from '../database.ts';
import { brandHeaders, reports, security } from '../endpoints.ts';
import { id, instant, instantOut, queryText, utcText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { actorOf } from '../scope.ts';

const path = '/api/v1/audit-logs';

const entrySchema = z
  .object({
    id,
    tenantId: id.nullable().openapi({ description: 'The brand; null for what is of the platform itself.' }),
    actorId: id.nullable().openapi({
      description: 'User or API key. Null for nobody we know, and for the command line and imports.',
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

const filters = {
  resourceType: queryText(63).optional().openapi({ example: 'orders' }),
  resourceId: id.optional(),
  action: queryText(63).optional().openapi({ example: 'UPDATE' }),
  actorId: id.optional(),
  from: instant.optional().openapi({ description: 'Entries at or after this instant.' }),
  to: instant.optional().openapi({ description: 'Entries before this instant.' }),
};

type Filters = { readonly [name in keyof typeof filters]?: string | undefined };

const listRoute = createRoute({
  method: 'get',
  path,
  tags: ['Audit'],
  security,
  operationId: 'listAuditLogs',
  summary: 'Who did what, newest first: in a brand, or for platform roles without x-tenant-id everywhere',
  request: { headers: brandHeaders, query: z.strictObject({ ...pageParameters, ...filters }) },
  responses: reports(pageOf(entrySchema).openapi('AuditPage'), 'A page of entries.'),
});

/** /api/v1/audit-logs. */
export function addAuditLogs(app: App, { scopes, cursors }: CommerceRoom) {
  return app.openapi(listRoute, async (c) => {
    const { limit, cursor, ...wanted } = c.req.valid('query');
    const everywhere = identityOf(c).tenantId === null && c.req.header('x-tenant-id') === undefined;
    const scope = everywhere ? null : await scopes.of(c);
    const read = (trx: CommerceTransaction) =>
      pageById(cursors, [scope?.tenant.id, path, wanted], { limit, cursor }, (before, count) =>
        scope === null ? newestEverywhere(trx, wanted, before, count) : newest(trx, wanted, before, count).execute(),
      );
    const page = scope === null ? await scopes.database().asPlatform(actorOf(c), read) : await scope.run(read);
    return c.json(page, 200);
  });
}

/** Entries of the transaction's brand, or of the one that the reference `owner` names. */
function newest(trx: CommerceTransaction, wanted: Filters, before: string | null, count: number, owner?: string) {
  let query = trx
    .selectFrom('audit_logs')
    .select(['id', 'actor_id as actorId', 'resource_type as resourceType', 'resource_id as resourceId'])
    .select((eb) => [
      eb.ref('action').$castTo<string>().as('action'),
      eb.ref('old_values').$castTo<Record<string, JSONValue> | null>().as('oldValues'),
      eb.ref('new_values').$castTo<Record<string, JSONValue> | null>().as('newValues'),
      sql<string | null>`host(ip_address)`.as('ipAddress'),
      sql<string | null>`nullif(tenant_id, ${PLATFORM_TENANT})`.as('tenantId'),
    ])
    .select(['user_agent as userAgent', utcText('created_at').as('createdAt')])
    .orderBy('id', 'desc')
    .limit(count);
  if (owner !== undefined) query = query.where('tenant_id', '=', sql.ref<string>(owner));
  if (before !== null) query = query.where('id', '<', before);
  if (wanted.resourceType !== undefined) query = query.where('resource_type', '=', wanted.resourceType);
  if (wanted.resourceId !== undefined) query = query.where('resource_id', '=', wanted.resourceId);
  if (wanted.action !== undefined) query = query.where(sql<string>`action`, '=', wanted.action);
  if (wanted.actorId !== undefined) query = query.where('actor_id', '=', wanted.actorId);
  if (wanted.from !== undefined) query = query.where('created_at', '>=', sql<Date>`${wanted.from}::timestamptz`);
  if (wanted.to !== undefined) query = query.where('created_at', '<', sql<Date>`${wanted.to}::timestamptz`);
  return query;
}

/** The newest of each brand and of the platform, merged: each by the primary key, however long the logs of all are together. */
async function newestEverywhere(trx: CommerceTransaction, wanted: Filters, before: string | null, count: number) {
  const owners = trx
    .selectFrom('tenants')
    .select('id as owner')
    .unionAll(trx.selectNoFrom(sql<string>`${PLATFORM_TENANT}::uuid`.as('owner')));
  return trx
    .selectFrom(owners.as('o'))
    .innerJoinLateral(newest(trx, wanted, before, count, 'o.owner').as('e'), (join) => join.onTrue())
    .selectAll('e')
    .orderBy('e.id', 'desc')
    .limit(count)
    .execute();
}
