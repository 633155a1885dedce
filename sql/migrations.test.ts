import { expect, test } from 'vitest';
import { notRepeatable, splitStatements } from './clickhouse-statements.ts';
import { type Migration, pendingMigrations } from './migrations.ts';

const file = (name: string, checksum = `sum of ${name}`): Migration => ({
  name,
  checksum,
  path: `sql/${name}`,
  sql: '',
});
const applied = ({ name, checksum }: Migration) => ({ name, checksum });
const first = file('0001_a.sql');
const second = file('0002_b.sql');

test('what is not applied yet is pending, in order', () => {
  expect(pendingMigrations([first, second], [])).toEqual([first, second]);
  expect(pendingMigrations([first, second], [applied(first)])).toEqual([second]);
});

test('an edited migration is refused, naming the file and the remedy', () => {
  const edited = () => pendingMigrations([file('0001_a.sql', 'edited')], [applied(first)]);
  expect(edited).toThrow(/sql\/0001_a\.sql was edited after it had been applied.*Restore the file.*new migration/s);
});

test('a database from a later version is refused', () => {
  expect(() => pendingMigrations([first], [applied(first), applied(second)])).toThrow(/0002_b\.sql.*does not know/);
});

test('a migration numbered before an applied one is refused', () => {
  expect(() => pendingMigrations([first, second], [applied(second)])).toThrow(/0001_a\.sql comes before 0002_b\.sql/);
});

test('semicolons end statements only where they are code', () => {
  const script = `-- one; comment
    CREATE VIEW IF NOT EXISTS v AS SELECT 'a;b', 'it''s;', 'back\\';slash', "q;" , \`t;\` /* c; */ ;
    SELECT $doc$ ; $doc$; # trailing; comment
    ;;
    SELECT 1 -- no end; here`;
  expect(splitStatements(script).map((statement) => statement.replace(/\s+/g, ' '))).toEqual([
    `-- one; comment CREATE VIEW IF NOT EXISTS v AS SELECT 'a;b', 'it''s;', 'back\\';slash', "q;" , \`t;\` /* c; */`,
    'SELECT $doc$ ; $doc$',
    'SELECT 1 -- no end; here',
  ]);
});

test.each(["SELECT 'open", 'SELECT 1 /* open', 'SELECT $x$ open'])('%s is refused', (script) => {
  expect(() => splitStatements(script)).toThrow('never closed');
});

test.each([
  ['CREATE TABLE IF NOT EXISTS a.t (x UInt8)', true],
  ['-- why\nCREATE OR REPLACE VIEW v AS SELECT 1', true],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1', true],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS c UInt8', true],
  ['CREATE TABLE a.t (x UInt8)', false],
  ['DROP TABLE a.t', false],
  ['ALTER TABLE t ADD COLUMN c UInt8', false],
  ['INSERT INTO t VALUES (1)', false],
])('%s may run again: %s', (statement, repeatable) => {
  expect(notRepeatable(statement) === null).toBe(repeatable);
});
