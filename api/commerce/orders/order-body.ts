import type { Order } from './order-schema.ts';
import type { OrderPlan } from './plan-orders.ts';
import { type LineAmounts, orderTotal, sumOf } from './totals.ts';

const NO_ADDRESS = { name: null, line1: null, line2: null, city: null, region: null, postalCode: null, country: null };

/** What a read of an order that was just placed would give (a test compares the two): it need not be read again. */
export function orderBody(
  { request, id, placedAt, items, amounts, shares, warehouses }: OrderPlan,
  { customerId, createdAt }: { readonly customerId: string | null; readonly createdAt: string },
): Order {
  const { order, orderNumber, contacts } = request;
  const sum = (name: keyof LineAmounts) => sumOf(amounts.map((amount) => amount[name]));
  const address = (kind: 'shipping' | 'billing') => {
    const given = order.addresses?.[kind];
    return given === undefined ? null : { ...NO_ADDRESS, ...given };
  };
  const place = new Map(warehouses.map((warehouse, index) => [warehouse.id, { ...warehouse, index }]));
  const indexOf = (warehouseId: string) => place.get(warehouseId)?.index ?? 0;
  return {
    id,
    orderNumber,
    customerId,
    status: order.status,
    channel: order.channel ?? null,
    country: order.country ?? null,
    currency: order.currency,
    isTest: order.isTest,
    placedAt,
    promisedAt: order.promisedAt ?? null,
    cancelledAt: null,
    createdAt,
    updatedAt: createdAt,
    gross: sum('gross'),
    discount: sum('discount'),
    tax: sum('tax'),
    shipping: sum('shipping'),
    total: orderTotal(amounts),
    note: order.note ?? null,
    paid: '0.0000',
    lines: items.map((item, index) => ({
      id: item.id,
      lineNo: item.line_no,
      variantId: item.variant_id,
      sku: item.sku,
      quantity: item.quantity,
      unitPrice: item.unit_price,
      gross: amounts[index]?.gross ?? '',
      discount: item.discount,
      tax: item.tax,
      shipping: item.shipping,
      shipped: 0,
      returned: 0,
    })),
    allocations: [...shares]
      .sort((a, b) => a.line - b.line || indexOf(a.warehouseId) - indexOf(b.warehouseId))
      .map(({ line, warehouseId, quantity }) => ({
        orderItemId: items[line]?.id as string,
        warehouseId,
        warehouse: place.get(warehouseId)?.code ?? '',
        quantity,
        shipped: 0,
      })),
    payments: [],
    shipments: [],
    returns: [],
    ...(contacts ? { addresses: { shipping: address('shipping'), billing: address('billing') } } : {}),
  };
}
