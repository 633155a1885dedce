import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type ApiEnv, may } from '../../context.ts';
import { again } from '../again.ts';
import type { CommerceTransaction } from '../database.ts';
import { answers, brandHeaders, createHeaders, entity, json, security } from '../endpoints.ts';
import { idParameter } from '../fields.ts';
import type { App, CommerceRoom } from '../room.ts';
import { advanceOrder, cancelOrder, type PlainStep } from './advance-order.ts';
import { deliverOrder } from './deliver-order.ts';
import { path } from './order-routes.ts';
import { orderSchema } from './order-schema.ts';
import { readOrder } from './read-orders.ts';
import { shipOrder } from './ship-order.ts';
import { deliverSchema, shipSchema } from './step-schema.ts';

const shared = { tags: ['Orders'], security, method: 'post' as const };
const responses = answers(orderSchema, 'The order as it is now.', 409, 413, 415, 422);

const plainRoute = <Step extends PlainStep | 'cancel'>(step: Step, summary: string) =>
  createRoute({
    ...shared,
    path: `${path}/{id}/${step}`,
    operationId: `${step}Order`,
    summary,
    request: { headers: brandHeaders, params: idParameter },
    responses,
  });

const confirmRoute = plainRoute('confirm', 'Confirm an order that was placed');
const pickRoute = plainRoute('pick', 'Its goods are picked');
const packRoute = plainRoute('pack', 'Its goods are packed');
const cancelRoute = plainRoute('cancel', 'Cancel an order of which nothing has left; its stock is available again');

const shipRoute = createRoute({
  ...shared,
  path: `${path}/{id}/ship`,
  operationId: 'shipOrder',
  summary: 'Ship an order, or a part of it; one shipment per warehouse',
  request: { headers: createHeaders, params: idParameter, body: { content: json(shipSchema) } },
  responses,
});

const deliverRoute = createRoute({
  ...shared,
  path: `${path}/{id}/deliver`,
  operationId: 'deliverOrder',
  summary: 'A shipment has arrived, or all that are under way',
  request: { headers: brandHeaders, params: idParameter, body: { content: json(deliverSchema) } },
  responses,
});

/** The steps of an order, from confirm to cancel. */
export function addStepRoutes(app: App, { scopes }: CommerceRoom) {
  /** Takes a step and gives the order as it is then. */
  const step = async (
    c: Context<ApiEnv>,
    id: string,
    take: (trx: CommerceTransaction, tenantId: string) => Promise<void>,
  ) => {
    const scope = await scopes.of(c);
    const { body, headers } = await again(() =>
      scope.create(async (trx) => {
        await take(trx, scope.tenant.id);
        return { status: 200, body: await readOrder(trx, id, { contacts: may(c, 'contacts.read') }) };
      }),
    );
    for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
    return entity(c, body);
  };

  return app
    .openapi(confirmRoute, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await step(c, id, (trx) => advanceOrder(trx, id, 'confirm')), 200);
    })
    .openapi(pickRoute, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await step(c, id, (trx) => advanceOrder(trx, id, 'pick')), 200);
    })
    .openapi(packRoute, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await step(c, id, (trx) => advanceOrder(trx, id, 'pack')), 200);
    })
    .openapi(cancelRoute, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await step(c, id, (trx, tenantId) => cancelOrder(trx, tenantId, id)), 200);
    })
    .openapi(shipRoute, async (c) => {
      const { id } = c.req.valid('param');
      const request = c.req.valid('json');
      return c.json(await step(c, id, (trx, tenantId) => shipOrder(trx, tenantId, id, request)), 200);
    })
    .openapi(deliverRoute, async (c) => {
      const { id } = c.req.valid('param');
      const request = c.req.valid('json');
      return c.json(await step(c, id, (trx) => deliverOrder(trx, id, request)), 200);
    });
}
