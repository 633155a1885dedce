// What the endpoints of stock take and give.
import { z } from '@hono/zod-openapi';
import { id, instant, instantOut, quantity, text } from '../fields.ts';

const MOST = 1_000_000;

const variantName = {
  sku: text(200).optional().openapi({ description: 'The variant by SKU; or send variantId.', example: 'TEA-1' }),
  variantId: id.optional().openapi({ description: 'The variant by id; or send sku.' }),
};
const oneName = ({ sku, variantId }: { sku?: string | undefined; variantId?: string | undefined }) =>
  (sku === undefined) !== (variantId === undefined);
const ONE_NAME = { message: 'either sku or variantId', path: ['sku'] };
const warehouse = text(100).openapi({ description: 'Code of the warehouse.', example: 'main' });
const note = text(500).optional();

export const levelSchema = z
  .strictObject({
    id,
    variantId: id,
    sku: z.string(),
    warehouseId: id,
    warehouse: z.string().openapi({ description: 'Code.' }),
    onHand: z.int(),
    allocated: z.int().openapi({ description: 'Held by open orders.' }),
    reserved: z.int().openapi({ description: 'Held by reservations.' }),
    damaged: z.int().openapi({ description: 'On hand, not for sale.' }),
    incoming: z.int(),
    available: z.int().openapi({ description: 'onHand − allocated − reserved − damaged.' }),
    reorderPoint: z.int().nullable().openapi({ description: 'Of the warehouse, else of the variant.' }),
    updatedAt: instantOut,
  })
  .openapi('StockLevel');

export type StockLevel = z.output<typeof levelSchema>;

export const movementReasons = [
  'opening_balance',
  'adjustment',
  'receipt',
  'allocation',
  'release',
  'reservation',
  'shipment',
  'return',
  'damage',
  'transfer',
] as const;

/** The figures of stock that movements add up to. */
export const movedStates = ['on_hand', 'allocated', 'reserved', 'incoming', 'damaged'] as const;

export const movementSchema = z
  .strictObject({
    id,
    variantId: id,
    sku: z.string(),
    warehouseId: id,
    warehouse: z.string().openapi({ description: 'Code.' }),
    state: z.enum(movedStates),
    quantity: z.int().openapi({ description: 'Signed.' }),
    reason: z.enum(movementReasons),
    referenceType: z.string().nullable(),
    referenceId: z.string().nullable(),
    orderId: z.string().nullable().openapi({ description: 'The order behind the reference, where there is one.' }),
    orderNumber: z.string().nullable(),
    note: z.string().nullable(),
    actorId: z.string().nullable().openapi({
      description: 'User or API key. Null for the command line, imports, and movements from before it was recorded.',
    }),
    actorName: z.string().nullable().openapi({ description: "Of the brand's user or API key; null for others." }),
    movedAt: instantOut,
  })
  .openapi('StockMovement');

export type StockMovement = z.output<typeof movementSchema>;

export const newAdjustmentSchema = z
  .strictObject({
    ...variantName,
    warehouse,
    delta: z
      .int()
      .min(-MOST)
      .max(MOST)
      .refine((units) => units !== 0, 'must not be 0')
      .openapi({ description: 'Signed units.', example: -2 }),
    reason: z.enum(['adjustment', 'receipt', 'damage']).openapi({
      description:
        'adjustment: on hand is corrected. receipt: goods came in (positive). damage: units on hand are damaged (positive: not for ' +
        'sale any more) or good again (negative).',
    }),
    note,
  })
  .refine(oneName, ONE_NAME)
  .refine(({ reason, delta }) => reason !== 'receipt' || delta > 0, {
    message: 'of a receipt must be positive',
    path: ['delta'],
  })
  .openapi('NewStockAdjustment');

export type NewAdjustment = z.output<typeof newAdjustmentSchema>;

export const newTransferSchema = z
  .strictObject({ ...variantName, from: warehouse, to: warehouse, quantity, note })
  .refine(oneName, ONE_NAME)
  .refine(({ from, to }) => from !== to, { message: 'must be another warehouse', path: ['to'] })
  .openapi('NewStockTransfer');

export type NewTransfer = z.output<typeof newTransferSchema>;

export const transferSchema = z
  .strictObject({ id, movements: z.array(movementSchema).openapi({ description: 'Out of one, into the other.' }) })
  .openapi('StockTransfer');

export const newReservationSchema = z
  .strictObject({
    ...variantName,
    warehouse: warehouse.optional().openapi({ description: 'Code; the first that has enough when absent.' }),
    quantity,
    expiresAt: instant.optional().openapi({ description: 'In 15 minutes when absent; within 30 days.' }),
  })
  .refine(oneName, ONE_NAME)
  .openapi('NewReservation');

export type NewReservation = z.output<typeof newReservationSchema>;

export const reservationStatuses = ['active', 'consumed', 'released', 'expired'] as const;

export const reservationSchema = z
  .strictObject({
    id,
    variantId: id,
    sku: z.string(),
    warehouseId: id,
    warehouse: z.string().openapi({ description: 'Code.' }),
    quantity: z.int(),
    status: z
      .enum(reservationStatuses)
      .openapi({ description: 'An active one that is past expiresAt is about to expire.' }),
    expiresAt: instantOut,
    orderId: z.string().nullable().openapi({ description: 'The order that consumed it.' }),
    createdAt: instantOut,
  })
  .openapi('Reservation');

export type Reservation = z.output<typeof reservationSchema>;

export const newWarehouseSchema = z
  .strictObject({
    code: text(100).openapi({
      description: 'Unique in the brand. Stock is taken in the order of codes.',
      example: 'berlin',
    }),
    name: text(200).openapi({ example: 'Berlin' }),
    country: text(100).optional().openapi({ example: 'DE' }),
  })
  .openapi('NewWarehouse');

export const warehouseSchema = z
  .strictObject({
    id,
    code: z.string(),
    name: z.string(),
    country: z.string().nullable(),
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('Warehouse');
