import { z } from '@hono/zod-openapi';
import { id, instantOut, text } from '../fields.ts';

const contactFields = {
  name: text(200).nullable().default(null),
  email: z.email().max(320).nullable().default(null),
  phone: text(50).nullable().default(null),
};

export const newContactSchema = z
  .strictObject(contactFields)
  .refine(({ name, email, phone }) => name ?? email ?? phone, 'has a name, an e-mail or a phone number')
  .openapi('NewContact');

const contactSchema = z
  .strictObject({ id, name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable() })
  .openapi('Contact');

const customer = {
  id,
  customerNumber: z.string(),
  country: z.string().nullable(),
  createdAt: instantOut,
  updatedAt: instantOut,
};

export const customerSchema = z.strictObject(customer).openapi('Customer');
export const customerDetailSchema = z
  .strictObject({
    ...customer,
    contacts: z
      .array(contactSchema)
      .optional()
      .openapi({ description: 'Only for those who hold the permission contacts.read.' }),
  })
  .openapi('CustomerDetail');

const fields = {
  customerNumber: text(200).openapi({ description: 'Unique within the brand; stays when the customer is erased.' }),
  country: text(100).nullable(),
  contacts: z.array(newContactSchema).max(20),
};

export const newCustomerSchema = z
  .strictObject({
    customerNumber: fields.customerNumber,
    country: fields.country.default(null),
    contacts: fields.contacts.default([]),
  })
  .openapi('NewCustomer');

export const customerChangesSchema = z
  .strictObject({
    ...fields,
    contacts: fields.contacts.openapi({ description: 'All contacts from now on, in place of the present ones.' }),
  })
  .partial()
  .openapi('CustomerChanges');

export type NewCustomer = z.output<typeof newCustomerSchema>;
export type NewContact = z.output<typeof newContactSchema>;
export type CustomerChanges = z.output<typeof customerChangesSchema>;
export type Customer = z.output<typeof customerSchema>;
export type CustomerDetail = z.output<typeof customerDetailSchema>;
