import { createRoute, z } from '@hono/zod-openapi';
import { may } from '../../context.ts';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { bulkOf, bulkResultsOf, createEach } from '../bulk.ts';
import { refusing } from '../constraints.ts';
import {
  answers,
  bodyOf,
  brandHeaders,
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
import { actorOf } from '../scope.ts';
import {
  customerChangesSchema,
  customerDetailSchema,
  customerSchema,
  type NewCustomer,
  newCustomerSchema,
} from './customer-schema.ts';
import {
  changeCustomer,
  customerConstraints,
  customersOf,
  insertCustomer,
  readCustomer,
  selectCustomers,
} from './customers.ts';
import { eraseCustomer } from './erase-customer.ts';

const path = '/api/v1/customers';
const shared = { tags: ['Customers'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listCustomers',
  summary: 'Customers, newest first, without contacts',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      country: queryText(100).optional(),
      q: queryText(100).optional().openapi({ description: 'Beginning of the customer number.' }),
    }),
  },
  responses: reports(pageOf(customerSchema).openapi('CustomerPage'), 'A page of customers.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createCustomer',
  summary: 'Create a customer, with contacts if you like',
  request: { headers: createHeaders, body: bodyOf(newCustomerSchema) },
  responses: creates(customerSchema, 'The customer, without contacts: this answer is kept for Idempotency-Key.'),
});

const bulkRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/bulk`,
  operationId: 'createCustomers',
  summary: 'Create up to 500 customers, with a result for each',
  request: { headers: createHeaders, body: bodyOf(bulkOf('NewCustomer', newCustomerSchema).openapi('NewCustomers')) },
  responses: reports(
    bulkResultsOf(customerSchema).openapi('CustomerResults'),
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
  operationId: 'getCustomer',
  summary: 'A customer, with contacts for those who may see them',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(customerDetailSchema, 'The customer.'),
});

const updateRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'updateCustomer',
  summary: 'Change a customer',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(customerChangesSchema) },
  responses: answers(customerDetailSchema, 'The customer as it is now.', 409, 412, 413, 415, 428),
});

const eraseRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/erase`,
  operationId: 'eraseCustomer',
  summary: 'Erase the personal data of a customer; no figure changes',
  description:
    'Contacts are deleted; of the addresses on orders only the country stays; notes on orders are removed. The customer number, ' +
    'orders and returns stay. It can not be undone.',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(customerDetailSchema, 'What is left of the customer.'),
});

/** /api/v1/customers. */
export function addCustomers(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, country, q } = c.req.valid('query');
      const scope = await scopes.of(c);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path, country, q], { limit, cursor }, (before, count) => {
          let query = selectCustomers(trx).orderBy('id', 'desc').limit(count);
          if (before !== null) query = query.where('id', '<', before);
          if (country !== undefined) query = query.where('country', '=', country);
          if (q !== undefined) query = query.where(startsWith('customer_number', q));
          return query.execute();
        }),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const customer = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const id = await refusing(customerConstraints, () => insertCustomer(trx, scope.tenant.id, customer));
        const created = await readCustomer(trx, id, { withContacts: false });
        return { status: 201, body: created, headers: { location: `${path}/${id}` } };
      });
      return c.json(body, 201, { ...headers });
    })
    .openapi(bulkRoute, async (c) => {
      const { items } = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await scope.create(async (trx) => {
        const create = (customer: NewCustomer) =>
          refusing(customerConstraints, () => insertCustomer(trx, scope.tenant.id, customer));
        const read = (ids: readonly string[]) => customersOf(trx, ids);
        const results = await createEach(trx, items, newCustomerSchema, c.get('requestId'), create, read);
        return { status: 200, body: { results } };
      });
      return c.json(body, 200, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const withContacts = may(c, 'contacts.read');
      return c.json(entity(c, await scope.run((trx) => readCustomer(trx, id, { withContacts }))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const [{ id }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const seen = { withContacts: may(c, 'contacts.read') };
      const customer = await scope.run(async (trx) => {
        await lock(trx, 'customers', id, 'customer');
        requireMatch(c, await readCustomer(trx, id, seen));
        await refusing(customerConstraints, () => changeCustomer(trx, scope.tenant.id, id, changes));
        return readCustomer(trx, id, seen);
      });
      return c.json(entity(c, customer), 200);
    })
    .openapi(eraseRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const customer = await scope.run(async (trx) => {
        await lock(trx, 'customers', id, 'customer');
        await eraseCustomer(trx, scope.tenant.id, id, actorOf(c));
        return readCustomer(trx, id, { withContacts: may(c, 'contacts.read') });
      });
      return c.json(entity(c, customer), 200);
    });
}
