/**
 * For every published column that may change: how to make a new value for it. `traffic.db.test.ts` compares this with the
 * catalogue, so that a later column can't be forgotten.
 */
import { currencies, zones } from './brands.ts';
import { largeText, money, text, uuidAt } from './random.ts';
import { anyInstant, instant, someId, someTime, type Turn } from './turn.ts';

type MakeValue = (turn: Turn) => unknown;

const someText: MakeValue = ({ random }) => text(random);
const nonEmpty: MakeValue = ({ random }) => `${text(random)}.`;
const orNull =
  (make: MakeValue): MakeValue =>
  (turn) =>
    turn.random.chance(0.2) ? null : make(turn);
const oneOf =
  (...values: readonly unknown[]): MakeValue =>
  ({ random }) =>
    random.pick(values);
const units: MakeValue = ({ random }) => random.integer(1, 30);
const number: MakeValue = ({ random }) => `N${random.integer(1, 2 ** 31)}`;
const amount: MakeValue = ({ random }) => money(random);
const time: MakeValue = (turn) => instant(turn.random, someTime(turn));
const wildTime: MakeValue = (turn) => anyInstant(turn) ?? instant(turn.random, someTime(turn));
const boolean: MakeValue = ({ random }) => random.chance(0.3);
const currency = oneOf(...currencies);
const country = orNull(oneOf('United Kingdom', 'France', 'EIRE', 'Norway', 'Åland', ''));
const channel = orNull(oneOf('web', 'store', 'app', 'Märkt\tplatz'));
const reference =
  (table: string): MakeValue =>
  (turn) =>
    someId(turn, table);
const json: MakeValue = ({ random }) =>
  JSON.stringify({
    note: text(random).replaceAll('\u0001', ''),
    n: random.integer(0, 9),
    nested: { list: [1, null, 'x'] },
  });
const note: MakeValue = ({ random }) =>
  random.chance(0.3)
    ? largeText(random, random.pick([3_000, 9_000, 60_000]))
    : random.chance(0.2)
      ? null
      : text(random);
const newId: MakeValue = (turn) => uuidAt(turn.random, someTime(turn));

export const columnValues: Readonly<Record<string, Readonly<Record<string, MakeValue>>>> = {
  tenants: {
    name: nonEmpty,
    slug: ({ random, brand }) => `${brand.slug.slice(0, 30)}-${random.integer(0, 99_999)}`,
    currency,
    timezone: oneOf(...zones),
    status: oneOf('active', 'suspended'),
    allow_negative_stock: oneOf(true, true, false),
    settings: json,
    created_at: wildTime,
    updated_at: wildTime,
  },
  customers: { id: newId, customer_number: number, country, created_at: wildTime, updated_at: wildTime },
  products: {
    id: newId,
    name: nonEmpty,
    category: orNull(oneOf('Category 1', 'Category 2', 'Ünïcödé', '')),
    status: oneOf('active', 'archived'),
    attributes: json,
    tax_rate: ({ random }) => `0.${random.integer(0, 999_999)}`,
    created_at: wildTime,
    updated_at: wildTime,
  },
  product_variants: {
    id: newId,
    product_id: reference('products'),
    sku: number,
    name: orNull(someText),
    unit_cost: amount,
    cost_currency: currency,
    reorder_point: orNull(units),
    status: oneOf('active', 'archived'),
    created_at: wildTime,
    updated_at: wildTime,
  },
  warehouses: { id: newId, code: number, name: nonEmpty, country, created_at: wildTime, updated_at: wildTime },
  inventory: {
    id: newId,
    variant_id: reference('product_variants'),
    warehouse_id: reference('warehouses'),
    on_hand: ({ random }) => random.integer(-5, 200),
    allocated: units,
    reserved: units,
    incoming: units,
    damaged: units,
    reorder_point: orNull(units),
    allow_negative: oneOf(true),
    updated_at: wildTime,
  },
  inventory_movements: {
    id: newId,
    variant_id: reference('product_variants'),
    warehouse_id: reference('warehouses'),
    state: oneOf('on_hand', 'allocated', 'incoming'),
    quantity: oneOf(1, -1, 7),
    reason: oneOf('adjustment', 'receipt'),
    reference_type: orNull(oneOf('order')),
    reference_id: orNull(newId),
    note: orNull(someText),
    moved_at: wildTime,
    actor_id: orNull(newId),
  },
  orders: {
    id: newId,
    order_number: number,
    customer_id: orNull(reference('customers')),
    status: oneOf('placed', 'confirmed', 'picked', 'packed', 'partially_shipped', 'shipped', 'delivered', 'cancelled'),
    channel,
    country,
    currency,
    is_test: boolean,
    placed_at: time,
    promised_at: anyInstant,
    cancelled_at: anyInstant,
    note,
    created_at: wildTime,
    updated_at: wildTime,
  },
  order_items: {
    id: newId,
    order_id: reference('orders'),
    line_no: ({ random }) => random.integer(1, 10_000),
    variant_id: reference('product_variants'),
    sku: nonEmpty,
    quantity: units,
    unit_price: amount,
    discount: amount,
    tax: amount,
    shipping: amount,
    unit_cost: orNull(amount),
  },
  payments: {
    id: newId,
    order_id: reference('orders'),
    amount,
    currency,
    method: orNull(someText),
    status: oneOf('pending', 'received', 'failed'),
    reference: orNull(someText),
    attempted_at: time,
    updated_at: wildTime,
  },
  shipments: {
    id: newId,
    order_id: reference('orders'),
    warehouse_id: orNull(reference('warehouses')),
    carrier: orNull(someText),
    tracking_number: orNull(someText),
    status: oneOf('created', 'shipped', 'delivered'),
    shipped_at: orNull(time),
    delivered_at: orNull(time),
    created_at: wildTime,
    updated_at: wildTime,
  },
  shipment_items: {
    id: newId,
    shipment_id: reference('shipments'),
    order_item_id: reference('order_items'),
    quantity: units,
  },
  returns: {
    id: newId,
    return_number: number,
    order_id: orNull(reference('orders')),
    customer_id: orNull(reference('customers')),
    status: oneOf('refunded'),
    channel,
    country,
    currency,
    is_test: boolean,
    refunded_at: time,
    created_at: wildTime,
    updated_at: wildTime,
  },
  return_items: {
    id: newId,
    return_id: reference('returns'),
    line_no: ({ random }) => random.integer(1, 10_000),
    order_item_id: orNull(reference('order_items')),
    variant_id: reference('product_variants'),
    sku: nonEmpty,
    quantity: units,
    amount,
    unit_cost: orNull(amount),
    restocked: boolean,
  },
  adjustments: {
    tenant_id: ({ random, brands }) => random.pick(brands).id,
    id: newId,
    adjustment_number: number,
    line_no: units,
    sku: orNull(someText),
    customer_id: orNull(reference('customers')),
    channel,
    country,
    currency,
    amount: ({ random }) => `${random.pick(['', '-'])}${money(random)}`,
    reason: orNull(someText),
    adjusted_at: time,
  },
};
