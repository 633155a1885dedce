import { createRandom } from '../../verify/traffic/random.ts';
import { DAY, HISTORY_DAYS } from './calendar.ts';

/** US dollars per unit when the history begins; where they go from there is invented. */
const START: Readonly<Record<string, number>> = { USD: 1, GBP: 1.27, EUR: 1.09, INR: 0.0119, JPY: 0.0067, AUD: 0.655 };

export interface FxRate {
  readonly base_currency: string;
  readonly quote_currency: string;
  /** UTC day. */
  readonly rate_date: string;
  readonly rate: string;
  readonly source: string;
}

/** A rate for every pair of the demo's currencies and every UTC day of the history. */
export function fxRates(seed: number, end: Date): FxRate[] {
  const dollars = new Map(Object.entries(START));
  const random = createRandom(seed).fork('fx');
  const rates: FxRate[] = [];
  // A brand's first day may begin on the UTC day before.
  for (let age = HISTORY_DAYS + 2; age >= 0; age--) {
    const rate_date = new Date(end.getTime() - age * DAY).toISOString().slice(0, 10);
    for (const [currency, value] of dollars) {
      if (currency !== 'USD') dollars.set(currency, value * (1 + 0.008 * (random.next() - 0.5)));
    }
    for (const [base_currency, base] of dollars) {
      for (const [quote_currency, quote] of dollars) {
        if (base_currency === quote_currency) continue;
        rates.push({ base_currency, quote_currency, rate_date, rate: (base / quote).toFixed(10), source: 'demo' });
      }
    }
  }
  return rates;
}
