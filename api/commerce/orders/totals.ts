import { Decimal } from 'decimal.js';

// Wide enough for any product of two amounts and a rate: nothing is rounded but where `round` says so.
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });

/** The smallest amount: money has 4 decimals. */
const UNIT = '0.0001';

export interface PricedLine {
  readonly quantity: number;
  /** Of one unit, without tax. */
  readonly unitPrice: string;
  /** Of the whole line, before its share of the order's. */
  readonly discount: string;
  /** Share of the amount without tax: 0.19 is 19 %. */
  readonly taxRate: string;
}

export interface OrderCharges {
  /** Taken off the whole order, at most what its lines come to. */
  readonly discount: string;
  readonly shipping: string;
}

/** Amounts of a whole line; decimal text with exactly 4 decimals. */
export interface LineAmounts {
  readonly gross: string;
  /** The line's own and its share of the order's. */
  readonly discount: string;
  readonly tax: string;
  readonly shipping: string;
}

/** A discount that is greater than what it is taken off. `line` is null for the order's. */
export class DiscountTooLarge extends Error {
  override readonly name = 'DiscountTooLarge';
  readonly line: number | null;

  constructor(line: number | null) {
    super('a discount exceeds the price');
    this.line = line;
  }
}

/**
 * The amounts of an order's lines.
 *
 * gross = unit price × quantity, exact. The order's discount and shipping are allotted to lines in proportion to gross − line
 * discount ({@link allot}: the shares add up exactly). tax = (gross − discount) × tax rate, without shipping, rounded once per line to 4 decimals,
 * half away from zero. The order's total is the sum of gross − discount + tax + shipping: nothing is rounded again.
 */
export function lineAmounts(lines: readonly PricedLine[], charges: OrderCharges): LineAmounts[] {
  const gross = lines.map(({ unitPrice, quantity }) => new Exact(unitPrice).times(quantity));
  const net = lines.map(({ discount }, index) => (gross[index] as Decimal).minus(discount));
  const tooMuch = net.findIndex((amount) => amount.lt(0));
  if (tooMuch >= 0) throw new DiscountTooLarge(tooMuch);
  const sum = net.reduce((total, amount) => total.plus(amount), new Exact(0));
  if (sum.lt(charges.discount)) throw new DiscountTooLarge(null);
  const discounts = allot(charges.discount, net);
  const shipping = allot(charges.shipping, net);
  return lines.map((line, index) => {
    const share = discounts[index] as Decimal;
    const taxable = (net[index] as Decimal).minus(share);
    return {
      gross: (gross[index] as Decimal).toFixed(4),
      discount: share.plus(line.discount).toFixed(4),
      tax: round(taxable.times(line.taxRate)).toFixed(4),
      shipping: (shipping[index] as Decimal).toFixed(4),
    };
  });
}

/** To 4 decimals, half away from zero. */
export function round(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(4, Decimal.ROUND_HALF_UP);
}

/**
 * Splits an amount of 4 decimals in proportion to weights, by largest remainder: each share is the exact one cut to 4 decimals, and
 * the units that are left go to the largest cuts, earlier lines first. Shares add up to the amount; none is above its weight when
 * the amount is not above their sum. Weights that are all zero count as equal.
 */
export function allot(amount: string, weights: readonly Decimal[]): Decimal[] {
  if (new Exact(amount).isZero()) return weights.map(() => new Exact(0));
  const sum = weights.reduce((total, weight) => total.plus(weight), new Exact(0));
  const parts = sum.isZero() ? weights.map(() => new Exact(1)) : weights;
  const whole = sum.isZero() ? new Exact(weights.length) : sum;
  const units = new Exact(amount).div(UNIT);
  // Units × part ÷ whole as quotient and remainder of whole numbers of units: no division is cut off.
  const shares = parts.map((part, index) => {
    const numerator = units.times(part);
    const floor = numerator.divToInt(whole);
    return { index, floor, remainder: numerator.minus(floor.times(whole)) };
  });
  const left = units.minus(shares.reduce((total, { floor }) => total.plus(floor), new Exact(0))).toNumber();
  const favoured = new Set(
    [...shares]
      .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index)
      .slice(0, left)
      .map(({ index }) => index),
  );
  return shares.map(({ floor, index }) => floor.plus(favoured.has(index) ? 1 : 0).times(UNIT));
}

/** gross − discount + tax + shipping over all lines. */
export function orderTotal(lines: readonly LineAmounts[]): string {
  return lines
    .reduce(
      (sum, { gross, discount, tax, shipping }) => sum.plus(gross).minus(discount).plus(tax).plus(shipping),
      new Exact(0),
    )
    .toFixed(4);
}

/** Of amounts of at most 4 decimals, to exactly 4. */
export function sumOf(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Exact(0)).toFixed(4);
}

/**
 * What `quantity` returned units of a line are worth, when `before` units worth `paidBack` came back earlier: the line's gross −
 * discount in proportion to all units returned so far, rounded, less what was counted before. So the last return takes the remainder and
 * all returns of a line add up to gross − discount. Never negative.
 */
export function returnAmount(
  line: { readonly net: string; readonly quantity: number },
  returned: { readonly before: number; readonly paidBack: string; readonly quantity: number },
): string {
  const units = returned.before + returned.quantity;
  const soFar =
    units >= line.quantity ? new Exact(line.net) : round(new Exact(line.net).times(units).div(line.quantity));
  return Decimal.max(0, soFar.minus(returned.paidBack)).toFixed(4);
}
