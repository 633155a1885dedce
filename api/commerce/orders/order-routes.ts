import { createRoute, z } from '@hono/zod-openapi';
import { may } from '../../context.ts';
import { requireMatch } from '../../etag.ts';
import { pageOf, pageParameters } from '../../pagination.ts';
import { again } from '../again.ts';
import { bulkOf, bulkResultsOf } from '../bulk.ts';
import {
  answers,
  bodyOf,
  brandHeaders,
  createHeaders,
  creates,
  entity,
  reports,
  security,
  updateHeaders,
} from '../endpoints.ts';
import { id, idParameter, instant, queryText } from '../fields.ts';
import type { App, CommerceRoom } from '../room.ts';
import { changeOrder } from './change-order.ts';
import { listOrders, MOST_SORTED, orderSorts, placeOf } from './list-orders.ts';
import { lockOrder } from './lock-order.ts';
import { type OrderPlacing, ordersPath } from './order-placing.ts';
import { newOrderSchema, orderChangesSchema, orderSchema, orderSummarySchema } from './order-schema.ts';
import { readOrder } from './read-orders.ts';
import { readTimeline } from './read-timeline.ts';
import { orderStatuses } from './state-machine.ts';
import { timelineEventSchema } from './step-schema.ts';

export const path = ordersPath;
const shared = { tags: ['Orders'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listOrders',
  summary: 'Orders with their totals, newest first unless sorted otherwise',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      status: z.enum(orderStatuses).optional(),
      channel: queryText(50).optional(),
      country: queryText(100).optional(),
      customerId: id.optional(),
      placedFrom: instant.optional().openapi({ description: 'Inclusive.' }),
      placedTo: instant.optional().openapi({ description: 'Exclusive.' }),
      orderNumber: queryText(100).optional().openapi({ description: 'The one order of this number.' }),
      sku: queryText(200).optional().openapi({ description: 'With a line of this SKU.' }),
      sort: z
        .enum(orderSorts)
        .default('-placedAt')
        .openapi({
          description:
            'What the list runs by; descending with a minus. Statuses run as an order does, from placed to cancelled; totals run ' +
            'currency by currency. Orders that come or change while pages are read move no other: one whose status changes may be ' +
            `met twice, or not. By status and total at most ${MOST_SORTED} orders are sorted: 422 says so, filters help.`,
        }),
      q: queryText(100).optional().openapi({ description: 'Beginning of the order number.' }),
    }),
  },
  responses: reports(pageOf(orderSummarySchema).openapi('OrderPage'), 'A page of orders.', 422),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createOrder',
  summary: 'Place an order: priced, taxed, its stock allocated',
  request: { headers: createHeaders, body: bodyOf(newOrderSchema) },
  responses: creates(orderSchema, 'The order.'),
});

const bulkRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/bulk`,
  operationId: 'createOrders',
  summary: 'Place up to 500 orders: each is placed or refused by itself, those that are placed are committed together',
  request: { headers: createHeaders, body: bodyOf(bulkOf('NewOrder', newOrderSchema)) },
  responses: reports(bulkResultsOf(orderSchema).openapi('OrderResults'), 'A result per order.', 409, 413, 415, 422),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getOrder',
  summary: 'An order with lines, allocations, payments, shipments and returns',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(orderSchema, 'The order.'),
});

const changeRoute = createRoute({
  ...shared,
  method: 'patch',
  path: `${path}/{id}`,
  operationId: 'changeOrder',
  summary: 'Change the note of an order, or make the first promise',
  request: { headers: updateHeaders, params: idParameter, body: bodyOf(orderChangesSchema) },
  responses: answers(orderSchema, 'The order as it is now.', 409, 412, 413, 415, 428),
});

const eventsRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}/events`,
  operationId: 'listOrderEvents',
  summary: 'What happened to an order, oldest first',
  request: { headers: brandHeaders, params: idParameter, query: z.strictObject(pageParameters) },
  responses: reports(pageOf(timelineEventSchema).openapi('OrderEventPage'), 'A page of events.'),
});

/** /api/v1/orders, without the steps. */
export function addOrderRoutes(app: App, { scopes, cursors }: CommerceRoom, placing: OrderPlacing) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, sort, ...filters } = c.req.valid('query');
      const scope = await scopes.of(c);
      const list = [scope.tenant.id, path, sort, filters];
      const after = cursor === undefined ? null : cursors.decode(list, cursor);
      const orders = await scope.run((trx) => listOrders(trx, filters, sort, after, limit + 1));
      return c.json(
        cursors.page(list, orders, limit, (order) => placeOf(sort, order)),
        200,
      );
    })
    .openapi(newRoute, async (c) => {
      const { body, headers } = await placing.place(c, await scopes.of(c), c.req.valid('json'));
      return c.json(body, 201, { ...headers });
    })
    .openapi(bulkRoute, async (c) => {
      const { items } = c.req.valid('json');
      const { body, headers } = await placing.placeBulk(c, await scopes.of(c), items);
      return c.json(body, 200, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id: orderId } = c.req.valid('param');
      const scope = await scopes.of(c);
      const options = { contacts: may(c, 'contacts.read') };
      return c.json(entity(c, await scope.run((trx) => readOrder(trx, orderId, options))), 200);
    })
    .openapi(changeRoute, async (c) => {
      const [{ id: orderId }, changes] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const options = { contacts: may(c, 'contacts.read') };
      const order = await again(() =>
        scope.run(async (trx) => {
          await lockOrder(trx, orderId);
          const current = await readOrder(trx, orderId, options);
          requireMatch(c, current);
          await changeOrder(trx, current, changes);
          return readOrder(trx, orderId, options);
        }),
      );
      return c.json(entity(c, order), 200);
    })
    .openapi(eventsRoute, async (c) => {
      const [{ id: orderId }, { limit, cursor }] = [c.req.valid('param'), c.req.valid('query')];
      const scope = await scopes.of(c);
      const list = [scope.tenant.id, 'order events', orderId];
      const [after = null] = cursor === undefined ? [] : cursors.decode(list, cursor);
      const events = await scope.run(async (trx) => {
        await readOrder(trx, orderId, { contacts: false });
        return readTimeline(trx, orderId, after, limit + 1);
      });
      return c.json(
        cursors.page(list, events, limit, (event) => [event.id]),
        200,
      );
    });
}
