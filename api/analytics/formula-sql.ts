// Formulas as exact SQL: no floats, one rounding at the end, half away from zero (money 4 decimals, ratios 6).
import type { Formula, Kpi, Sum } from './catalogue/kpi.ts';
import { type ComponentId, component } from './components.ts';
import type { MoneyMode } from './plan.ts';

const costGuard = {
  known: ['lines_with_cost', 'returned_lines_with_cost'],
  unknown: ['lines_without_cost', 'returned_lines_without_cost'],
} as const satisfies Record<string, readonly ComponentId[]>;

/** The components a KPI is made of. */
export function componentsOf(kpi: Kpi): ComponentId[] {
  const { compute } = kpi;
  const sums =
    compute.kind === 'sum'
      ? [compute.of]
      : compute.kind === 'ratio'
        ? [compute.numerator, compute.denominator]
        : [compute.numerator];
  const guards = 'needsCost' in compute ? [...costGuard.known, ...costGuard.unknown] : [];
  return [...new Set([...sums.flat().map(name), ...guards])];
}

/** True when a figure of the KPI depends on the currency of entries. */
export function isMoney(kpi: Kpi): boolean {
  return componentsOf(kpi).some((id) => component(id).kind === 'money');
}

/** True when empty means 0, false when it means that there is nothing to divide. */
export function isZeroWhenEmpty(kpi: Kpi): boolean {
  return kpi.compute.kind === 'sum';
}

/**
 * Functions the formulas use, for a WITH clause. `cents(m)` is money as a whole number of its smallest unit; `ratio(n, d)`
 * divides whole numbers; `money(m)` rounds converted money.
 */
export function formulaFunctions(mode: MoneyMode): string[] {
  const scale = moneyScale(mode);
  const cents = `(m) -> toInt256(toDecimal256(m, ${scale}) * ${10n ** BigInt(scale)}) AS cents`;
  const ratio = `(n, d) -> if(d = 0, NULL, divideDecimal(toDecimal256(sign(n) * sign(d)
    * intDiv(2 * abs(n) * 1000000 + abs(d), 2 * greatest(abs(d), 1)), 0), toDecimal256(1000000, 0), 6)) AS ratio`;
  const excess = 10n ** BigInt(scale - 4);
  const money = `(m) -> divideDecimal(toDecimal256(sign(cents(m))
    * intDiv(2 * abs(cents(m)) + ${excess}, ${2n * excess}), 0), toDecimal256(10000, 0), 4) AS money`;
  return mode.kind === 'convert' ? [cents, ratio, money] : [cents, ratio];
}

/** Decimals of summed money: converted money carries those of the rate as well. */
export function moneyScale(mode: MoneyMode): 4 | 14 {
  return mode.kind === 'convert' ? 14 : 4;
}

/** A KPI over the aggregated components `c.…`; `passedMicros` is how much of the bucket has passed. */
export function formulaSql(kpi: Kpi, mode: MoneyMode, passedMicros: string): string {
  const { compute } = kpi;
  return guarded(compute, unguarded(compute, mode, passedMicros));
}

function unguarded(compute: Formula, mode: MoneyMode, passedMicros: string): string {
  if (compute.kind === 'sum') {
    const sum = sumSql(compute.of);
    if (!hasMoney(compute.of)) return `toInt64(${sum})`;
    return mode.kind === 'convert' ? `money(${sum})` : sum;
  }
  if (compute.kind === 'per hour') {
    return `ratio(toInt256(${sumSql(compute.numerator)}) * 3600000000, toInt256(${passedMicros}))`;
  }
  const cents = 10n ** BigInt(moneyScale(mode));
  const whole = (sum: Sum) => (hasMoney(sum) ? `cents(${sumSql(sum)})` : `toInt256(${sumSql(sum)})`);
  const scale = hasMoney(compute.numerator) && !hasMoney(compute.denominator) ? ` * toInt256(${cents})` : '';
  const perUnit = compute.perUnit === undefined ? '' : ` * ${compute.perUnit}`;
  return `ratio(${whole(compute.numerator)}, ${whole(compute.denominator)}${scale}${perUnit})`;
}

function guarded(compute: Formula, value: string): string {
  if (!('needsCost' in compute)) return value;
  return `if(${sumSql(costGuard.known)} = 0 AND ${sumSql(costGuard.unknown)} > 0, NULL, ${value})`;
}

function hasMoney(sum: Sum): boolean {
  return sum.some((term) => component(name(term)).kind === 'money');
}

function sumSql(sum: Sum): string {
  const terms = sum.map((term, i) => `${term.startsWith('-') ? ' - ' : i === 0 ? '' : ' + '}c.${name(term)}`);
  return sum.length === 1 ? terms.join('') : `(${terms.join('')})`;
}

function name(term: Sum[number]): ComponentId {
  return (term.startsWith('-') ? term.slice(1) : term) as ComponentId;
}
