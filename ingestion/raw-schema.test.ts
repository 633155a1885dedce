import { expect, test } from 'vitest';
import type { ColumnSchema, TableSchema } from '../cdc/change-source.ts';
import { alterRawTable, createRawTable, sortKeyColumns } from './raw-schema.ts';

const UUID = 2950;
const TEXT = 25;

function column(name: string, typeOid: number, more: Partial<ColumnSchema> = {}): ColumnSchema {
  return { name, typeOid, typeModifier: -1, notNull: true, keyOrder: 0, ...more };
}

function table(name: string, ...columns: ColumnSchema[]): TableSchema {
  return {
    name,
    columns: [column('tenant_id', UUID, { keyOrder: 1 }), column('id', UUID, { keyOrder: 2 }), ...columns],
  };
}

test('a child sorts by its parent first, so that its rows are found by parent', () => {
  // Mutation: sort by the primary key alone → looking up the lines of an order reads everything.
  const items = table('order_items', column('order_id', UUID));
  expect(sortKeyColumns(items)).toEqual(['tenant_id', 'order_id', 'id']);
  expect(createRawTable(items)).toContain('ORDER BY (`tenant_id`, toUInt128(`order_id`), toUInt128(`id`))');
});

test('other tables sort by their primary key, in key order', () => {
  const rates: TableSchema = {
    name: 'fx_rates',
    columns: [
      column('rate', 1700, { typeModifier: ((20 << 16) | 10) + 4 }),
      column('quote_currency', TEXT, { keyOrder: 2 }),
      column('base_currency', TEXT, { keyOrder: 1 }),
    ],
  };
  expect(createRawTable(rates)).toContain('ORDER BY (`base_currency`, `quote_currency`)');
});

test('the same schema gives the same statement, durable and versioned', () => {
  const orders = table('orders', column('note', TEXT, { notNull: false }));
  expect(createRawTable(orders)).toBe(createRawTable(structuredClone(orders)));
  expect(createRawTable(orders)).toContain('`note` Nullable(String)');
  expect(createRawTable(orders)).toContain('ReplacingMergeTree(_version, _deleted)');
  expect(createRawTable(orders)).toContain('fsync_after_insert = 1');
});

test('a table without a primary key is refused with the remedy', () => {
  const loose: TableSchema = { name: 'loose', columns: [column('a', TEXT)] };
  expect(() => createRawTable(loose)).toThrow(/no primary key/);
});

const stored = new Map([
  ['tenant_id', 'UUID'],
  ['id', 'UUID'],
  ['note', 'String'],
]);

test('an added column is added, with the value that older rows have', () => {
  const wider = table('orders', column('note', TEXT), column('gift', TEXT));
  expect(alterRawTable(wider, stored, { gift: "it's" })).toEqual([
    "ALTER TABLE raw.`orders` ADD COLUMN IF NOT EXISTS `gift` String DEFAULT CAST('it\\'s' AS String)",
  ]);
});

test('a column that became nullable follows; one that stopped being it needs nothing', () => {
  const nullable = table('orders', column('note', TEXT, { notNull: false }));
  expect(alterRawTable(nullable, stored)).toEqual(['ALTER TABLE raw.`orders` MODIFY COLUMN `note` Nullable(String)']);
  expect(
    alterRawTable(table('orders', column('note', TEXT)), new Map([...stored, ['note', 'Nullable(String)']])),
  ).toEqual([]);
});

test('a changed type stops with the statement that would mend it', () => {
  const changed = table('orders', column('note', 23));
  expect(() => alterRawTable(changed, stored)).toThrow(/raw.orders.note is String, while Postgres' column needs Int32/);
});
