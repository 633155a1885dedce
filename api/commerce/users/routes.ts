import { createRoute, z } from '@hono/zod-openapi';
import type { Principals } from '../../auth/principals.ts';
import { type Role, roleNames } from '../../auth/roles.ts';
import { identityOf } from '../../context.ts';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import {
  answers,
  bodyOf,
  brandHeaders,
  created,
  createHeaders,
  creates,
  entity,
  reports,
  security,
  updateHeaders,
} from '../endpoints.ts';
import { idParameter } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import {
  createdUserSchema,
  newUserSchema,
  resetSchema,
  roleSchema,
  userChangesSchema,
  userSchema,
} from './user-schema.ts';
import { requireFitting, requireReach, userScope } from './user-scope.ts';
import { insertUser, keepAnAdministrator, passwordToSet, readUser, selectUsers } from './users.ts';

const path = '/api/v1/users';
const shared = { tags: ['Users'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listUsers',
  summary: "Users, newest first: a brand's, or for platform roles without x-tenant-id the platform's own",
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      status: z.enum(['active', 'disabled']).optional(),
      role: z.enum(roleNames).optional(),
    }),
  },
  responses: reports(pageOf(userSchema).openapi('UserPage'), 'A page of users.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createUser',
  summary: 'Create a user, with a password of your choice or a temporary one',
  request: { headers: createHeaders, body: bodyOf(newUserSchema) },
  responses: creates(createdUserSchema, 'The user. A temporary password is shown here and never again.'),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getUser',
  summary: 'A user',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(userSchema, 'The user.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateUser',
  summary: 'Change name, role or status; a disabled user is signed out everywhere',
  description:
    'The last active administrator of a brand, or of the platform, can be neither demoted nor disabled (409).',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(userChangesSchema) },
  responses: answers(userSchema, 'The user as they are now.', 409, 412, 413, 415, 428),
});

const resetRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/reset-password`,
  operationId: 'resetPassword',
  summary: 'Replace the password by a temporary one; the user is signed out everywhere',
  request: { headers: brandHeaders, params: idParameter },
  responses: reports(resetSchema, 'The temporary password, shown once. It works for 7 days.'),
});

const rolesRoute = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/roles',
  operationId: 'listRoles',
  summary: 'Roles and what they may do; for a brand its own kind',
  responses: reports(z.object({ items: z.array(roleSchema) }).openapi('RoleList'), 'All roles you may look at.'),
});

/** /api/v1/users and /api/v1/roles. */
export function addUsers(app: App, { scopes, cursors }: CommerceRoom, principals: Principals) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, status, role } = c.req.valid('query');
      const scope = await userScope(c, scopes);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenantId, path, status, role], { limit, cursor }, (before, count) => {
          let query = selectUsers(trx, scope.tenantId).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (status !== undefined) query = query.where('status', '=', status);
          if (role !== undefined) query = query.where('role', '=', role);
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const { password, ...input } = c.req.valid('json');
      const scope = await userScope(c, scopes);
      requireFitting(input.role, scope.tenantId);
      requireReach(c, await principals.currentRights(), input.role);
      const credential = await passwordToSet(password);
      const { body, headers } = await scope.create(async (trx) =>
        created(path, await insertUser(trx, scope.tenantId, input, credential)),
      );
      // Beside the answer that is kept for repetitions: no password is stored in the clear.
      const isNew = headers?.['idempotent-replayed'] === undefined;
      const once = isNew && credential.generated !== null ? { temporaryPassword: credential.generated } : {};
      return c.json({ ...body, ...once }, 201, { ...headers, 'cache-control': 'no-store' });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await userScope(c, scopes);
      return c.json(entity(c, await scope.run((trx) => readUser(trx, scope.tenantId, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await userScope(c, scopes);
      const rights = await principals.currentRights();
      if (changes.role !== undefined) {
        requireFitting(changes.role, scope.tenantId);
        requireReach(c, rights, changes.role);
      }
      const user = await scope.run(async (trx) => {
        await keepIfLeaving(trx, scope.tenantId, id, changes);
        const before = await readUser(trx, scope.tenantId, id, true);
        requireMatch(c, before);
        requireReach(c, rights, before.role);
        if (Object.keys(changes).length > 0) {
          await trx.updateTable('users').set(changes).where('id', '=', id).execute();
        }
        return readUser(trx, scope.tenantId, id);
      });
      return c.json(entity(c, user), 200);
    })
    .openapi(resetRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await userScope(c, scopes);
      const rights = await principals.currentRights();
      const { password_hash, password_expires_at, generated } = await passwordToSet();
      const user = await scope.run(async (trx) => {
        requireReach(c, rights, (await readUser(trx, scope.tenantId, id, true)).role);
        await trx.updateTable('users').set({ password_hash, password_expires_at }).where('id', '=', id).execute();
        return readUser(trx, scope.tenantId, id);
      });
      c.header('cache-control', 'no-store');
      return c.json({ temporaryPassword: generated ?? '', passwordExpiresAt: user.passwordExpiresAt ?? '' }, 200);
    })
    .openapi(rolesRoute, async (c) => {
      const { tenantId } = identityOf(c);
      const rights = await principals.currentRights();
      const rows = await scopes.database().asPlatform({}, (trx) => {
        const query = trx.selectFrom('roles').select(['id', 'scope', 'description']).orderBy('id');
        return (tenantId === null ? query : query.where('scope', '=', 'brand')).execute();
      });
      const known = rows.filter((row): row is typeof row & { id: Role } => Object.hasOwn(rights, row.id));
      return c.json({ items: known.map((row) => ({ ...row, permissions: [...rights[row.id]].sort() })) }, 200);
    });
}

function keepIfLeaving(
  trx: Parameters<typeof keepAnAdministrator>[0],
  tenantId: string | null,
  id: string,
  changes: { readonly role?: Role | undefined; readonly status?: 'active' | 'disabled' | undefined },
): Promise<void> {
  const administrator = tenantId === null ? 'platform_admin' : 'brand_admin';
  const leaves = changes.status === 'disabled' || (changes.role !== undefined && changes.role !== administrator);
  return leaves ? keepAnAdministrator(trx, tenantId, id) : Promise.resolve();
}
