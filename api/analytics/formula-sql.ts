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
 * Functions the formulas use, for a WITH clause: `ratio(n, d)` divides whole numbers or money, null by zero; `money(m)` rounds
 * converted money. Seven truncated decimals decide every rounding to six. The divisor is guarded twice, because constants are
 * folded before `if` chooses.
 */
export function formulaFunctions(mode: MoneyMode): string[] {
  const scale = moneyScale(mode);
  const decimal = (value: string) => `toDecimal256(${value}, ${scale})`;
  const ratio = `(n, d) -> if(d = 0, NULL, toDecimal256(round(divideDecimal(${decimal('n')},
    if(d = 0, ${decimal('1')}, ${decimal('d')}), 7), 6), 6)) AS ratio`;
  const money = '(m) -> toDecimal256(round(m, 4), 4) AS money';
  return mode.kind === 'convert' ? [ratio, money] : [ratio];
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
  if (compute.kind === 'per') return `ratio(${sumSql(compute.numerator)}, ${compute.per})`;
  if (compute.kind === 'per hour') {
    return `ratio(toInt256(${sumSql(compute.numerator)}) * 3600000000, ${passedMicros})`;
  }
  const perUnit = compute.perUnit === undefined ? '' : ` * ${compute.perUnit}`;
  const times = compute.times === undefined ? '' : ` * ${compute.times}`;
  return `ratio(${sumSql(compute.numerator)}${times}, ${sumSql(compute.denominator)}${perUnit})`;
}

function guarded(compute: Formula, value: string): string {
  if (!('needsCost' in compute)) return value;
  return `if(${sumSql(costGuard.known)} = 0 AND ${sumSql(costGuard.unknown)} > 0, NULL, ${value})`;
}

export function hasMoney(sum: Sum): boolean {
  return sum.some((term) => component(name(term)).kind === 'money');
}

/** Components of `c.…` added up. */
export function sumSql(sum: Sum): string {
  const terms = sum.map((term, i) => `${term.startsWith('-') ? ' - ' : i === 0 ? '' : ' + '}c.${name(term)}`);
  return sum.length === 1 ? terms.join('') : `(${terms.join('')})`;
}

function name(term: Sum[number]): ComponentId {
  return (term.startsWith('-') ? term.slice(1) : term) as ComponentId;
}
