import { z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import { sql } from 'kysely';
import { PLATFORM_TENANT } from '../../idempotency.ts';
import type { CommerceTransaction } from '../database.ts';
import { id, instant, queryText, utcText } from '../fields.ts';

/** What entries may be chosen by. */
export const auditFilters = {
  resourceType: queryText(63).optional().openapi({ example: 'orders' }),
  resourceId: id.optional(),
  action: queryText(63).optional().openapi({ example: 'UPDATE' }),
  actorId: id.optional(),
  actor: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .refine((value) => !value.includes('\0'), 'must not contain a NUL byte')
    .optional()
    .openapi({ description: 'E-mail of a user.', example: 'ada@acme.example' }),
  from: instant.optional().openapi({ description: 'Entries at or after this instant.' }),
  to: instant.optional().openapi({ description: 'Entries before this instant.' }),
};

export type AuditFilters = { readonly [name in keyof typeof auditFilters]?: string | undefined };

/** Whose entries: those the transaction may see (a brand's), those of one brand, or everybody's. */
export type AuditOwner =
  | { readonly of: 'transaction' }
  | { readonly of: 'brand'; readonly id: string }
  | { readonly of: 'all' };

/** Entries before the id `before` (null: from the newest), newest first, with who did it where the transaction may see them. */
export async function auditEntries(
  trx: CommerceTransaction,
  owner: AuditOwner,
  wanted: AuditFilters,
  before: string | null,
  count: number,
) {
  const rows =
    owner.of === 'all'
      ? await newestEverywhere(trx, wanted, before, count)
      : await newest(trx, wanted, before, count, owner.of === 'brand' ? sql`${owner.id}::uuid` : undefined).execute();
  const actors = await actorsOf(trx, [...new Set(rows.flatMap(({ actorId }) => actorId ?? []))]);
  return rows.map((row) => ({ ...row, actor: actors.get(row.actorId ?? '') ?? null }));
}

export type AuditEntry = Awaited<ReturnType<typeof auditEntries>>[number];

/** Names of users (their e-mail) and API keys, by id. Those of the platform are nobody to a brand. */
async function actorsOf(trx: CommerceTransaction, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const users = await trx.selectFrom('users').select(['id', 'email as name']).where('id', 'in', ids).execute();
  const keys = await trx.selectFrom('api_keys').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map([
    ...keys.map(({ id, name }) => [id, `API key ${name}`] as const),
    ...users.map(({ id, name }) => [id, name] as const),
  ]);
}

function newest(
  trx: CommerceTransaction,
  wanted: AuditFilters,
  before: string | null,
  count: number,
  owner?: ReturnType<typeof sql>,
) {
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
  if (owner !== undefined) query = query.where('tenant_id', '=', sql<string>`${owner}`);
  if (before !== null) query = query.where('id', '<', before);
  if (wanted.resourceType !== undefined) query = query.where('resource_type', '=', wanted.resourceType);
  if (wanted.resourceId !== undefined) query = query.where('resource_id', '=', wanted.resourceId);
  if (wanted.action !== undefined) query = query.where(sql<string>`action`, '=', wanted.action);
  if (wanted.actorId !== undefined) query = query.where('actor_id', '=', wanted.actorId);
  const { actor } = wanted;
  if (actor !== undefined) {
    const named = trx.selectFrom('users').select('users.id').where(sql<string>`lower(email)`, '=', actor.toLowerCase());
    query = query.where('actor_id', 'in', named);
  }
  if (wanted.from !== undefined) query = query.where('created_at', '>=', sql<Date>`${wanted.from}::timestamptz`);
  if (wanted.to !== undefined) query = query.where('created_at', '<', sql<Date>`${wanted.to}::timestamptz`);
  return query;
}

/** The newest of each brand and of the platform, merged: each by the primary key, however long the logs of all are together. */
async function newestEverywhere(trx: CommerceTransaction, wanted: AuditFilters, before: string | null, count: number) {
  const owners = trx
    .selectFrom('tenants')
    .select('id as owner')
    .unionAll(trx.selectNoFrom(sql<string>`${PLATFORM_TENANT}::uuid`.as('owner')));
  return trx
    .selectFrom(owners.as('o'))
    .innerJoinLateral(newest(trx, wanted, before, count, sql.ref('o.owner')).as('e'), (join) => join.onTrue())
    .selectAll('e')
    .orderBy('e.id', 'desc')
    .limit(count)
    .execute();
}
