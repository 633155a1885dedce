import { createRoute, z } from '@hono/zod-openapi';
import { newApiKey } from '../../auth/api-keys.ts';
import { type PermissionId, permissionIds } from '../../auth/permissions.ts';
import { hashToken } from '../../auth/refresh-token.ts';
import { may } from '../../context.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { invalid } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { bodyOf, brandHeaders, created, createHeaders, creates, reports, security, unknown } from '../endpoints.ts';
import { id, idParameter, instant, instantOut, text, utcText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { actorOf } from '../scope.ts';

const path = '/api/v1/api-keys';
const shared = { tags: ['API keys'], security };
const YEAR_MS = 365 * 86_400_000;

/** What a key may be allowed: work within its brand. Keys make no users and no keys, and never run the platform. */
const keyPermissions = permissionIds.filter((permission) => !/^(users|tenants|fx_rates|platform)\./.test(permission));

const keySchema = z
  .object({
    id,
    name: z.string(),
    prefix: z.string().openapi({ description: 'How the key begins.' }),
    permissions: z.array(z.enum(permissionIds)),
    createdBy: id.nullable(),
    createdAt: instantOut,
    expiresAt: instantOut.nullable(),
    revokedAt: instantOut.nullable(),
    lastUsedAt: instantOut.nullable().openapi({ description: 'To the minute.' }),
  })
  .openapi('ApiKey');

const newKeySchema = z
  .strictObject({
    name: text(100).openapi({ example: 'Shop' }),
    permissions: z
      .array(z.enum(keyPermissions))
      .min(1)
      .max(keyPermissions.length)
      .openapi({
        description: 'Some of your own.',
        example: ['commerce.read', 'orders.write'],
      }),
    expiresAt: instant.optional().openapi({ description: 'In a year, unless you say otherwise.' }),
  })
  .openapi('NewApiKey');

const createdKeySchema = keySchema
  .extend({
    key: z.string().optional().openapi({
      description: 'The key, shown this once: send it as `Authorization: Bearer uco_…`. Absent in a repeated answer.',
    }),
  })
  .openapi('CreatedApiKey');

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listApiKeys',
  summary: 'API keys, newest first, revoked ones included',
  request: { headers: brandHeaders, query: z.strictObject(pageParameters) },
  responses: reports(pageOf(keySchema).openapi('ApiKeyPage'), 'A page of keys, without the keys themselves.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createApiKey',
  summary: 'Create an API key',
  request: { headers: createHeaders, body: bodyOf(newKeySchema) },
  responses: creates(createdKeySchema, 'The key is shown here and never again.'),
});

const revokeRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/revoke`,
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key: it stops working within a second',
  request: { headers: brandHeaders, params: idParameter },
  responses: reports(keySchema, 'The key as it is now.'),
});

/** /api/v1/api-keys. */
export function addApiKeys(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const page = c.req.valid('query');
      const scope = await scopes.of(c);
      const keys = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path], page, (before, count) => {
          const query = selectKeys(trx).orderBy('id', 'desc').limit(count);
          return (before === null ? query : query.where('id', '<', before)).execute();
        }),
      );
      return c.json(keys, 200);
    })
    .openapi(newRoute, async (c) => {
      const { name, permissions, expiresAt } = c.req.valid('json');
      const scope = await scopes.of(c);
      const wrong = permissions.findIndex((permission) => !may(c, permission));
      if (wrong >= 0) throw invalid({ path: `permissions[${wrong}]`, message: 'is not yours to give' });
      const expires_at = expiresAt ?? new Date(Date.now() + YEAR_MS);
      if (new Date(expires_at).getTime() <= Date.now()) throw invalid({ path: 'expiresAt', message: 'is in the past' });
      const key = newApiKey();
      const { body, headers } = await scope.create(async (trx) => {
        const inserted = await trx
          .insertInto('api_keys')
          .values({
            tenant_id: scope.tenant.id,
            name,
            prefix: key.slice(0, 10),
            key_hash: hashToken(key),
            permissions: [...new Set(permissions)].sort(),
            created_by: actorOf(c).userId ?? null,
            expires_at,
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        return created(path, await readKey(trx, inserted.id));
      });
      // Beside the answer that is kept for repetitions: no key is stored in the clear.
      const once = headers?.['idempotent-replayed'] === undefined ? { key } : {};
      return c.json({ ...body, ...once }, 201, { ...headers, 'cache-control': 'no-store' });
    })
    .openapi(revokeRoute, async (c) => {
      const { id: keyId } = c.req.valid('param');
      const scope = await scopes.of(c);
      const key = await scope.run(async (trx) => {
        await trx
          .updateTable('api_keys')
          .set({ revoked_at: new Date() })
          .where('id', '=', keyId)
          .where('revoked_at', 'is', null)
          .execute();
        return readKey(trx, keyId);
      });
      return c.json(key, 200);
    });
}

async function readKey(trx: CommerceTransaction, keyId: string) {
  const row = await selectKeys(trx).where('id', '=', keyId).executeTakeFirst();
  if (row === undefined) throw unknown('API key');
  return row;
}

function selectKeys(trx: CommerceTransaction) {
  return trx
    .selectFrom('api_keys')
    .select(['id', 'name', 'prefix', 'created_by as createdBy'])
    .select((eb) => eb.ref('permissions').$castTo<PermissionId[]>().as('permissions'))
    .select([
      utcText('created_at').as('createdAt'),
      utcText<string | null>('expires_at').as('expiresAt'),
      utcText<string | null>('revoked_at').as('revokedAt'),
      utcText<string | null>('last_used_at').as('lastUsedAt'),
    ]);
}
