// The values that the commerce endpoints take and give, each in one place.
import { z } from '@hono/zod-openapi';
import { type RawBuilder, type SqlBool, sql } from 'kysely';

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const EXAMPLE_ID = '0198c0de-1234-7abc-8def-0123456789ab';

/** An id as clients send it: a UUID of any version. */
export const id = z.guid('must be a UUID').toLowerCase().openapi({ format: 'uuid', example: EXAMPLE_ID });

/** The path parameter `{id}`. */
export const idParameter = z.object({ id: id.openapi({ param: { name: 'id', in: 'path' } }) });

/** Text of 1 to `max` characters, without blanks around it. */
export const text = (max: number) => z.string().trim().min(1).max(max);

/** Text in a query string: what Postgres can't hold is refused here, as it is for bodies elsewhere. */
export const queryText = (max: number) =>
  text(max).refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

/** ISO 4217. */
export const currency = z
  .string()
  .refine((code) => CURRENCIES.has(code), 'must be an ISO 4217 code such as EUR')
  .openapi({ pattern: '^[A-Z]{3}$', example: 'EUR' });

export const quantity = z.int().min(1).max(1_000_000);

/** A whole number in a query string. */
export const queryQuantity = z.coerce.number().int().min(1).max(1_000_000);

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,4}))?$/;

/**
 * Money as clients send it: a decimal string or a number, from 0 and below 1,000,000,000, at most 4 decimals. Becomes a string of
 * exactly 4 decimals. (So a line of 1,000,000 units still fits numeric(19,4).)
 */
export const money = z
  .union(
    [z.string().openapi({ pattern: DECIMAL.source }), z.number().openapi({ minimum: 0, exclusiveMaximum: 1e9 })],
    'must be a decimal such as "12.50"',
  )
  .transform((value, context) => {
    const match = DECIMAL.exec(String(value));
    if (match === null) {
      context.addIssue({ code: 'custom', message: 'must be from 0 to 999999999.9999 with at most 4 decimals' });
      return z.NEVER;
    }
    return `${BigInt(match[1] ?? '0')}.${(match[2] ?? '').padEnd(4, '0')}`;
  })
  .openapi({ example: '12.50' });

/** Money as the API gives it. */
export const moneyOut = z.string().openapi({ pattern: '^-?\\d+\\.\\d{4}$', example: '12.5000' });

/**
 * An instant as clients send it: ISO 8601 with `Z` or an offset, years 1970 to 2200, at most microseconds. Becomes
 * `2024-01-31T10:00:00.000000Z`, which sorts as text.
 */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2024-01-31T10:00:00Z' })
  .transform((value, context) => {
    const [, local = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(value) ?? [];
    const time = new Date(`${local}${zone}`);
    const year = time.getUTCFullYear();
    if (!(year >= 1970 && year <= 2200)) {
      context.addIssue({ code: 'custom', message: 'must be in the years 1970 to 2200, with at most 6 decimals' });
      return z.NEVER;
    }
    return `${time.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`;
  })
  .openapi({ format: 'date-time', example: '2024-01-31T10:00:00Z' });

/** An instant as the API gives it: UTC with microseconds. */
export const instantOut = z.string().openapi({ format: 'date-time', example: '2024-01-31T10:00:00.000000Z' });

/** Column `name` of type timestamptz as {@link instantOut} has it (a Date would lose the microseconds). */
export function utcText<T extends string | null = string>(name: string): RawBuilder<T> {
  return sql<T>`to_char(${sql.ref(name)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** Whether a text column begins with what somebody typed, case aside. */
export function startsWith(column: string, typed: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`starts_with(lower(${sql.ref(column)}), lower(${typed}))`;
}

/** The present as {@link instantOut} has it. */
export function instantNow(): string {
  return `${new Date().toISOString().slice(0, -1)}000Z`;
}
