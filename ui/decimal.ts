// Exact arithmetic on decimal text of at most 14 places, for differences and shares that are shown.
const PLACES = 14;

function scaled(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  const digits = BigInt(`${whole || '0'}${fraction.padEnd(PLACES, '0').slice(0, PLACES)}`);
  return sign === '-' ? -digits : digits;
}

/** `a − b`, exact. */
export function difference(a: string, b: string): string {
  return unscaled(scaled(a) - scaled(b));
}

/** Σ, exact. */
export function sum(values: readonly string[]): string {
  return unscaled(values.reduce((total, value) => total + scaled(value), 0n));
}

/** For sorting. */
export function compare(a: string, b: string): number {
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function magnitude(text: string): string {
  return text.startsWith('-') ? text.slice(1) : text;
}

function unscaled(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`;
}
