import type { Constraints } from '../constraints.ts';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { utcText } from '../fields.ts';
import type { Customer, CustomerChanges, CustomerDetail, NewContact, NewCustomer } from './customer-schema.ts';

/** What the constraints of customers mean to a client. */
export const customerConstraints: Constraints = {
  customers_tenant_id_customer_number_key: ['customerNumber', 'is taken by another customer'],
};

/** Customers as the API shows them, without contacts. */
export function selectCustomers(trx: CommerceTransaction) {
  return trx
    .selectFrom('customers')
    .select([
      'id',
      'customer_number as customerNumber',
      'country',
      utcText('created_at').as('createdAt'),
      utcText('updated_at').as('updatedAt'),
    ]);
}

/** Writes a customer with contacts and returns its id. */
export async function insertCustomer(
  trx: CommerceTransaction,
  tenantId: string,
  { customerNumber, country, contacts }: NewCustomer,
): Promise<string> {
  const values = { tenant_id: tenantId, customer_number: customerNumber, country };
  const { id } = await trx.insertInto('customers').values(values).returning('id').executeTakeFirstOrThrow();
  await insertContacts(trx, tenantId, id, contacts);
  return id;
}

/** Customers by id, without contacts. */
export async function customersOf(trx: CommerceTransaction, ids: readonly string[]): Promise<Map<string, Customer>> {
  if (ids.length === 0) return new Map();
  const customers = await selectCustomers(trx).where('id', 'in', ids).execute();
  return new Map(customers.map((customer) => [customer.id, customer]));
}

/** With contacts only if they may be seen. A 404 problem when there is none. */
export async function readCustomer(
  trx: CommerceTransaction,
  id: string,
  { withContacts }: { withContacts: boolean },
): Promise<CustomerDetail> {
  const customer = (await customersOf(trx, [id])).get(id);
  if (customer === undefined) throw unknown('customer');
  if (!withContacts) return customer;
  const contacts = trx.selectFrom('customer_contacts').select(['id', 'name', 'email', 'phone']);
  return { ...customer, contacts: await contacts.where('customer_id', '=', id).orderBy('id').execute() };
}

/** `contacts` replaces all that are there. */
export async function changeCustomer(
  trx: CommerceTransaction,
  tenantId: string,
  id: string,
  { customerNumber, country, contacts }: CustomerChanges,
): Promise<void> {
  const set = {
    // Contacts are part of the customer's version; the trigger `touch` dates every update.
    updated_at: new Date(),
    ...(customerNumber === undefined ? {} : { customer_number: customerNumber }),
    ...(country === undefined ? {} : { country }),
  };
  await trx.updateTable('customers').set(set).where('id', '=', id).execute();
  if (contacts === undefined) return;
  await trx.deleteFrom('customer_contacts').where('customer_id', '=', id).execute();
  await insertContacts(trx, tenantId, id, contacts);
}

async function insertContacts(
  trx: CommerceTransaction,
  tenantId: string,
  customerId: string,
  contacts: readonly NewContact[],
): Promise<void> {
  if (contacts.length === 0) return;
  const rows = contacts.map((contact) => ({ tenant_id: tenantId, customer_id: customerId, ...contact }));
  await trx.insertInto('customer_contacts').values(rows).execute();
}
