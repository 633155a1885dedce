import {
  type CanonicalColumn,
  type CanonicalRow,
  isLineType,
  isOrderStatus,
  LINE_TYPES,
  type LineType,
  ORDER_STATUSES,
} from './canonical-columns.ts';
import { LARGEST_AMOUNT, readDecimal, readInteger, scaled } from './decimal-text.ts';
import type { Instant, ZoneClock } from './local-time.ts';
import { shown } from './problem.ts';
import type { RowReader } from './row-reader.ts';

/** A brand that lines may belong to. */
export interface ImportBrand {
  readonly slug: string;
  readonly currency: string;
  readonly clock: ZoneClock;
}

export interface RowContext {
  readonly reader: RowReader;
  /** The brand of a row, or what is wrong with its slug. */
  brandOf(slug: string): ImportBrand | string;
}

/** A good line: texts as Postgres reads them, null where nothing was given. */
export interface CheckedRow {
  brand: string;
  order_id: string;
  line_no: number | null;
  type: LineType;
  placed_at: Instant;
  customer: string | null;
  sku: string;
  product_name: string | null;
  category: string | null;
  quantity: number;
  unit_price: string;
  discount: string | null;
  tax: string | null;
  shipping: string | null;
  unit_cost: string | null;
  currency: string | null;
  channel: string | null;
  country: string | null;
  status: string | null;
  promised_at: Instant | null;
  shipped_at: Instant | null;
  delivered_at: Instant | null;
}

export type Complain = (column: CanonicalColumn, code: string, message: string) => void;

/** Index entries of Postgres hold 2,704 bytes; a number longer than this is a slip anyway. */
const LONGEST_KEY = 200;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const orNull = (text: string): string | null => (text === '' ? null : text);

/**
 * Checks one row by itself and complains of everything that is wrong with it. Undefined when it is not even known whose it
 * is; what is returned is only good if there was no complaint. (No closures here: this runs for every row.)
 */
export function checkRow(row: CanonicalRow, context: RowContext, no: Complain): CheckedRow | undefined {
  const brand = context.brandOf(row.tenant);
  if (typeof brand === 'string') {
    no('tenant', 'tenant', brand);
    return undefined;
  }
  const quantity = checkQuantity(row, no);
  const type = checkType(row, quantity, no);
  const unitPrice = checkPrice(row, type, no);
  const times = checkTimes(row, brand, context.reader, no);
  return {
    brand: brand.slug,
    order_id: checkKey(row, 'order_id', no),
    line_no: checkLineNo(row, no),
    type,
    customer: row.customer_id === '' ? null : checkKey(row, 'customer_id', no),
    sku: checkKey(row, 'sku', no),
    product_name: orNull(row.product_name),
    category: row.category === '' ? null : checkKey(row, 'category', no),
    quantity: quantity ?? 0,
    unit_price: unitPrice,
    discount: checkAmount(row, 'discount', no),
    tax: checkAmount(row, 'tax', no),
    shipping: checkAmount(row, 'shipping', no),
    unit_cost: checkAmount(row, 'unit_cost', no),
    currency: checkCurrency(row, no),
    channel: orNull(row.channel),
    country: orNull(row.country),
    status: checkStatus(row, times, no),
    ...times,
  };
}

function checkKey(row: CanonicalRow, column: 'order_id' | 'sku' | 'customer_id' | 'category', no: Complain): string {
  const text = row[column];
  if (text === '') no(column, 'missing', `${column} is empty: every line needs one`);
  else if (text.length > LONGEST_KEY)
    no(column, 'length', `${column} has ${text.length} characters, at most ${LONGEST_KEY} are allowed`);
  return text;
}

function checkLineNo(row: CanonicalRow, no: Complain): number | null {
  if (row.line_no === '') return null;
  const value = readInteger(row.line_no);
  if (typeof value === 'number' && value > 0) return value;
  no(
    'line_no',
    'number',
    `line_no ${shown(row.line_no)} is no whole number from 1: leave it empty to number lines in order`,
  );
  return null;
}

function checkQuantity(row: CanonicalRow, no: Complain): number | undefined {
  const value = row.quantity === '' ? undefined : readInteger(row.quantity);
  if (typeof value === 'number' && value !== 0) return value;
  const what =
    row.quantity === ''
      ? ['missing', 'quantity is empty: give the number of units, negative for returned ones']
      : value === 0
        ? ['quantity', 'quantity is 0: a line moves at least one unit; remove it']
        : value === 'range'
          ? ['range', `quantity ${shown(row.quantity)} is too large: at most 2147483647`]
          : ['number', `quantity ${shown(row.quantity)} is no whole number: write digits only, such as 6 or -6`];
  no('quantity', what[0] as string, what[1] as string);
  return undefined;
}

function checkType(row: CanonicalRow, quantity: number | undefined, no: Complain): LineType {
  const type = row.type === '' ? ((quantity ?? 1) < 0 ? 'return' : 'sale') : row.type;
  if (!isLineType(type)) {
    no('type', 'type', `unknown type ${shown(type)}: use ${LINE_TYPES.join(', ')}, or leave it empty`);
    return 'sale';
  }
  if (type === 'sale' && quantity !== undefined && quantity < 0) {
    no('quantity', 'quantity', 'a sale has a positive quantity: make the line a return, or leave type empty');
  }
  return type;
}

const REASONS = {
  number: 'is no number: write digits with a point, such as 1234.50 (a map can read other formats)',
  decimals: 'has more than 4 decimals: round it',
  range: 'is too large: at most 15 digits before the point',
} as const;

function checkPrice(row: CanonicalRow, type: LineType, no: Complain): string {
  if (row.unit_price === '') {
    no('unit_price', 'missing', 'unit_price is empty: write 0 where nothing was charged');
    return '0';
  }
  const price = readDecimal(row.unit_price);
  if (typeof price !== 'string') {
    no('unit_price', price.none, `unit_price ${shown(row.unit_price)} ${REASONS[price.none]}`);
    return '0';
  }
  if (price.startsWith('-') && type !== 'adjustment' && scaled(price) !== 0n) {
    no('unit_price', 'negative', `unit_price ${shown(price)} is negative: only an adjustment may be`);
  }
  // A value of a line beyond what one column of money holds; short numbers can't reach it.
  if (price.length + row.quantity.length > 15) {
    const value = scaled(price) * BigInt(Math.trunc(Number(row.quantity)) || 0);
    if (value > LARGEST_AMOUNT || value < -LARGEST_AMOUNT) {
      no('unit_price', 'range', 'unit_price × quantity is too large: at most 15 digits before the point');
    }
  }
  return price;
}

function checkAmount(
  row: CanonicalRow,
  column: 'discount' | 'tax' | 'shipping' | 'unit_cost',
  no: Complain,
): string | null {
  if (row[column] === '') return null;
  const amount = readDecimal(row[column]);
  if (typeof amount !== 'string') {
    no(column, amount.none, `${column} ${shown(row[column])} ${REASONS[amount.none]}`);
    return null;
  }
  if (amount.startsWith('-') && scaled(amount) !== 0n) {
    no(column, 'negative', `${column} ${shown(amount)} is negative: give the amount of the line as a positive number`);
  }
  return amount;
}

function checkCurrency(row: CanonicalRow, no: Complain): string | null {
  if (row.currency === '' || CURRENCIES.has(row.currency)) return orNull(row.currency);
  no('currency', 'currency', `unknown currency ${shown(row.currency)}: use an ISO 4217 code such as GBP, in capitals`);
  return null;
}

type Times = Pick<CheckedRow, 'placed_at' | 'promised_at' | 'shipped_at' | 'delivered_at'>;

function checkTimes(row: CanonicalRow, brand: ImportBrand, reader: RowReader, no: Complain): Times {
  if (row.placed_at === '') no('placed_at', 'missing', 'placed_at is empty: every line needs the time of its order');
  const times = {
    placed_at: checkTime(row.placed_at, 'placed_at', brand, reader, no) ?? '',
    promised_at: checkTime(row.promised_at, 'promised_at', brand, reader, no),
    shipped_at: checkTime(row.shipped_at, 'shipped_at', brand, reader, no),
    delivered_at: checkTime(row.delivered_at, 'delivered_at', brand, reader, no),
  };
  const { placed_at: placed, shipped_at: shipped, delivered_at: delivered } = times;
  if (placed !== '' && shipped !== null && shipped < placed) {
    no(
      'shipped_at',
      'time_order',
      `shipped_at ${shown(row.shipped_at)} is before placed_at ${shown(row.placed_at)}: correct one of them`,
    );
  }
  const before = shipped ?? placed;
  if (delivered !== null && before !== '' && delivered < before) {
    const name = shipped === null ? 'placed_at' : 'shipped_at';
    no(
      'delivered_at',
      'time_order',
      `delivered_at ${shown(row.delivered_at)} is before ${name} ${shown(row[name])}: correct one of them`,
    );
  }
  return times;
}

function checkTime(
  text: string,
  column: keyof Times,
  brand: ImportBrand,
  reader: RowReader,
  no: Complain,
): Instant | null {
  if (text === '') return null;
  const clock = reader.clockOf(column)(text);
  if (clock === undefined) {
    no(
      column,
      'time',
      `${column} ${shown(text)} is no date or time in the expected format: write ISO 8601 such as 2011-01-31T08:26:00 (a map can name another format)`,
    );
    return null;
  }
  const endOfDay = column === 'promised_at' && clock.dateOnly;
  const instant = endOfDay ? brand.clock.endOfDay(clock) : brand.clock.instant(clock);
  if (typeof instant === 'string') return instant;
  if (instant.none === 'gap') {
    no(
      column,
      'local_time',
      `${column} ${shown(text)} never happened in the zone of brand ${brand.slug}: the clocks skipped it; correct it or give an offset such as +01:00`,
    );
  } else no(column, 'range', `${column} ${shown(text)} is not between 1900 and 2299`);
  return null;
}

/** What a status may not be when these times are known. */
function checkStatus(row: CanonicalRow, times: Times, no: Complain): string | null {
  const { status } = row;
  if (status === '') return null;
  if (!isOrderStatus(status)) {
    no('status', 'status', `unknown status ${shown(status)}: use ${ORDER_STATUSES.join(', ')}, or leave it empty`);
    return null;
  }
  const known = times.delivered_at !== null ? 'delivered_at' : times.shipped_at !== null ? 'shipped_at' : undefined;
  const early = status === 'placed' || status === 'confirmed';
  const contradicts =
    (early && known !== undefined) || ((status === 'shipped' || status === 'cancelled') && known === 'delivered_at');
  if (contradicts) {
    no(
      'status',
      'status',
      `status ${status} contradicts ${known} ${shown(row[known as keyof Times])}: correct one, or leave status empty`,
    );
  }
  return status;
}
