/** Why a text is no amount: not a number, more than 4 decimals, or beyond numeric(19,4). */
export type NoDecimal = 'number' | 'decimals' | 'range';

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/**
 * A decimal number as Postgres reads it, exact: text in, text out, never a float. Trailing zeros beyond the
 * fourth decimal say nothing and are accepted.
 */
export function readDecimal(text: string): string | { readonly none: NoDecimal } {
  const match = NUMBER.exec(text);
  if (!match) return { none: 'number' };
  const whole = match[2] ?? '';
  const decimals = match[3] ?? '';
  if (whole === '' && decimals === '') return { none: 'number' };
  if (decimals.length > 4 && /[^0]/.test(decimals.slice(4))) return { none: 'decimals' };
  if (whole.length > 15 && whole.replace(/^0+/, '').length > 15) return { none: 'range' };
  return text;
}

/** A whole number within ±2^31 (`6`, `-6`, also `6.0` as spreadsheets write it), else undefined. */
export function readInteger(text: string): number | undefined | 'range' {
  const match = /^([+-]?\d+)(?:\.0*)?$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  return Math.abs(value) > 2_147_483_647 ? 'range' : value;
}

/** Ten-thousandths of a decimal that readDecimal accepted. */
export function scaled(text: string): bigint {
  const match = NUMBER.exec(text);
  const digits = `${match?.[2] ?? ''}${(match?.[3] ?? '').padEnd(4, '0').slice(0, 4)}`;
  const value = BigInt(digits);
  return match?.[1] === '-' ? -value : value;
}

/** The largest amount numeric(19,4) holds, in ten-thousandths. */
export const LARGEST_AMOUNT = 10n ** 19n - 1n;
