import { sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import type { Order } from './order-schema.ts';

const utc = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Columns of `o` and the sums `t` over its lines, as the API shows them: pairs for json_build_object (jsonb would sort the keys). */
const HEADER = `'id', o.id, 'orderNumber', o.order_number, 'customerId', o.customer_id, 'status', o.status, 'channel', o.channel,
  'country', o.country, 'currency', o.currency, 'isTest', o.is_test, 'placedAt', ${utc('o.placed_at')},
  'promisedAt', ${utc('o.promised_at')}, 'cancelledAt', ${utc('o.cancelled_at')}, 'createdAt', ${utc('o.created_at')},
  'updatedAt', ${utc('o.updated_at')}, 'gross', t.gross::text, 'discount', t.discount::text, 'tax', t.tax::text,
  'shipping', t.shipping::text, 'total', (t.gross - t.discount + t.tax + t.shipping)::text`;

const TOTALS = `LATERAL (
    SELECT coalesce(sum(i.unit_price * i.quantity), 0.0000) AS gross, coalesce(sum(i.discount), 0.0000) AS discount,
      coalesce(sum(i.tax), 0.0000) AS tax, coalesce(sum(i.shipping), 0.0000) AS shipping
    FROM commerce.order_items i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id
  ) t`;

const LINES = `SELECT json_agg(json_build_object('id', i.id, 'lineNo', i.line_no, 'variantId', i.variant_id, 'sku', i.sku,
    'quantity', i.quantity, 'unitPrice', i.unit_price::text, 'gross', (i.unit_price * i.quantity)::text,
    'discount', i.discount::text, 'tax', i.tax::text, 'shipping', i.shipping::text,
    'shipped', (SELECT coalesce(sum(s.quantity), 0) FROM commerce.shipment_items s
      WHERE s.tenant_id = i.tenant_id AND s.order_item_id = i.id),
    'returned', (SELECT coalesce(sum(r.quantity), 0) FROM commerce.return_items r
      WHERE r.tenant_id = i.tenant_id AND r.order_item_id = i.id)) ORDER BY i.line_no)
  FROM commerce.order_items i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id`;

const ALLOCATIONS = `SELECT json_agg(json_build_object('orderItemId', a.order_item_id, 'warehouseId', a.warehouse_id,
    'warehouse', w.code, 'quantity', a.quantity, 'shipped', a.shipped_quantity) ORDER BY i.line_no, w.code)
  FROM commerce.order_items i
  JOIN commerce.order_allocations a ON a.tenant_id = i.tenant_id AND a.order_item_id = i.id
  JOIN commerce.warehouses w ON w.tenant_id = a.tenant_id AND w.id = a.warehouse_id
  WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id`;

const PAYMENT = `json_build_object('id', p.id, 'amount', p.amount::text, 'currency', p.currency, 'method', p.method,
  'status', p.status, 'reference', p.reference, 'attemptedAt', ${utc('p.attempted_at')})`;

const SHIPMENTS = `SELECT json_agg(json_build_object('id', s.id, 'warehouseId', s.warehouse_id, 'carrier', s.carrier,
    'trackingNumber', s.tracking_number, 'status', s.status, 'shippedAt', ${utc('s.shipped_at')},
    'deliveredAt', ${utc('s.delivered_at')}, 'lines', (
      SELECT coalesce(json_agg(json_build_object('orderItemId', si.order_item_id, 'quantity', si.quantity) ORDER BY si.id), '[]')
      FROM commerce.shipment_items si WHERE si.tenant_id = s.tenant_id AND si.shipment_id = s.id)) ORDER BY s.id)
  FROM commerce.shipments s WHERE s.tenant_id = o.tenant_id AND s.order_id = o.id`;

const RETURN = `json_build_object('id', r.id, 'returnNumber', r.return_number, 'status', r.status,
    'refundedAt', ${utc('r.refunded_at')}, 'createdAt', ${utc('r.created_at')},
    'amount', (SELECT coalesce(sum(x.amount), 0.0000)::text FROM commerce.return_items x
      WHERE x.tenant_id = r.tenant_id AND x.return_id = r.id),
    'lines', (SELECT coalesce(json_agg(json_build_object('orderItemId', x.order_item_id, 'quantity', x.quantity,
        'amount', x.amount::text, 'restocked', x.restocked) ORDER BY x.line_no), '[]')
      FROM commerce.return_items x WHERE x.tenant_id = r.tenant_id AND x.return_id = r.id))`;

const ADDRESS = (
  kind: string,
) => `(SELECT json_build_object('name', a.name, 'line1', a.line1, 'line2', a.line2, 'city', a.city,
    'region', a.region, 'postalCode', a.postal_code, 'country', a.country)
  FROM commerce.order_addresses a WHERE a.tenant_id = o.tenant_id AND a.order_id = o.id AND a.kind = '${kind}')`;

const DETAILS = `'note', o.note,
  'paid', (SELECT coalesce(sum(p.amount), 0.0000)::text FROM commerce.payments p
    WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id AND p.status = 'received'),
  'lines', coalesce((${LINES}), '[]'), 'allocations', coalesce((${ALLOCATIONS}), '[]'),
  'payments', coalesce((SELECT json_agg(${PAYMENT} ORDER BY p.id) FROM commerce.payments p
    WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id), '[]'),
  'shipments', coalesce((${SHIPMENTS}), '[]'),
  'returns', coalesce((SELECT json_agg(${RETURN} ORDER BY r.id) FROM commerce.returns r
    WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id), '[]')`;

const ADDRESSES = `'addresses', json_build_object('shipping', ${ADDRESS('shipping')}, 'billing', ${ADDRESS('billing')})`;

export interface ReadOptions {
  /** Addresses are personal data: only for those who may see contacts. */
  readonly contacts: boolean;
}

/** Orders by id with all that belongs to them, in one statement; unknown ids are not in the map. */
export async function readOrders(
  trx: CommerceTransaction,
  ids: readonly string[],
  { contacts }: ReadOptions,
): Promise<Map<string, Order>> {
  const { rows } = await sql<{ id: string; body: Order }>`
    SELECT o.id, json_build_object(${sql.raw(contacts ? `${HEADER}, ${DETAILS}, ${ADDRESSES}` : `${HEADER}, ${DETAILS}`)}) AS body
    FROM commerce.orders o, ${sql.raw(TOTALS)}
    WHERE o.id = ANY (${[...ids]}::uuid[])`.execute(trx);
  return new Map(rows.map(({ id, body }) => [id, body]));
}

/** One order; a 404 problem when there is none, or it is another brand's. */
export async function readOrder(trx: CommerceTransaction, id: string, options: ReadOptions): Promise<Order> {
  const order = (await readOrders(trx, [id], options)).get(id.toLowerCase());
  if (order === undefined) throw unknown('order');
  return order;
}

export { HEADER as headerJson, PAYMENT as paymentJson, RETURN as returnJson, TOTALS as orderTotals };
