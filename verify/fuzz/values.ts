// Values for a JSON schema: mostly what it asks for, now and then what it should refuse.
import fc from 'fast-check';
import { sensibleKpiQueries, sensibleRowsQueries } from './kpi-queries.ts';
import type { Schema } from './operations.ts';

/** Looks like what a client sends by mistake or on purpose. */
export const NASTY: readonly unknown[] = [
  0,
  -1,
  1e12,
  1.23456,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '12.34567',
  '99999999999999999999.9999',
  'NaN',
  'Infinity',
  'XXX',
  '20111-01-01',
  '20111-01-01T00:00:00Z',
  '2024-02-30',
  '2024-06-01T25:00:00Z',
  '1890-01-01T00:00:00Z',
  'Mars/Olympus',
  'a\u0000b',
  '\ud800',
  '\u202e\u{1F600}\ufeff',
  "'; DROP TABLE commerce.orders; --",
  '" OR 1=1 --',
  '../../etc/passwd',
  '%00%0d%0aX-Tenant: 1',
  '{{7*7}}',
  'x'.repeat(10_000),
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'not-a-uuid',
  null,
  true,
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: { admin: true } },
  { constructor: 1 },
];

/** Known good values by the name of a field or parameter: makes requests reach further than refusals. */
export type Known = (name: string) => readonly unknown[];

export interface ValueOptions {
  readonly resolve: (schema: Schema) => Schema;
  readonly known: Known;
}

const nasty = fc.constantFrom(...NASTY);

/** Of values for the schema; about one leaf in 25 is nasty. */
export function valueFor(schema: Schema, options: ValueOptions, name = '', depth = 0): fc.Arbitrary<unknown> {
  const good = goodValue(options.resolve(schema), options, name, depth);
  const known = options.known(name);
  const choices = [{ weight: 24, arbitrary: good }, ...(depth > 0 ? [{ weight: 1, arbitrary: nasty }] : [])];
  if (known.length > 0) choices.push({ weight: 72, arbitrary: fc.constantFrom(...known) });
  if (schema.$ref?.endsWith('/KpiQuery')) choices.push({ weight: 96, arbitrary: sensibleKpiQueries });
  if (schema.$ref?.endsWith('/KpiRowsQuery')) choices.push({ weight: 96, arbitrary: sensibleRowsQueries });
  return fc.oneof(...choices);
}

function goodValue(schema: Schema, options: ValueOptions, name: string, depth: number): fc.Arbitrary<unknown> {
  const given = schema.const !== undefined ? [schema.const] : (schema.enum as unknown[] | undefined);
  if (given !== undefined) return fc.constantFrom(...given);
  const variants = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
  if (variants !== undefined) return fc.oneof(...variants.map((one) => valueFor(one, options, name, depth)));
  if (schema.allOf !== undefined) {
    const parts = (schema.allOf as Schema[]).map((one) => goodValue(options.resolve(one), options, name, depth));
    return fc.tuple(...parts).map((values) => Object.assign({}, ...values) as unknown);
  }
  const type = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...type.map((one: string) => ofType(one, schema, options, name, depth)));
}

function ofType(type: string, schema: Schema, options: ValueOptions, name: string, depth: number) {
  switch (type) {
    case 'object':
      return anObject(schema, options, depth);
    case 'array':
      return depth > 6
        ? fc.constant([])
        : fc.array(valueFor((schema.items ?? {}) as Schema, options, name, depth + 1), {
            minLength: Math.min(Number(schema.minItems ?? 0), 3),
            maxLength: Math.min(Number(schema.maxItems ?? 3), 3),
          });
    case 'integer':
    case 'number':
      return fc.integer({ min: Number(schema.minimum ?? -5), max: Math.min(Number(schema.maximum ?? 50), 1_000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return typeof schema.contentSchema === 'object'
        ? valueFor(schema.contentSchema as Schema, options).map((value) => JSON.stringify(value))
        : aString(schema);
    default:
      return nasty;
  }
}

function anObject(schema: Schema, options: ValueOptions, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = new Set((schema.required ?? []) as string[]);
  const record = fc.record(
    Object.fromEntries(properties.map(([name, value]) => [name, valueFor(value, options, name, depth + 1)])),
    { requiredKeys: [...required] },
  );
  const broken = fc.tuple(record, fc.constantFrom(...required, 'surprise'), nasty).map(([value, key, odd]) => {
    const { [key]: _left, ...rest } = value as Record<string, unknown>;
    return key === 'surprise' ? { ...rest, [key]: odd } : rest;
  });
  return fc.oneof({ weight: 19, arbitrary: record }, { weight: 1, arbitrary: broken });
}

function aString(schema: Schema): fc.Arbitrary<string> {
  const date = fc.date({ min: new Date('2023-01-01'), max: new Date('2026-01-01'), noInvalidDate: true });
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.format === 'date') return date.map((day) => day.toISOString().slice(0, 10));
  if (schema.format === 'date-time') return date.map((time) => time.toISOString());
  if (schema.format === 'email') return fc.emailAddress();
  if (typeof schema.pattern === 'string') {
    return fc.oneof(fc.stringMatching(new RegExp(schema.pattern, 'u')), fc.string({ maxLength: 12 }));
  }
  return fc.string({
    minLength: Number(schema.minLength ?? 0),
    maxLength: Math.min(Number(schema.maxLength ?? 20), 40),
  });
}
