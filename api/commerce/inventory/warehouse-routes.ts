import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageParameters } from '../../pagination.ts';
import { refusing } from '../constraints.ts';
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
} from '../endpoints.ts';
import { idParameter, utcText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { newWarehouseSchema, warehouseSchema } from './inventory-schema.ts';

const path = '/api/v1/warehouses';
const shared = { tags: ['Inventory'], security };
const constraints = { warehouses_tenant_id_code_key: ['code', 'is taken by another warehouse'] } as const;

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listWarehouses',
  summary: 'Warehouses, newest first',
  request: { headers: brandHeaders, query: z.strictObject(pageParameters) },
  responses: reports(pageOf(warehouseSchema).openapi('WarehousePage'), 'A page of warehouses.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createWarehouse',
  summary: 'Create a warehouse',
  request: { headers: createHeaders, body: bodyOf(newWarehouseSchema) },
  responses: creates(warehouseSchema, 'The warehouse.'),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getWarehouse',
  summary: 'A warehouse',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(warehouseSchema, 'The warehouse.'),
});

export function addWarehouseRoutes(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const scope = await scopes.of(c);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path], { limit, cursor }, (before, count) => {
          const query = selectWarehouses(trx).orderBy('id', 'desc').limit(count);
          return (before === null ? query : query.where('id', '<', before)).execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const { code, name, country = null } = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const insert = trx
          .insertInto('warehouses')
          .values({ tenant_id: scope.tenant.id, code, name, country })
          .returning('id');
        const { id } = await refusing(constraints, () => insert.executeTakeFirstOrThrow());
        return created(path, await selectWarehouses(trx).where('id', '=', id).executeTakeFirstOrThrow());
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const found = await scope.run((trx) => selectWarehouses(trx).where('id', '=', id).executeTakeFirst());
      if (found === undefined) throw unknown('warehouse');
      return c.json(entity(c, found), 200);
    });
}

function selectWarehouses(trx: CommerceTransaction) {
  return trx
    .selectFrom('warehouses')
    .select([
      'id',
      'code',
      'name',
      'country',
      utcText('created_at').as('createdAt'),
      utcText('updated_at').as('updatedAt'),
    ]);
}
