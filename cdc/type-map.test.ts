import { expect, it } from 'vitest';
import { fieldType } from './type-map.ts';

const column = (typeOid: number, typeModifier = -1, notNull = true) => ({
  name: 'c',
  typeOid,
  typeModifier,
  notNull,
  keyOrder: 0,
});
const numeric = (precision: number, scale: number) => 4 + ((precision << 16) | (scale & 0x7ff));

it('maps numbers exactly, never to floats', () => {
  expect(fieldType(column(1700, numeric(19, 4))).clickhouse).toBe('Decimal(19, 4)');
  expect(fieldType(column(1700, numeric(76, 0))).clickhouse).toBe('Decimal(76, 0)');
  // More digits than Decimal has, a negative scale, or none given: the text.
  for (const modifier of [-1, numeric(77, 2), numeric(3, -2), numeric(2, 5)]) {
    expect(fieldType(column(1700, modifier)).clickhouse).toBe('String');
  }
});

it('keeps null apart from empty', () => {
  expect(fieldType(column(25, -1, false)).clickhouse).toBe('Nullable(String)');
  expect(fieldType(column(1184, -1, false)).clickhouse).toBe("Nullable(DateTime64(6, 'UTC'))");
  expect(fieldType(column(1007)).clickhouse).toBe('Array(Nullable(Int32))');
  // ClickHouse has no Nullable(Array): the text says {} or NULL.
  expect(fieldType(column(1007, -1, false))).toEqual({ clickhouse: 'Nullable(String)', kind: 'text' });
});

it('takes a type it does not know as text', () => {
  expect(fieldType(column(99_999))).toEqual({ clickhouse: 'String', kind: 'text' });
});
