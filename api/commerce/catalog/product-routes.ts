import { createRoute, z } from '@hono/zod-openapi';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { bulkOf, bulkResultsOf, createEach } from '../bulk.ts';
import { refusing } from '../constraints.ts';
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
  updateHeaders,
} from '../endpoints.ts';
import { idParameter, queryText, startsWith } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { catalogConstraints } from './constraints.ts';
import {
  type NewProduct,
  newProductSchema,
  productChangesSchema,
  productDetailSchema,
  productSchema,
} from './product-schema.ts';
import {
  archiveProduct,
  changeProduct,
  insertProduct,
  readProduct,
  readProducts,
  selectProducts,
  skuStartsWith,
} from './products.ts';

const path = '/api/v1/products';
const shared = { tags: ['Products'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listProducts',
  summary: 'Products, newest first',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      status: z.enum(['active', 'archived']).optional(),
      category: queryText(200).optional(),
      q: queryText(100).optional().openapi({ description: 'Beginning of the name, or of the SKU of a variant.' }),
    }),
  },
  responses: reports(pageOf(productSchema).openapi('ProductPage'), 'A page of products, without their variants.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createProduct',
  summary: 'Create a product, with its variants and their prices if you like',
  request: { headers: createHeaders, body: bodyOf(newProductSchema) },
  responses: creates(productDetailSchema, 'The product.'),
});

const bulkRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/bulk`,
  operationId: 'createProducts',
  summary: 'Create up to 500 products, with a result for each',
  request: { headers: createHeaders, body: bodyOf(bulkOf('NewProduct', newProductSchema).openapi('NewProducts')) },
  responses: reports(
    bulkResultsOf(productDetailSchema).openapi('ProductResults'),
    'Results in the order of the items. Those created are committed together, in one transaction.',
    409,
    413,
    415,
    422,
  ),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getProduct',
  summary: 'A product with its variants and their prices',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(productDetailSchema, 'The product.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateProduct',
  summary: 'Change a product',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(productChangesSchema) },
  responses: answers(productDetailSchema, 'The product as it is now.', 409, 412, 413, 415, 428),
});

const archiveRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/archive`,
  operationId: 'archiveProduct',
  summary: 'Archive a product and its variants: they are not sold any more',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(productDetailSchema, 'The product as it is now.'),
});

/** /api/v1/products. */
export function addProducts(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, status, category, q } = c.req.valid('query');
      const scope = await scopes.of(c);
      const list = [scope.tenant.id, path, status, category, q];
      const page = await scope.run((trx) =>
        pageById(cursors, list, { limit, cursor }, (before, count) => {
          let query = selectProducts(trx).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (status !== undefined) query = query.where('status', '=', status);
          if (category !== undefined) query = query.where('category', '=', category);
          if (q !== undefined) query = query.where((where) => where.or([startsWith('name', q), skuStartsWith(q)]));
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const product = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const id = await refusing(catalogConstraints, () => insertProduct(trx, scope.tenant.id, product));
        return created(path, await readProduct(trx, id));
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(bulkRoute, async (c) => {
      const { items } = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const create = (product: NewProduct) =>
          refusing(catalogConstraints, () => insertProduct(trx, scope.tenant.id, product));
        const results = await createEach(trx, items, newProductSchema, c.get('requestId'), create, (ids) =>
          readProducts(trx, ids),
        );
        return { status: 200, body: { results } };
      });
      return c.json(body, 200, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      return c.json(entity(c, await scope.run((trx) => readProduct(trx, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const product = await scope.run(async (trx) => {
        await lock(trx, 'products', id, 'product');
        requireMatch(c, await readProduct(trx, id));
        await refusing(catalogConstraints, () => changeProduct(trx, id, changes));
        return readProduct(trx, id);
      });
      return c.json(entity(c, product), 200);
    })
    .openapi(archiveRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const product = await scope.run(async (trx) => {
        await lock(trx, 'products', id, 'product');
        await archiveProduct(trx, id);
        return readProduct(trx, id);
      });
      return c.json(entity(c, product), 200);
    });
}
