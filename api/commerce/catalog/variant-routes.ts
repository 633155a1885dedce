import { createRoute, z } from '@hono/zod-openapi';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { invalid } from '../../problem.ts';
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
import { idParameter, id as idSchema, queryText, startsWith } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { catalogConstraints } from './constraints.ts';
import {
  hasBothOrNone,
  type NewVariant,
  newVariantSchema,
  variantChangesSchema,
  variantDetailSchema,
  variantSchema,
} from './product-schema.ts';
import { changeVariant, inCategory, insertVariant, readVariant, selectVariants, variantsOf } from './variants.ts';

const path = '/api/v1/variants';
const shared = { tags: ['Variants'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listVariants',
  summary: 'Variants, newest first',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      status: z.enum(['active', 'archived']).optional(),
      productId: idSchema.optional(),
      category: queryText(200).optional().openapi({ description: 'Category of the product.' }),
      q: queryText(100).optional().openapi({ description: 'Beginning of the SKU or the name.' }),
    }),
  },
  responses: reports(pageOf(variantSchema).openapi('VariantPage'), 'A page of variants, without their prices.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createVariant',
  summary: 'Create a variant of a product, with prices if you like',
  request: { headers: createHeaders, body: bodyOf(newVariantSchema) },
  responses: creates(variantDetailSchema, 'The variant.'),
});

const bulkRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/bulk`,
  operationId: 'createVariants',
  summary: 'Create up to 500 variants, with a result for each',
  request: { headers: createHeaders, body: bodyOf(bulkOf('NewVariant', newVariantSchema).openapi('NewVariants')) },
  responses: reports(
    bulkResultsOf(variantDetailSchema).openapi('VariantResults'),
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
  operationId: 'getVariant',
  summary: 'A variant with its prices',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(variantDetailSchema, 'The variant.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateVariant',
  summary: 'Change a variant',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(variantChangesSchema) },
  responses: answers(variantDetailSchema, 'The variant as it is now.', 409, 412, 413, 415, 428),
});

const archiveRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/archive`,
  operationId: 'archiveVariant',
  summary: 'Archive a variant: it is not sold any more',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(variantDetailSchema, 'The variant as it is now.'),
});

/** /api/v1/variants. */
export function addVariants(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, status, productId, category, q } = c.req.valid('query');
      const scope = await scopes.of(c);
      const list = [scope.tenant.id, path, status, productId, category, q];
      const page = await scope.run((trx) =>
        pageById(cursors, list, { limit, cursor }, (before, count) => {
          let query = selectVariants(trx).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (status !== undefined) query = query.where('status', '=', status);
          if (productId !== undefined) query = query.where('product_id', '=', productId);
          if (category !== undefined) query = query.where(inCategory(category));
          if (q !== undefined) query = query.where((where) => where.or([startsWith('sku', q), startsWith('name', q)]));
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const variant = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const id = await refusing(catalogConstraints, () =>
          insertVariant(trx, scope.tenant.id, variant.productId, variant),
        );
        return created(path, await readVariant(trx, id));
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(bulkRoute, async (c) => {
      const { items } = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const create = (variant: NewVariant) =>
          refusing(catalogConstraints, () => insertVariant(trx, scope.tenant.id, variant.productId, variant));
        const read = async (ids: readonly string[]) =>
          new Map((await variantsOf(trx, ids)).map((variant) => [variant.id, variant]));
        const results = await createEach(trx, items, newVariantSchema, c.get('requestId'), create, read);
        return { status: 200, body: { results } };
      });
      return c.json(body, 200, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      return c.json(entity(c, await scope.run((trx) => readVariant(trx, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const variant = await scope.run(async (trx) => {
        await lock(trx, 'product_variants', id, 'variant');
        const current = await readVariant(trx, id);
        requireMatch(c, current);
        if (!hasBothOrNone({ ...current, ...changes })) {
          throw invalid({ path: 'costCurrency', message: 'unitCost and costCurrency come together or not at all' });
        }
        await refusing(catalogConstraints, () => changeVariant(trx, id, changes));
        return readVariant(trx, id);
      });
      return c.json(entity(c, variant), 200);
    })
    .openapi(archiveRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const variant = await scope.run(async (trx) => {
        await lock(trx, 'product_variants', id, 'variant');
        await trx.updateTable('product_variants').set({ status: 'archived' }).where('id', '=', id).execute();
        return readVariant(trx, id);
      });
      return c.json(entity(c, variant), 200);
    });
}
