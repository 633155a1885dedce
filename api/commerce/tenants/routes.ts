import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiEnv } from '../../context.ts';
import { requireMatch } from '../../etag.ts';
import { idempotently, PLATFORM_TENANT } from '../../idempotency.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { invalid } from '../../problem.ts';
import { conflict, refusing } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
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
  unknown,
  updateHeaders,
} from '../endpoints.ts';
import { idParameter, utcText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { actorOf } from '../scope.ts';
import { insertTenant, TenantRefused } from '../tenants.ts';
import { insertUser, passwordToSet } from '../users/users.ts';
import { createdTenantSchema, newTenantSchema, tenantChangesSchema, tenantSchema } from './tenant-schema.ts';

const path = '/api/v1/tenants';
const shared = { tags: ['Brands'], security };
const ifMatch = updateHeaders.pick({ 'if-match': true });
const idempotencyKey = createHeaders.pick({ 'idempotency-key': true });

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listTenants',
  summary: 'Brands, newest first',
  request: { query: z.strictObject({ ...pageParameters, status: z.enum(['active', 'suspended']).optional() }) },
  responses: reports(pageOf(tenantSchema).openapi('TenantPage'), 'A page of brands.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createTenant',
  summary: 'Create a brand, with its first administrator if you like',
  request: { headers: idempotencyKey, body: bodyOf(newTenantSchema) },
  responses: creates(createdTenantSchema, 'The brand. A temporary password is shown here and never again.'),
});

const currentRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/current`,
  operationId: 'getCurrentTenant',
  summary: 'Your brand; for platform roles the one that x-tenant-id names',
  request: { headers: brandHeaders },
  responses: answers(tenantSchema, 'The brand.'),
});

const configureRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/current`,
  operationId: 'configureCurrentTenant',
  summary: 'Change your own brand: name, currency, zone, whether stock may go below zero',
  description:
    'Figures keep nothing by day or in the reporting currency, so a change holds for all of history at once, on live streams within a ' +
    'second. `timezone`: days, weeks and months, and which of them an order falls into, are those of the new zone; no total over all ' +
    "time changes. `currency`: figures are reported in it, converted at each entry's own day (422 where a rate is missing); orders, " +
    'prices and costs keep the currency they were made in.',
  request: { headers: updateHeaders, body: bodyOf(tenantChangesSchema) },
  responses: answers(tenantSchema, 'Your brand as it is now.', 409, 412, 413, 415, 428),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getTenant',
  summary: 'A brand',
  request: { params: idParameter },
  responses: answers(tenantSchema, 'The brand.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateTenant',
  summary: 'Change name, currency, zone or whether stock may go below zero',
  request: { headers: ifMatch, params: idParameter, body: bodyOf(tenantChangesSchema) },
  responses: answers(tenantSchema, 'The brand as it is now.', 409, 412, 413, 415, 428),
});

const suspendRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/suspend`,
  operationId: 'suspendTenant',
  summary: 'Suspend a brand: its users and keys are shut out within a second; its data stays',
  request: { params: idParameter },
  responses: answers(tenantSchema, 'The brand as it is now.'),
});

const activateRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/activate`,
  operationId: 'activateTenant',
  summary: 'End the suspension of a brand',
  request: { params: idParameter },
  responses: answers(tenantSchema, 'The brand as it is now.'),
});

/** /api/v1/tenants. */
export function addTenants(app: App, { scopes, cursors }: CommerceRoom) {
  const run = <T>(c: Context<ApiEnv>, work: (trx: CommerceTransaction) => Promise<T>) =>
    scopes.database().asPlatform(actorOf(c), work);
  const setStatus = (c: Context<ApiEnv>, id: string, status: 'active' | 'suspended') =>
    run(c, async (trx) => {
      await trx.updateTable('tenants').set({ status }).where('id', '=', id).execute();
      return readTenant(trx, id);
    });

  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, status } = c.req.valid('query');
      const page = await run(c, (trx) =>
        pageById(cursors, [path, status], { limit, cursor }, (before, count) => {
          let query = selectTenants(trx).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (status !== undefined) query = query.where('status', '=', status);
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const { admin, ...input } = c.req.valid('json');
      const credential = admin === undefined ? null : await passwordToSet(admin.password);
      const { body, headers } = await run(c, (trx) =>
        idempotently(c, trx, PLATFORM_TENANT, async () => {
          const { id } = await insertTenant(trx, input).catch(refused);
          const tenant: CreatedTenant = await readTenant(trx, id);
          if (admin === undefined || credential === null) return created(path, tenant);
          const user = await insertUser(trx, id, { ...admin, role: 'brand_admin' }, credential);
          return created(path, { ...tenant, admin: user });
        }),
      );
      // Beside the answer that is kept for repetitions: no password is stored in the clear.
      const isNew = headers?.['idempotent-replayed'] === undefined;
      const once = isNew && credential?.generated ? { temporaryPassword: credential.generated } : {};
      const answer = body.admin === undefined ? body : { ...body, admin: { ...body.admin, ...once } };
      return c.json(answer, 201, { ...headers, 'cache-control': 'no-store' });
    })
    .openapi(currentRoute, async (c) => {
      const scope = await scopes.of(c);
      return c.json(entity(c, await scope.run((trx) => readTenant(trx, scope.tenant.id))), 200);
    })
    .openapi(configureRoute, async (c) => {
      const changes = c.req.valid('json');
      const scope = await scopes.of(c);
      const tenant = await scope.run((trx) => changeTenant(c, trx, scope.tenant.id, changes));
      return c.json(entity(c, tenant), 200);
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(entity(c, await run(c, (trx) => readTenant(trx, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      return c.json(entity(c, await run(c, (trx) => changeTenant(c, trx, id, changes))), 200);
    })
    .openapi(suspendRoute, async (c) =>
      c.json(entity(c, await setStatus(c, c.req.valid('param').id, 'suspended')), 200),
    )
    .openapi(activateRoute, async (c) => c.json(entity(c, await setStatus(c, c.req.valid('param').id, 'active')), 200));
}

type CreatedTenant = z.output<typeof createdTenantSchema>;

const tenantConstraints = {
  inventory_check: ['allowNegativeStock', 'some stock is below zero now'],
} as const;

function refused(error: unknown): never {
  if (!(error instanceof TenantRefused)) throw error;
  if (error.message.includes('is taken')) throw conflict(error.field, error.message, error);
  throw invalid({ path: error.field, message: error.message });
}

/** Changes the version of a brand that the client has read (If-Match), and gives the one it makes. */
async function changeTenant(
  c: Context<ApiEnv>,
  trx: CommerceTransaction,
  id: string,
  { allowNegativeStock, ...changes }: z.output<typeof tenantChangesSchema>,
) {
  await trx.selectFrom('tenants').select('id').where('id', '=', id).forUpdate().execute();
  requireMatch(c, await readTenant(trx, id));
  const stock = allowNegativeStock === undefined ? {} : { allow_negative_stock: allowNegativeStock };
  if (Object.keys({ ...changes, ...stock }).length > 0) {
    const update = trx
      .updateTable('tenants')
      .set({ ...changes, ...stock })
      .where('id', '=', id);
    await refusing(tenantConstraints, () => update.execute().catch(unknownZone));
  }
  return readTenant(trx, id);
}

/** Postgres has its own list of zones, and minds the case. */
function unknownZone(error: unknown): never {
  if ((error as { constraint?: string } | null)?.constraint !== 'tenants_timezone') throw error;
  throw invalid({ path: 'timezone', message: 'must be an IANA zone such as Europe/London' });
}

async function readTenant(trx: CommerceTransaction, id: string) {
  const row = await selectTenants(trx).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw unknown('brand');
  return row;
}

function selectTenants(trx: CommerceTransaction) {
  return trx
    .selectFrom('tenants')
    .select(['id', 'slug', 'name', 'currency', 'timezone', 'status', 'allow_negative_stock as allowNegativeStock'])
    .select([utcText('created_at').as('createdAt'), utcText('updated_at').as('updatedAt')]);
}
