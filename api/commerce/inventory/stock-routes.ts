import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageParameters } from '../../pagination.ts';
import { again } from '../again.ts';
import { bodyOf, brandHeaders, createHeaders, creates, reports, security } from '../endpoints.ts';
import { id, instant, queryText } from '../fields.ts';
import { pageById } from '../list.ts';
import type { App, CommerceRoom } from '../room.ts';
import {
  levelSchema,
  movedStates,
  movementReasons,
  movementSchema,
  newAdjustmentSchema,
  newTransferSchema,
  transferSchema,
} from './inventory-schema.ts';
import { adjustStock, transferStock } from './move-stock.ts';
import { readLevels, readMovements } from './read-stock.ts';

export const path = '/api/v1/inventory';
const shared = { tags: ['Inventory'], security };

/** Query parameters of every list of stock. */
export const stockFilters = {
  sku: queryText(200).optional(),
  variantId: id.optional(),
  warehouse: queryText(100).optional().openapi({ description: 'Code.' }),
};

const levelsRoute = createRoute({
  ...shared,
  method: 'get',
  path,
  operationId: 'listStockLevels',
  summary: 'Stock of each variant in each warehouse',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      ...stockFilters,
      lowStock: z.enum(['true', 'false']).optional().openapi({
        description: 'true: only where no more is available than the reorder point; false: only the others.',
      }),
    }),
  },
  responses: reports(pageOf(levelSchema).openapi('StockLevelPage'), 'A page of stock levels.'),
});

const movementsRoute = createRoute({
  ...shared,
  method: 'get',
  path: `${path}/movements`,
  operationId: 'listStockMovements',
  summary: 'What moved the stock, newest first: each level is the sum of its movements',
  request: {
    headers: brandHeaders,
    query: z.strictObject({
      ...pageParameters,
      ...stockFilters,
      reason: z.enum(movementReasons).optional(),
      state: z.enum(movedStates).optional(),
      from: instant.optional().openapi({ description: 'Moved at or after this instant.' }),
      to: instant.optional().openapi({ description: 'Moved before this instant.' }),
      referenceId: id
        .optional()
        .openapi({ description: 'Of the order, return, reservation or transfer it belongs to.' }),
    }),
  },
  responses: reports(pageOf(movementSchema).openapi('StockMovementPage'), 'A page of movements.'),
});

const adjustRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/adjustments`,
  operationId: 'adjustStock',
  summary: 'Correct the stock, book a receipt, or mark units as damaged',
  request: { headers: createHeaders, body: bodyOf(newAdjustmentSchema) },
  responses: creates(movementSchema, 'The movement.'),
});

const transferRoute = createRoute({
  ...shared,
  method: 'post',
  path: `${path}/transfers`,
  operationId: 'transferStock',
  summary: 'Move available units from one warehouse to another',
  request: { headers: createHeaders, body: bodyOf(newTransferSchema) },
  responses: creates(transferSchema, 'Both movements.'),
});

/** Levels, movements, adjustments and transfers. */
export function addStockRoutes(app: App, { scopes, cursors }: CommerceRoom) {
  return app
    .openapi(levelsRoute, async (c) => {
      const { limit, cursor, lowStock, ...filters } = c.req.valid('query');
      const scope = await scopes.of(c);
      const wanted = { ...filters, lowStock: lowStock === undefined ? undefined : lowStock === 'true' };
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, path, wanted], { limit, cursor }, (before, count) =>
          readLevels(trx, wanted, { before, count }),
        ),
      );
      return c.json(page, 200);
    })
    .openapi(movementsRoute, async (c) => {
      const { limit, cursor, ...filters } = c.req.valid('query');
      const scope = await scopes.of(c);
      const page = await scope.run((trx) =>
        pageById(cursors, [scope.tenant.id, 'movements', filters], { limit, cursor }, (before, count) =>
          readMovements(trx, filters, { before, count }),
        ),
      );
      return c.json(page, 200);
    })
    .openapi(adjustRoute, async (c) => {
      const request = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await again(() =>
        scope.create(async (trx) => movementCreated(await adjustStock(trx, scope.tenant.id, request))),
      );
      return c.json(body, 201, { ...headers });
    })
    .openapi(transferRoute, async (c) => {
      const request = c.req.valid('json');
      const scope = await scopes.of(c);
      const { body, headers } = await again(() =>
        scope.create(async (trx) => {
          const transfer = await transferStock(trx, scope.tenant.id, request);
          return { status: 201, body: transfer, headers: { location: `${path}/movements?referenceId=${transfer.id}` } };
        }),
      );
      return c.json(body, 201, { ...headers });
    });
}

/** Movements have no page of their own: the newest of the variant's begin with it. */
function movementCreated<T extends { readonly variantId: string }>(body: T) {
  return { status: 201 as const, body, headers: { location: `${path}/movements?variantId=${body.variantId}` } };
}
