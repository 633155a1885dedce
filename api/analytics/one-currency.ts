// Money is never added up over currencies silently: it is read in one, or split, or refused.
import { invalid, Problem } from '../problem.ts';
import type { Asker } from './asker.ts';
import { isMoney } from './formula-sql.ts';
import type { MoneyMode, Plan } from './plan.ts';
import type { KpiQuery } from './request.ts';

/** Currencies seen, or rates missing. */
export type Told = readonly (string | readonly [string, string])[];

/**
 * Reads what tells its currencies with money as it stands, and again with conversion when that turns out to be in other
 * currencies than asked for: most brands have one, and joining rates costs more than the figures.
 */
export async function inOneCurrency<R extends { told?: Told }>(
  plan: Plan,
  query: Pick<KpiQuery, 'reportingCurrency'>,
  asker: Pick<Asker, 'brand'>,
  readIn: (mode: MoneyMode) => Promise<R[]>,
  like?: MoneyMode,
): Promise<{ rows: R[]; currency: string | null; mode: MoneyMode }> {
  const read = async (mode: MoneyMode) => {
    const rows = await timeZoneKnown(readIn(mode));
    return { told: union(rows), rows };
  };
  const target = targetCurrency(plan, query, asker);
  const hasMoney = plan.measures.some(isMoney);
  // All brands together hardly ever have one currency.
  const isMixed = hasMoney && target !== null && asker.brand === null;
  if (like?.kind !== 'convert' && !isMixed) {
    const mode: MoneyMode = { kind: 'as it stands' };
    const { told, rows } = await read(mode);
    const seen = told as string[];
    if (!hasMoney) return { rows, currency: null, mode };
    if (target === null) return { rows, currency: onlyCurrency(seen, plan), mode };
    if (seen.every((currency) => currency === target)) return { rows, currency: target, mode };
  }
  const mode: MoneyMode = { kind: 'convert', to: target ?? '' };
  const { told, rows } = await read(mode);
  if (told.length > 0) throw missingRates(told as [string, string][], target ?? '');
  return { rows, currency: target, mode };
}

function union(rows: readonly { told?: Told }[]): (string | readonly [string, string])[] {
  return [...new Map(rows.flatMap(({ told = [] }) => told).map((one) => [String(one), one])).values()];
}

/** Into what money is converted; null leaves it as it stands. */
function targetCurrency(
  plan: Plan,
  query: Pick<KpiQuery, 'reportingCurrency'>,
  asker: Pick<Asker, 'brand'>,
): string | null {
  if (query.reportingCurrency !== undefined) return query.reportingCurrency;
  if (plan.dimensions.includes('currency')) return null;
  return asker.brand?.currency ?? null;
}

function onlyCurrency(seen: readonly string[], plan: Plan): string | null {
  if (seen.length <= 1) return seen[0] ?? null;
  if (plan.dimensions.includes('currency')) return null;
  const message = `is needed: the figures are in ${[...seen].sort().join(', ')}; or take the dimension currency`;
  throw new Problem('several-currencies', `reportingCurrency ${message}.`, {
    errors: [{ path: 'reportingCurrency', message }],
  });
}

function missingRates(missing: readonly [string, string][], to: string): Problem {
  const errors = missing
    .map(([from, day]) => ({ day, message: `there is no rate from ${from} to ${to} on or before ${day}` }))
    .sort((left, right) => (left.day + left.message < right.day + right.message ? -1 : 1))
    .slice(0, 20)
    .map(({ message }) => ({ path: 'reportingCurrency', message }));
  return new Problem('missing-exchange-rate', `${errors[0]?.message}.`, { errors });
}

/** Zones are checked against our own list; the engine may have an older one. */
async function timeZoneKnown<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && /Cannot load time zone/.test(error.message)) {
      throw invalid({ path: 'timezone', message: 'is not known to the analytics store' });
    }
    throw error;
  }
}
