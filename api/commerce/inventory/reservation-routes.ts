import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageParameters } from '../../pagination.ts';
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
  unknown,
} from '../endpoints.ts';
import { idParameter } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import { newReservationSchema, reservationSchema, reservationStatuses } from './inventory-schema.ts';
import { readReservations, reservationById } from './read-stock.ts';
import { releaseReservation, reserveStock } from './reserve-stock.ts';
import { stockFilters, path as stockPath } from './stock-routes.ts';

const path = `${stockPath}/reservations`;
const shared = { tags: ['Inventory'], security };

const listRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listReservations',
  summary: 'Reservations, newest first',
  request: {
    headers: brandHeaders,
    query: z.strictObject({ ...pageParameters, ...stockFilters, status: z.enum(reservationStatuses).optional() }),
  },
  responses: reports(pageOf(reservationSchema).openapi('ReservationPage'), 'A page of reservations.'),
});

const newRoute = createRoute({
  ...shared,
  method: 'post',
  path,
  operationId: 'createReservation',
  summary: 'Set units aside for a while; an order may consume them',
  request: { headers: createHeaders, body: bodyOf(newReservationSchema) },
  responses: creates(reservationSchema, 'The reservation.'),
});

const getRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getReservation',
  summary: 'A reservation',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(reservationSchema, 'The reservation.'),
});

const releaseRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/{id}/release`,
  operationId: 'releaseReservation',
  summary: 'Give reserved units back before their time',
  request: { headers: brandHeaders, params: idParameter },
  responses: answers(reservationSchema, 'The reservation as it is now.', 409),
});

export function addReservationRoutes(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(listRoute, async (c) => {
      const { limit, cursor, ...filters } = c.req.valid('query');
      const scope = await scopes.of(c);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path, filters], { limit, cursor }, (before, count) =>
          readReservations(trx, filters, { before, count }),
        ),
      );
      return c.json(page, 200);
    })
    .openapi(newRoute, async (c) => {
      const request = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await again(() =>
        scope.create(async (trx) => created(path, await reserveStock(trx, scope.tenant.id, request))),
      );
      return c.json(body, 201, { ...headers });
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const found = await scope.run((trx) => reservationById(trx, id));
      if (found === undefined) throw unknown('reservation');
      return c.json(entity(c, found), 200);
    })
    .openapi(releaseRoute, async (c) => {
      const { id } = c.req.valid('param');
      const scope = await scopes.of(c);
      const released = await again(() => scope.run((trx) => releaseReservation(trx, scope.tenant.id, id)));
      return c.json(entity(c, released), 200);
    });
}
