import { z } from '@hono/zod-openapi';
import { newPasswordSchema } from '../../auth/password.ts';
import { permissionIds } from '../../auth/permissions.ts';
import { roleNames } from '../../auth/roles.ts';
import { id, instantOut, text } from '../fields.ts';

const role = z.enum(roleNames).openapi({ example: 'operator' });

export const userSchema = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    role,
    status: z.enum(['active', 'disabled']),
    passwordExpiresAt: instantOut.nullable().openapi({
      description: 'When a generated password stops working. Null for one that the user chose.',
    }),
    createdAt: instantOut,
    updatedAt: instantOut,
  })
  .openapi('User');

export const newUserSchema = z
  .strictObject({
    email: z.email().max(254).openapi({ example: 'ada@acme.example' }),
    name: text(200).openapi({ example: 'Ada Lovelace' }),
    role,
    password: newPasswordSchema.optional(),
  })
  .openapi('NewUser');

export const userChangesSchema = z
  .strictObject({ name: text(200), role, status: z.enum(['active', 'disabled']) })
  .partial()
  .openapi('UserChanges');

const temporaryPassword = z.string().optional().openapi({
  description:
    'Generated and shown this once; works for 7 days. Absent when a password was given, and in a repeated answer.',
});

export const createdUserSchema = userSchema.extend({ temporaryPassword }).openapi('CreatedUser');

export const resetSchema = z
  .object({ temporaryPassword: z.string(), passwordExpiresAt: instantOut })
  .openapi('PasswordReset');

export const roleSchema = z
  .object({
    id: role,
    scope: z.enum(['platform', 'brand']),
    description: z.string(),
    permissions: z.array(z.enum(permissionIds)),
  })
  .openapi('Role');
