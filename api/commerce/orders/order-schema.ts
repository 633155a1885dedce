// What the endpoints of orders take and give.
import { z } from '@hono/zod-openapi';
import { currency, id, instant, instantOut, money, moneyOut, quantity, text } from '../fields.ts';
import { orderStatuses } from './state-machine.ts';

export const MOST_LINES = 500;

const ROUNDING =
  'Amounts have 4 decimals. gross = unitPrice × quantity. The discount and shipping of the order are allotted to its lines in proportion to ' +
  'gross − line discount, by largest remainder, so that shares add up exactly. tax = (gross − discount) × the tax rate of the product, ' +
  'rounded once per line, half away from zero; shipping is not taxed.';

const newLineSchema = z
  .strictObject({
    sku: text(200).optional().openapi({ description: 'The variant by SKU; or send variantId.', example: 'TEA-1' }),
    variantId: id.optional().openapi({ description: 'The variant by id; or send sku.' }),
    quantity: quantity.openapi({ description: 'Units, 1 to 1,000,000.', example: 2 }),
    unitPrice: money.optional().openapi({
      description: 'Of one unit, without tax. Without it the list price applies, and a promotion becomes a discount.',
    }),
    discount: money
      .optional()
      .openapi({ description: 'Taken off the whole line, beside a promotion; at most its gross.' }),
  })
  .refine(({ sku, variantId }) => (sku === undefined) !== (variantId === undefined), {
    message: 'either sku or variantId',
    path: ['sku'],
  });

const addressSchema = z.strictObject({
  name: text(200).optional().openapi({ example: 'Ada Lovelace' }),
  line1: text(200).optional().openapi({ example: '12 St James Square' }),
  line2: text(200).optional(),
  city: text(100).optional().openapi({ example: 'London' }),
  region: text(100).optional(),
  postalCode: text(20).optional().openapi({ example: 'SW1Y 4JH' }),
  country: text(100).optional().openapi({ example: 'GB' }),
});

export const newOrderSchema = z
  .strictObject({
    orderNumber: text(100).optional().openapi({ description: 'Unique in the brand; drawn (ORD-000123) when absent.' }),
    customerId: id.optional().openapi({ description: 'The customer by id; or send customerNumber.' }),
    customerNumber: text(100)
      .optional()
      .openapi({ description: 'The customer by number; created when there is none.' }),
    status: z.enum(['placed', 'confirmed']).default('placed').openapi({ description: 'Where the order begins.' }),
    channel: text(50).optional().openapi({ example: 'web' }),
    country: text(100).optional().openapi({ example: 'GB' }),
    currency: currency.openapi({ description: 'Of all amounts.' }),
    placedAt: instant.optional().openapi({ description: 'Now when absent; not in the future, at most 10 years ago.' }),
    promisedAt: instant
      .optional()
      .openapi({ description: 'The first promise of delivery: never rewritten. Not before placedAt.' }),
    note: text(2_000).optional(),
    isTest: z.boolean().default(false).openapi({ description: 'Test orders count in no KPI.' }),
    lines: z
      .array(newLineSchema)
      .min(1)
      .max(MOST_LINES)
      .openapi({ description: `1 to ${MOST_LINES} lines.` }),
    discount: money.default('0.0000').openapi({ description: 'Taken off the whole order.' }),
    shipping: money.default('0.0000').openapi({ description: 'Charged for shipping, without tax.' }),
    addresses: z
      .strictObject({ shipping: addressSchema.optional(), billing: addressSchema.optional() })
      .optional()
      .openapi({ description: 'Personal data: shown to those with the permission contacts.read only.' }),
    warehouse: text(100).optional().openapi({
      description: 'Code of the warehouse that must supply all; without it they are tried in the order of their codes.',
    }),
    reservationId: id
      .optional()
      .openapi({ description: 'An active reservation of a variant of this order: its units are used first.' }),
  })
  .refine(({ customerId, customerNumber }) => customerId === undefined || customerNumber === undefined, {
    message: 'either customerId or customerNumber',
    path: ['customerNumber'],
  })
  .openapi('NewOrder', { description: ROUNDING });

export type NewOrder = z.output<typeof newOrderSchema>;

export const orderChangesSchema = z
  .strictObject({
    note: text(2_000).nullable().optional(),
    promisedAt: instant
      .optional()
      .openapi({ description: 'Only where none was made: the first promise is never rewritten.' }),
  })
  .openapi('OrderChanges');

export type OrderChanges = z.output<typeof orderChangesSchema>;

const status = z.enum(orderStatuses);

export const orderSummarySchema = z
  .strictObject({
    id,
    orderNumber: z.string(),
    customerId: z.string().nullable(),
    status,
    channel: z.string().nullable(),
    country: z.string().nullable(),
    currency: z.string(),
    isTest: z.boolean(),
    placedAt: instantOut,
    promisedAt: instantOut.nullable(),
    cancelledAt: instantOut.nullable(),
    createdAt: instantOut,
    updatedAt: instantOut,
    gross: moneyOut,
    discount: moneyOut,
    tax: moneyOut,
    shipping: moneyOut,
    total: moneyOut.openapi({ description: 'gross − discount + tax + shipping.' }),
  })
  .openapi('OrderSummary');

export type OrderSummary = z.output<typeof orderSummarySchema>;

const lineSchema = z.strictObject({
  id,
  lineNo: z.int(),
  variantId: id,
  sku: z.string(),
  quantity: z.int(),
  unitPrice: moneyOut,
  gross: moneyOut,
  discount: moneyOut.openapi({ description: 'Of the line, its share of the order discount included.' }),
  tax: moneyOut,
  shipping: moneyOut,
  shipped: z.int().openapi({ description: 'Units that have left.' }),
  returned: z.int().openapi({ description: 'Units that came back.' }),
});

const allocationSchema = z.strictObject({
  orderItemId: id,
  warehouseId: id,
  warehouse: z.string().openapi({ description: 'Code.' }),
  quantity: z.int(),
  shipped: z.int(),
});

export const paymentSchema = z
  .strictObject({
    id,
    amount: moneyOut,
    currency: z.string(),
    method: z.string().nullable(),
    status: z.enum(['pending', 'received', 'failed']),
    reference: z.string().nullable(),
    attemptedAt: instantOut,
  })
  .openapi('Payment');

const shippedLineSchema = z.strictObject({ orderItemId: id, quantity: z.int() });

const shipmentSchema = z
  .strictObject({
    id,
    warehouseId: z.string().nullable(),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    status: z.enum(['created', 'shipped', 'delivered']),
    shippedAt: instantOut.nullable(),
    deliveredAt: instantOut.nullable(),
    lines: z.array(shippedLineSchema),
  })
  .openapi('Shipment');

export const returnSchema = z
  .strictObject({
    id,
    returnNumber: z.string(),
    status: z.enum(['requested', 'received', 'refunded']),
    refundedAt: instantOut.nullable(),
    createdAt: instantOut,
    amount: moneyOut.openapi({ description: 'Value of the goods: gross − discount of what came back.' }),
    lines: z.array(
      z.strictObject({
        orderItemId: z.string().nullable(),
        quantity: z.int(),
        amount: moneyOut,
        restocked: z.boolean(),
      }),
    ),
  })
  .openapi('Return');

const addressOut = z.strictObject({
  name: z.string().nullable(),
  line1: z.string().nullable(),
  line2: z.string().nullable(),
  city: z.string().nullable(),
  region: z.string().nullable(),
  postalCode: z.string().nullable(),
  country: z.string().nullable(),
});

export const orderSchema = orderSummarySchema
  .extend({
    note: z.string().nullable(),
    paid: moneyOut.openapi({ description: 'Sum of the payments received.' }),
    lines: z.array(lineSchema),
    allocations: z
      .array(allocationSchema)
      .openapi({ description: 'Which stock the order holds, or held until it left.' }),
    payments: z.array(paymentSchema),
    shipments: z.array(shipmentSchema),
    returns: z.array(returnSchema),
    addresses: z
      .strictObject({ shipping: addressOut.nullable(), billing: addressOut.nullable() })
      .optional()
      .openapi({ description: 'Only for those with the permission contacts.read.' }),
  })
  .openapi('Order', { description: ROUNDING });

export type Order = z.output<typeof orderSchema>;
