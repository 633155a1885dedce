import { createRoute, z } from '@hono/zod-openapi';
import { again } from '../again.ts';
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
} from '../endpoints.ts';
import { id, idParameter } from '../fields.ts';
import type { App, CommerceRoom } from '../room.ts';
import type { Numbers } from './numbers.ts';
import { path } from './order-routes.ts';
import { paymentSchema, returnSchema } from './order-schema.ts';
import { readOrder } from './read-orders.ts';
import { newPaymentSchema, newReturnSchema } from './step-schema.ts';
import { refundReturn, takeBack } from './take-back.ts';
import { takePayment } from './take-payment.ts';

const shared = { tags: ['Orders'], security };

const listPaymentsRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}/payments`,
  operationId: 'listPayments',
  summary: 'The payments of an order, oldest first',
  request: { headers: brandHeaders, params: idParameter },
  responses: reports(z.strictObject({ items: z.array(paymentSchema) }).openapi('Payments'), 'All payments.'),
});

const newPaymentRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/payments`,
  operationId: 'createPayment',
  summary: 'Record a payment that was received, or that failed',
  request: { headers: createHeaders, params: idParameter, body: bodyOf(newPaymentSchema) },
  responses: creates(paymentSchema, 'The payment.'),
});

const listReturnsRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}/returns`,
  operationId: 'listReturns',
  summary: 'The returns of an order, oldest first',
  request: { headers: brandHeaders, params: idParameter },
  responses: reports(z.strictObject({ items: z.array(returnSchema) }).openapi('Returns'), 'All returns.'),
});

const newReturnRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/returns`,
  operationId: 'createReturn',
  summary: 'Take goods back: restock them or write them off, refund them or not yet',
  request: { headers: createHeaders, params: idParameter, body: bodyOf(newReturnSchema) },
  responses: creates(returnSchema, 'The return.'),
});

const refundRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/returns/{returnId}/refund`,
  operationId: 'refundReturn',
  summary: 'Refund a return that was received',
  request: {
    headers: brandHeaders,
    params: idParameter.extend({ returnId: id.openapi({ param: { name: 'returnId', in: 'path' } }) }),
  },
  responses: answers(returnSchema, 'The return as it is now.', 409),
});

/** Payments and returns of orders. */
export function addMoneyRoutes(app: App, { scopes }: CommerceRoom, numbers: Numbers) {
  return app
    .openapi(listPaymentsRoute, async (c) => {
      const { id: orderId } = c.req.valid('param');
      const scope = await scopes.of(c);
      const { payments } = await scope.run((trx) => readOrder(trx, orderId, { contacts: false }));
      return c.json({ items: payments }, 200);
    })
    .openapi(newPaymentRoute, async (c) => {
      const [{ id: orderId }, payment] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const { body, headers } = await again(() =>
        scope.create(async (trx) =>
          created(`${path}/${orderId}/payments`, await takePayment(trx, scope.tenant.id, orderId, payment)),
        ),
      );
      return c.json(body, 201, { ...headers });
    })
    .openapi(listReturnsRoute, async (c) => {
      const { id: orderId } = c.req.valid('param');
      const scope = await scopes.of(c);
      const { returns } = await scope.run((trx) => readOrder(trx, orderId, { contacts: false }));
      return c.json({ items: returns }, 200);
    })
    .openapi(newReturnRoute, async (c) => {
      const [{ id: orderId }, request] = [c.req.valid('param'), c.req.valid('json')];
      const scope = await scopes.of(c);
      const { body, headers } = await again(
        async () => {
          const number = request.returnNumber ?? (await numbers.draw(scope, 'return'));
          return scope.create(async (trx) =>
            created(`${path}/${orderId}/returns`, await takeBack(trx, scope.tenant.id, orderId, request, number)),
          );
        },
        () => numbers.skipTaken(scope, 'return'),
      );
      return c.json(body, 201, { ...headers });
    })
    .openapi(refundRoute, async (c) => {
      const { id: orderId, returnId } = c.req.valid('param');
      const scope = await scopes.of(c);
      return c.json(entity(c, await again(() => scope.run((trx) => refundReturn(trx, orderId, returnId)))), 200);
    });
}
