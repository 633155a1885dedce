import { z } from '@hono/zod-openapi';
import type { JsonValue } from '../../../sql/database-types.ts';
import { currency, id, instantOut, money, moneyOut, text } from '../fields.ts';
import { newPriceSchema, priceSchema } from './price-schema.ts';

const status = z.enum(['active', 'archived']);
const reactivated = z.literal('active').openapi({ description: 'Brings an archived one back.' });
const RATE = /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/;

const taxRate = z
  .union(
    [z.string().openapi({ pattern: RATE.source }), z.number().openapi({ minimum: 0, maximum: 1 })],
    'must be a share such as "0.19"',
  )
  .refine((value) => RATE.test(String(value)), 'must be from 0 to 1 with at most 6 decimals')
  .transform(String)
  .openapi({ example: '0.19', description: 'Share of the price that new orders are taxed with: 0.19 is 19 %.' });

/** Any JSON: what a body or a jsonb column holds is nothing else. */
const anyJson = z
  .custom<JsonValue>(() => true)
  .openapi({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });

const attributes = z
  .record(z.string().max(100), anyJson)
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must have at most 16,384 characters as JSON')
  .openapi({ description: 'Anything of your own.' });

export const categorySchema = z
  .strictObject({ id, name: z.string(), status, createdAt: instantOut, updatedAt: instantOut })
  .openapi('Category');
export const newCategorySchema = z.strictObject({ name: text(200) }).openapi('NewCategory');
export const categoryChangesSchema = z
  .strictObject({
    name: text(200).openapi({ description: 'Its products follow.' }),
    status: reactivated,
  })
  .partial()
  .openapi('CategoryChanges');

export const variantSchema = z
  .strictObject({
    id,
    productId: id,
    sku: z.string(),
    name: z.string().nullable(),
    unitCost: moneyOut.nullable(),
    costCurrency: z.string().nullable(),
    reorderPoint: z.int().nullable(),
    status,
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('Variant');
export const variantDetailSchema = z
  .strictObject({ ...variantSchema.shape, prices: z.array(priceSchema) })
  .openapi('VariantDetail');

const cost = {
  unitCost: money.nullable().openapi({ description: 'What one unit costs you; with costCurrency, or both null.' }),
  costCurrency: currency.nullable(),
};
const variantFields = {
  sku: text(200),
  name: text(500).nullable(),
  ...cost,
  reorderPoint: z.int().min(0).max(1_000_000_000).nullable(),
};
const bothOrNone = { path: ['costCurrency'], message: 'unitCost and costCurrency come together or not at all' };
/** Whether cost and its currency are both there, or both not. */
export const hasBothOrNone = (value: { unitCost?: string | null; costCurrency?: string | null }) =>
  (value.unitCost ?? null) === null ? (value.costCurrency ?? null) === null : (value.costCurrency ?? null) !== null;

const newVariant = {
  sku: variantFields.sku,
  name: variantFields.name.default(null),
  unitCost: cost.unitCost.default(null),
  costCurrency: cost.costCurrency.default(null),
  reorderPoint: variantFields.reorderPoint.default(null),
  prices: z.array(newPriceSchema).max(100).default([]),
};
export const newProductVariantSchema = z
  .strictObject(newVariant)
  .refine(hasBothOrNone, bothOrNone)
  .openapi('NewProductVariant');
export const newVariantSchema = z
  .strictObject({ productId: id, ...newVariant })
  .refine(hasBothOrNone, bothOrNone)
  .openapi('NewVariant');
export const variantChangesSchema = z
  .strictObject({ ...variantFields, status: reactivated })
  .partial()
  .openapi('VariantChanges');

export const productSchema = z
  .strictObject({
    id,
    name: z.string(),
    category: z.string().nullable(),
    status,
    taxRate: z.string().openapi({ example: '0.190000' }),
    attributes: z.record(z.string(), anyJson),
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('Product');
export const productDetailSchema = z
  .strictObject({ ...productSchema.shape, variants: z.array(variantDetailSchema) })
  .openapi('ProductDetail');

const productFields = {
  name: text(500),
  category: text(200).nullable().openapi({ description: 'Name of a category; created when there is none yet.' }),
  taxRate,
  attributes,
};
export const newProductSchema = z
  .strictObject({
    name: productFields.name,
    category: productFields.category.default(null),
    taxRate: taxRate.default('0'),
    attributes: attributes.default({}),
    variants: z.array(newProductVariantSchema).max(100).default([]),
  })
  .openapi('NewProduct');
export const productChangesSchema = z
  .strictObject({ ...productFields, status: reactivated })
  .partial()
  .openapi('ProductChanges');

export type NewProduct = z.output<typeof newProductSchema>;
export type NewVariant = z.output<typeof newVariantSchema>;
export type NewProductVariant = z.output<typeof newProductVariantSchema>;
export type ProductChanges = z.output<typeof productChangesSchema>;
export type VariantChanges = z.output<typeof variantChangesSchema>;
export type ProductDetail = z.output<typeof productDetailSchema>;
export type VariantDetail = z.output<typeof variantDetailSchema>;
