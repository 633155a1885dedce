import type { Actor, CommerceTransaction } from '../database.ts';

/**
 * Removes the personal data of a customer: contacts, addresses of orders (their country stays: figures are sliced by it), notes on
 * orders (free text may name somebody), and all of this in answers kept for Idempotency-Key. The customer with its number, orders
 * and returns stay, so no figure changes. Leaves an audit entry of its own, with counts.
 */
export async function eraseCustomer(
  trx: CommerceTransaction,
  tenantId: string,
  customerId: string,
  actor: Actor,
): Promise<void> {
  const orders = trx.selectFrom('orders').select('id').where('customer_id', '=', customerId);
  const contacts = await trx.deleteFrom('customer_contacts').where('customer_id', '=', customerId).executeTakeFirst();
  const addresses = await trx
    .updateTable('order_addresses')
    .set({ name: null, line1: null, line2: null, city: null, region: null, postal_code: null })
    .where('order_id', 'in', orders)
    .executeTakeFirst();
  const notes = await trx
    .updateTable('orders')
    .set({ note: null })
    .where('customer_id', '=', customerId)
    .where('note', 'is not', null)
    .executeTakeFirst();
  const answers = await eraseKeptAnswers(trx, customerId);
  const erased = {
    contacts: Number(contacts.numDeletedRows),
    addresses: Number(addresses.numUpdatedRows),
    notes: Number(notes.numUpdatedRows),
    answers,
  };
  await trx
    .insertInto('audit_logs')
    .values({
      tenant_id: tenantId,
      actor_id: actor.userId ?? null,
      resource_type: 'customers',
      resource_id: customerId,
      action: 'DELETE',
      new_values: JSON.stringify({ erased }),
      ip_address: actor.ip ?? null,
      user_agent: actor.userAgent?.replaceAll('\0', '').slice(0, 512) ?? null,
    })
    .execute();
}

/** Answers that tell of the customer: a repeated request still gets its answer, without personal data. */
async function eraseKeptAnswers(trx: CommerceTransaction, customerId: string): Promise<number> {
  const kept = await trx
    .selectFrom('idempotency_keys')
    .select(['key', 'answer_body'])
    .where('answer_body', 'like', `%${customerId}%`)
    .forUpdate()
    .execute();
  for (const { key, answer_body } of kept) {
    const body = withoutPersonalData(JSON.parse(answer_body ?? 'null'));
    const update = trx.updateTable('idempotency_keys').set({ answer_body: JSON.stringify(body) });
    await update.where('key', '=', key).execute();
  }
  return kept.length;
}

/** Names of fields, in answers of the API, whose text is about a person. */
const PERSONAL = new Set(['email', 'phone', 'line1', 'line2', 'city', 'region', 'postalCode', 'note']);
const PERSONAL_PARTS = /^(contacts?|addresses|.*address)$/i;

/** The same answer with null in place of personal text. A `name` is personal within contacts and addresses only. */
export function withoutPersonalData(value: unknown, inPerson = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutPersonalData(item, inPerson));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => {
    const isText = typeof part === 'string';
    const erased = isText && (PERSONAL.has(key) || (inPerson && key === 'name'));
    return [key, erased ? null : withoutPersonalData(part, inPerson || PERSONAL_PARTS.test(key))];
  });
  return Object.fromEntries(entries);
}
