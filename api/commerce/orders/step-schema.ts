// What the steps of an order, its payments and returns take.
import { z } from '@hono/zod-openapi';
import { id, instant, instantOut, money, quantity, text } from '../fields.ts';
import { MOST_LINES } from './order-schema.ts';

/** Each line of an order at most once. */
const linesOnce = (lines: readonly { readonly orderItemId: string }[]) =>
  new Set(lines.map(({ orderItemId }) => orderItemId.toLowerCase())).size === lines.length;
const ONCE = { message: 'names a line twice' };

const orderItemId = id.openapi({ description: 'Id of a line of the order.' });

export const shipSchema = z
  .strictObject({
    lines: z
      .array(z.strictObject({ orderItemId, quantity: quantity.openapi({ description: 'Units that leave now.' }) }))
      .min(1)
      .max(MOST_LINES)
      .refine(linesOnce, ONCE)
      .optional()
      .openapi({ description: 'What leaves; all that has not left when absent.' }),
    warehouse: text(100).optional().openapi({ description: 'Code: only what the order holds there.' }),
    carrier: text(100).optional().openapi({ example: 'DHL' }),
    trackingNumber: text(100).optional(),
    shippedAt: instant.optional().openapi({ description: 'Now when absent; not in the future, not before the order.' }),
  })
  .openapi('ShipOrder');

export const deliverSchema = z
  .strictObject({
    shipmentId: id.optional().openapi({ description: 'The one that arrived; all that are under way when absent.' }),
    deliveredAt: instant
      .optional()
      .openapi({ description: 'Now when absent; not in the future, not before the order.' }),
  })
  .openapi('DeliverOrder');

export const newPaymentSchema = z
  .strictObject({
    amount: money
      .refine((amount) => amount !== '0.0000', 'must be above 0')
      .openapi({ description: 'In the currency of the order. All that is received may not exceed the total.' }),
    method: text(50).optional().openapi({ example: 'card' }),
    status: z.enum(['received', 'failed']),
    reference: text(200).optional().openapi({ description: 'How the payment is known to whoever took it.' }),
  })
  .openapi('NewPayment');

export const newReturnSchema = z
  .strictObject({
    returnNumber: text(100).optional().openapi({ description: 'Unique in the brand; drawn (RET-000123) when absent.' }),
    lines: z
      .array(
        z.strictObject({
          orderItemId,
          quantity: quantity.openapi({
            description: 'Units that came back: at most those that left and have not come back.',
          }),
          restock: z.boolean().openapi({ description: 'On hand again; otherwise written off.' }),
        }),
      )
      .min(1)
      .max(MOST_LINES)
      .refine(linesOnce, ONCE),
    refund: z.boolean().openapi({ description: 'Whether the money went back now. If not, refund it later.' }),
    warehouse: text(100).optional().openapi({
      description: 'Code of the warehouse that takes restocked units; the one they came from when absent.',
    }),
  })
  .openapi('NewReturn', {
    description:
      "A return is worth its share of the lines' gross − discount: in proportion to the units returned so far, rounded to 4 decimals, " +
      'less what earlier returns were worth, so that all returns of a line add up to it.',
  });

export const timelineEventSchema = z
  .strictObject({
    id,
    type: z.string().openapi({ example: 'order.shipped' }),
    entityId: id.openapi({ description: 'Of the order, or of its payment, shipment or return.' }),
    actorId: z.string().nullable(),
    occurredAt: instantOut,
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('OrderEvent');
