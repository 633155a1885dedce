/** A wall-clock reading as a file gives it. `offset` in minutes east of UTC, or undefined: local time of the brand. */
export interface ClockReading {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly offset: number | undefined;
  /** No time of day was given. */
  readonly dateOnly: boolean;
}

export type ReadClock = (text: string) => ClockReading | undefined;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** ISO 8601 calendar dates and date-times (`2011-01-31`, `2011-01-31T08:26:00.5+01:00`; a space may stand for the T). */
export const readIso: ReadClock = (text) => {
  const match = ISO.exec(text);
  if (!match) return undefined;
  return valid({
    year: Number(match[1]),
    month: Number(match[2]),
    day: Number(match[3]),
    hour: Number(match[4] ?? 0),
    minute: Number(match[5] ?? 0),
    second: Number(match[6] ?? 0),
    micros: fraction(match[7]),
    offset: offsetMinutes(match[8]),
    dateOnly: match[4] === undefined,
  });
};

interface Token {
  readonly pattern: string;
  readonly field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'micros' | 'offset' | 'half';
}

const TOKENS: Record<string, Token> = {
  yyyy: { pattern: '(\\d{4})', field: 'year' },
  MM: { pattern: '(\\d{2})', field: 'month' },
  M: { pattern: '(\\d{1,2})', field: 'month' },
  dd: { pattern: '(\\d{2})', field: 'day' },
  d: { pattern: '(\\d{1,2})', field: 'day' },
  HH: { pattern: '(\\d{2})', field: 'hour' },
  H: { pattern: '(\\d{1,2})', field: 'hour' },
  hh: { pattern: '(\\d{2})', field: 'hour' },
  h: { pattern: '(\\d{1,2})', field: 'hour' },
  mm: { pattern: '(\\d{2})', field: 'minute' },
  ss: { pattern: '(\\d{2})', field: 'second' },
  SSS: { pattern: '(\\d{1,9})', field: 'micros' },
  a: { pattern: '([AaPp][Mm])', field: 'half' },
  ZZ: { pattern: '(Z|[+-]\\d{2}(?::?\\d{2})?)', field: 'offset' },
};

/** Compiles a format such as `dd.MM.yyyy HH:mm`. Throws an Error that lists the tokens when it has an unknown one. */
export function compileDateFormat(format: string): ReadClock {
  const fields: Token['field'][] = [];
  let pattern = '';
  for (const part of format.match(/'[^']*'|[A-Za-z]+|[^A-Za-z']+/g) ?? []) {
    if (part.startsWith("'")) pattern += literal(part.slice(1, -1));
    else if (!/[A-Za-z]/.test(part)) pattern += literal(part);
    else {
      for (const word of part.match(/(.)\1*/g) ?? []) {
        const token = TOKENS[word];
        if (token) {
          fields.push(token.field);
          pattern += token.pattern;
        } else if (word === 'T' || word === 'Z') pattern += word;
        else throw new Error(`unknown date token "${word}"; there are ${Object.keys(TOKENS).join(' ')} and 'text'`);
      }
    }
  }
  for (const needed of ['year', 'month', 'day'] as const) {
    if (!fields.includes(needed)) throw new Error(`a date format needs year, month and day; there is no ${needed}`);
  }
  const regex = new RegExp(`^${pattern}$`);
  const at = places(fields);
  return (text) => reading(at, regex.exec(text));
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

type Field = Token['field'];

/** Where in a match each field stands, 0 where the format has none: a match's own 0 is never asked for. */
function places(fields: readonly Field[]): Record<Field, number> {
  const all: Field[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'micros', 'offset', 'half'];
  return Object.fromEntries(all.map((field) => [field, fields.indexOf(field) + 1])) as Record<Field, number>;
}

function reading(at: Record<Field, number>, match: RegExpExecArray | null): ClockReading | undefined {
  if (!match) return undefined;
  let hour = at.hour ? Number(match[at.hour]) : 0;
  if (at.half) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (match[at.half]?.toLowerCase() === 'pm' ? 12 : 0);
  }
  return valid({
    year: Number(match[at.year]),
    month: Number(match[at.month]),
    day: Number(match[at.day]),
    hour,
    minute: at.minute ? Number(match[at.minute]) : 0,
    second: at.second ? Number(match[at.second]) : 0,
    micros: at.micros ? fraction(match[at.micros]) : 0,
    offset: at.offset ? offsetMinutes(match[at.offset]) : undefined,
    dateOnly: !at.hour,
  });
}

/** Digits beyond the microsecond are cut off: Postgres keeps none. */
function fraction(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.padEnd(6, '0').slice(0, 6));
}

function offsetMinutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'Z' || text === 'z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', '') || 0);
  return text.startsWith('-') ? -minutes : minutes;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

function valid(clock: ClockReading): ClockReading | undefined {
  const { year, month, day, hour, minute, second, offset } = clock;
  if (year < 1 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (offset !== undefined && Math.abs(offset) > 15 * 60) return undefined;
  return clock;
}
