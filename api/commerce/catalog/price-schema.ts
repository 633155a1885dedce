import { z } from '@hono/zod-openapi';
import { currency, id, instant, instantOut, money, moneyOut, quantity, queryQuantity } from '../fields.ts';

export const priceSchema = z
  .strictObject({
    id,
    variantId: id,
    currency: z.string(),
    kind: z.enum(['list', 'promotion']),
    minQuantity: z.int(),
    amount: moneyOut.openapi({ description: 'Of one unit, without tax.' }),
    validFrom: instantOut.nullable().openapi({ description: 'Inclusive; null: since ever.' }),
    validUntil: instantOut.nullable().openapi({ description: 'Exclusive; null: for ever.' }),
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('Price');

export type PriceOut = z.output<typeof priceSchema>;

const fields = {
  minQuantity: quantity.openapi({ description: 'From how many units on the price holds.' }),
  amount: money.openapi({ description: 'Of one unit, without tax.' }),
  validFrom: instant.nullable().openapi({ description: 'Inclusive; null: since ever.' }),
  validUntil: instant.nullable().openapi({ description: 'Exclusive; null: for ever. Give it to end a price.' }),
};

const forward = {
  path: ['validUntil'],
  message: 'must be after validFrom',
};
const isForward = ({ validFrom, validUntil }: { validFrom?: string | null; validUntil?: string | null }) =>
  !validFrom || !validUntil || validFrom < validUntil;

export const newPriceSchema = z
  .strictObject({
    currency,
    kind: z.enum(['list', 'promotion']).default('list').openapi({
      description:
        'Of list prices at most one holds at a time; of promotions the lowest, if it is below the list price.',
    }),
    minQuantity: fields.minQuantity.default(1),
    amount: fields.amount,
    validFrom: fields.validFrom.default(null),
    validUntil: fields.validUntil.default(null),
  })
  .refine(isForward, forward)
  .openapi('NewPrice');

export type NewPrice = z.output<typeof newPriceSchema>;

export const priceChangesSchema = z.strictObject(fields).partial().refine(isForward, forward).openapi('PriceChanges');

export type PriceChanges = z.output<typeof priceChangesSchema>;

export const priceQuestion = z.strictObject({
  currency: currency.optional().openapi({ description: "Default: the brand's." }),
  quantity: queryQuantity.default(1),
  at: instant.optional().openapi({ description: 'Default: now.' }),
});

export const priceAnswerSchema = z
  .strictObject({
    variantId: id,
    currency: z.string(),
    quantity: z.int(),
    at: instantOut,
    unitPrice: moneyOut.nullable().openapi({ description: 'The list price of one unit; null when there is none.' }),
    discount: moneyOut.nullable().openapi({ description: 'What the promotion takes off the whole quantity.' }),
    list: z.union([priceSchema, z.null()]),
    promotion: z.union([priceSchema, z.null()]).openapi({ description: 'Only when it is below the list price.' }),
    reason: z.string().openapi({ description: 'Why this price, for people.' }),
  })
  .openapi('ApplicablePrice');
