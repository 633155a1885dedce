/** Money as a whole number of ten-thousandths: sums and shares stay exact below 2^53. */
export type Units = number;

export const unitsOf = (amount: number): Units => Math.round(amount * 10_000);

/** `units × numerator ÷ denominator`, half away from zero. Not for negative amounts. */
export const share = (units: Units, numerator: number, denominator: number): Units =>
  Math.floor((2 * units * numerator + denominator) / (2 * denominator));

/** Decimal text with four places, as Postgres takes it. */
export function money(units: Units): string {
  const whole = Math.floor(units / 10_000);
  return `${whole}.${(units - whole * 10_000).toString().padStart(4, '0')}`;
}

/** Splits an amount over parts in proportion to their weights; the parts add up to it exactly (largest remainders first). */
export function split(units: Units, weights: readonly number[]): Units[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.map((_, index) => (index === 0 ? units : 0));
  const parts = weights.map((weight) => Math.floor((units * weight) / total));
  const rests = weights.map((weight, index) => [(units * weight) % total, index] as const);
  rests.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const left = units - parts.reduce((sum, part) => sum + part, 0);
  for (const [, index] of rests.slice(0, left)) parts[index] = (parts[index] as number) + 1;
  return parts;
}
