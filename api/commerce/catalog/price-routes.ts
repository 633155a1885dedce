import { createRoute, z } from '@hono/zod-openapi';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { invalid } from '../../problem.ts';
import { problemResponses } from '../../problem-schema.ts';
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
import { currency as currencySchema, idParameter, instantNow } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { type ApplicablePrice, applicablePrice, pricesOf, selectPrices } from './applicable-price.ts';
import { catalogConstraints } from './constraints.ts';
import { newPriceSchema, priceAnswerSchema, priceChangesSchema, priceQuestion, priceSchema } from './price-schema.ts';
import { changePrice, insertPrices, readPrice } from './prices.ts';
import { readVariant } from './variants.ts';

const path = '/api/v1/prices';
const ofVariant = '/api/v1/variants/{id}/prices';
const shared = { tags: ['Prices'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path: ofVariant,
  operationId: 'listPrices',
  summary: 'Prices of a variant, past and coming ones included, newest first',
  request: {
    headers: brandHeaders,
    params: idParameter,
    query: z.strictObject({
      ...pageParameters,
      currency: currencySchema.optional(),
      kind: z.enum(['list', 'promotion']).optional(),
    }),
  },
  responses: reports(pageOf(priceSchema).openapi('PricePage'), 'A page of prices.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path: ofVariant,
  operationId: 'createPrice',
  summary: 'Create a price of a variant: per currency, from a quantity on, for a time if you like',
  request: { headers: createHeaders, params: idParameter, body: bodyOf(newPriceSchema) },
  responses: creates(priceSchema, 'The price.'),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getPrice',
  summary: 'A price',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(priceSchema, 'The price.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updatePrice',
  summary: 'Change a price, or end it by validUntil; orders keep the price they were placed at',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(priceChangesSchema) },
  responses: answers(priceSchema, 'The price as it is now.', 409, 412, 413, 415, 428),
});

const deleteRoute = createRoute({
  ...shared,
  method: 'delete',
  path: `${path}/{id}`,
  operationId: 'deletePrice',
  summary: 'Delete a price; orders keep the price they were placed at',
  request: { headers: brandHeaders, params: idParameter },
  responses: { 204: { description: 'It is gone.' }, ...problemResponses(400, 401, 403, 404, 429, 503) },
});

const applicableRoute = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/variants/{id}/price',
  operationId: 'getApplicablePrice',
  summary: 'Which price applies, and why',
  description:
    'Of the list prices valid at that time, the one of the highest minQuantity that is reached; of the promotions valid and ' +
    'reached, the lowest, if it is below the list price: the difference is a discount. New orders are priced the same way.',
  request: { headers: brandHeaders, params: idParameter, query: priceQuestion },
  responses: reports(priceAnswerSchema, 'The price, or why there is none.'),
});

/** /api/v1/prices and the prices of /api/v1/variants/{id}. */
export function addPrices(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const [{ id }, { limit, cursor, currency, kind }] = [c.req.valid('param'), c.req.valid('query')];
      const scope = await scopes.of(c);
      const page = await scope.run(async (trx) => {
        await readVariant(trx, id);
        return pageById(cursors, [scope.tenant.id, path, id, currency, kind], { limit, cursor }, (before, count) => {
          let query = selectPrices(trx).where('variant_id', '=', id).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (currency !== undefined) query = query.where('currency', '=', currency);
          if (kind !== undefined) query = query.where('kind', '=', kind);
          return query.execute();
        });
      });
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const [variant, price] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        await lock(trx, 'product_variants', variant.id, 'variant');
        const [id = ''] = await refusing(catalogConstraints, () =>
          insertPrices(trx, scope.tenant.id, variant.id, [price]),
        );
        return created(path, await readPrice(trx, id));
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      return c.json(entity(c, await scope.run((trx) => readPrice(trx, id))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const price = await scope.run(async (trx) => {
        await lock(trx, 'prices', id, 'price');
        const current = await readPrice(trx, id);
        requireMatch(c, current);
        const { validFrom, validUntil } = { ...current, ...changes };
        if (validFrom !== null && validUntil !== null && validFrom >= validUntil) {
          throw invalid({ path: 'validUntil', message: 'must be after validFrom' });
        }
        await refusing(catalogConstraints, () => changePrice(trx, id, changes));
        return readPrice(trx, id);
      });
      return c.json(entity(c, price), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      await scope.run(async (trx) => {
        await lock(trx, 'prices', id, 'price');
        await trx.deleteFrom('prices').where('id', '=', id).execute();
      });
      return c.body(null, 204);
    })
    .openapi(applicableRoute, async (c) => {
      const [{ id }, question] = [c.req.valid('param'), c.req.valid('query')];
      const scope = await scopes.of(c);
      const { currency = scope.tenant.currency, quantity, at = instantNow() } = question;
      const price = await scope.run(async (trx) => {
        await readVariant(trx, id);
        const prices = (await pricesOf(trx, [id], currency)).get(id) ?? [];
        return applicablePrice(prices, { quantity, at });
      });
      const { list = null, promotion = null, unitPrice = null, discount = null } = price ?? {};
      const reason = reasonFor(price, { currency, quantity, at });
      return c.json({ variantId: id, currency, quantity, at, unitPrice, discount, list, promotion, reason }, 200);
    });
}

function reasonFor(
  price: ApplicablePrice | null,
  { currency, quantity, at }: { currency: string; quantity: number; at: string },
) {
  if (price === null) return `No list price in ${currency} for ${quantity} is valid at ${at}.`;
  const { list, promotion } = price;
  const listed = `List price from ${list.minQuantity} on: ${list.amount} ${currency}`;
  return promotion === null
    ? `${listed}; no lower promotion is valid at ${at}.`
    : `${listed}; the lowest promotion is ${promotion.amount} ${currency}, the difference is a discount.`;
}
