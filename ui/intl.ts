// Intl's formatters, each made once: making one costs a hundred times what using it does, and a live page writes all its figures anew several times a second.

/** The texts are English, so are the numbers and days beside them. */
const LOCALE = 'en-GB';

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return once(numbers, JSON.stringify(options), () => new Intl.NumberFormat(LOCALE, options));
}

/** `locale` where a day is not read but compared: `sv-SE` and `en-CA` write `2026-11-29`. */
export function dateFormat(options: Intl.DateTimeFormatOptions, locale = LOCALE): Intl.DateTimeFormat {
  return once(dates, locale + JSON.stringify(options), () => new Intl.DateTimeFormat(locale, options));
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}
