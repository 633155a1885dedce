import { z } from '@hono/zod-openapi';
import { currency, id, instantOut, text } from '../fields.ts';
import { isTimezone } from '../tenants.ts';
import { createdUserSchema, newUserSchema } from '../users/user-schema.ts';

const slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits and inner hyphens')
  .openapi({ example: 'acme' });

const timezone = z
  .string()
  .max(100)
  .refine(isTimezone, 'must be an IANA zone such as Europe/London')
  .openapi({ description: 'IANA zone whose days are its days.', example: 'Europe/London' });

export const tenantSchema = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    currency: z.string().openapi({ description: 'ISO 4217 code in which it reports.' }),
    timezone: z.string(),
    status: z.enum(['active', 'suspended']),
    allowNegativeStock: z.boolean(),
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('Tenant');

export const newTenantSchema = z
  .strictObject({
    slug,
    name: text(200).openapi({ example: 'Acme' }),
    currency,
    timezone,
    admin: newUserSchema.omit({ role: true }).optional().openapi({ description: 'Its first brand_admin.' }),
  })
  .openapi('NewTenant');

export const createdTenantSchema = tenantSchema
  .extend({ admin: createdUserSchema.optional() })
  .openapi('CreatedTenant');

export const tenantChangesSchema = z
  .strictObject({ name: text(200), currency, timezone, allowNegativeStock: z.boolean() })
  .partial()
  .openapi('TenantChanges');
