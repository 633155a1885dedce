/** The columns every file is brought to before anything is checked or written. */
export const CANONICAL_COLUMNS = [
  'tenant',
  'order_id',
  'line_no',
  'type',
  'placed_at',
  'customer_id',
  'sku',
  'product_name',
  'category',
  'quantity',
  'unit_price',
  'discount',
  'tax',
  'shipping',
  'unit_cost',
  'currency',
  'channel',
  'country',
  'status',
  'promised_at',
  'shipped_at',
  'delivered_at',
] as const;

export type CanonicalColumn = (typeof CANONICAL_COLUMNS)[number];

/** One row of the file in canonical columns; '' is an empty cell. */
export type CanonicalRow = Record<CanonicalColumn, string>;

export const REQUIRED_COLUMNS = ['order_id', 'placed_at', 'sku', 'quantity', 'unit_price'] as const;

export const LINE_TYPES = ['sale', 'return', 'adjustment', 'stock_adjustment'] as const;
export type LineType = (typeof LINE_TYPES)[number];

export const ORDER_STATUSES = ['placed', 'confirmed', 'shipped', 'delivered', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const isLineType = (text: string): text is LineType => (LINE_TYPES as readonly string[]).includes(text);
export const isOrderStatus = (text: string): text is OrderStatus =>
  (ORDER_STATUSES as readonly string[]).includes(text);
