import { createRoute, z } from '@hono/zod-openapi';
import { requireMatch } from '../../etag.ts';
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
  lock,
  reports,
  security,
  unknown,
  updateHeaders,
} from '../endpoints.ts';
import { idParameter, queryText, startsWith, utcText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { catalogConstraints } from './constraints.ts';
import { categoryChangesSchema, categorySchema, newCategorySchema } from './product-schema.ts';

const path = '/api/v1/categories';
const shared = { tags: ['Categories'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listCategories',
  summary: 'Categories, newest first',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      status: z.enum(['active', 'archived']).optional(),
      q: queryText(100).optional().openapi({ description: 'Beginning of the name.' }),
    }),
  },
  responses: reports(pageOf(categorySchema).openapi('CategoryPage'), 'A page of categories.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createCategory',
  summary: 'Create a category',
  request: { headers: createHeaders, body: bodyOf(newCategorySchema) },
  responses: creates(categorySchema, 'The category.'),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getCategory',
  summary: 'A category',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(categorySchema, 'The category.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateCategory',
  summary: 'Rename a category (its products follow), or bring an archived one back',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(categoryChangesSchema) },
  responses: answers(categorySchema, 'The category as it is now.', 409, 412, 413, 415, 428),
});

const archiveRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/archive`,
  operationId: 'archiveCategory',
  summary: 'Archive a category: it takes no more products',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(categorySchema, 'The category as it is now.'),
});

/** /api/v1/categories. */
export function addCategories(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, status, q } = c.req.valid('query');
      const scope = await scopes.of(c);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path, status, q], { limit, cursor }, (before, count) => {
          let query = selectCategories(trx).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (status !== undefined) query = query.where('status', '=', status);
          if (q !== undefined) query = query.where(startsWith('name', q));
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const { name } = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const insert = trx.insertInto('categories').values({ tenant_id: scope.tenant.id, name }).returning('id');
        const { id } = await refusing(catalogConstraints, () => insert.executeTakeFirstOrThrow());
        return created(path, await readCategory(trx, id));
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      return c.json(entity(c, await scope.run((trx) => readCategory(trx, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const category = await scope.run(async (trx) => {
        await lock(trx, 'categories', id, 'category');
        requireMatch(c, await readCategory(trx, id));
        if (Object.keys(changes).length > 0) {
          const update = trx.updateTable('categories').set(changes).where('id', '=', id);
          await refusing(catalogConstraints, () => update.execute());
        }
        return readCategory(trx, id);
      });
      return c.json(entity(c, category), 200);
    })
    .openapi(archiveRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const category = await scope.run(async (trx) => {
        await lock(trx, 'categories', id, 'category');
        await trx.updateTable('categories').set({ status: 'archived' }).where('id', '=', id).execute();
        return readCategory(trx, id);
      });
      return c.json(entity(c, category), 200);
    });
}

function selectCategories(trx: CommerceTransaction) {
  return trx
    .selectFrom('categories')
    .select(['id', 'name', 'status', utcText('created_at').as('createdAt'), utcText('updated_at').as('updatedAt')]);
}

async function readCategory(trx: CommerceTransaction, id: string) {
  const category = await selectCategories(trx).where('id', '=', id).executeTakeFirst();
  if (category === undefined) throw unknown('category');
  return category;
}
