import type { CanonicalColumn } from './canonical-columns.ts';
import type { ImportSession } from './import-session.ts';
import { PROBLEMS_SHOWN, type ProblemList } from './problem.ts';

const PROBLEMS = `
  CREATE TEMPORARY TABLE import_problems (record integer, line integer, col text, code text, message text)`;

/** A return of several days is several returns: each is checked by itself. */
const GROUP = `brand, order_id, type, CASE WHEN type = 'return' THEN placed_at END`;

const DUPLICATES = `
  INSERT INTO import_problems
  SELECT record, line, 'line_no', 'duplicate', format(
    'line_no %s of order_id %s is on line %s already: give every line of an order its own number, or leave line_no empty',
    line_no, to_json(order_id), first_line)
  FROM (
    SELECT record, line, line_no, order_id, first_value(line) OVER w AS first_line, row_number() OVER w AS occurrence
    FROM import_lines WHERE reason IS NULL
    WINDOW w AS (PARTITION BY ${GROUP}, line_no ORDER BY record)
  ) l WHERE occurrence > 1`;

/** Columns that belong to the whole order: all its rows say the same, or nothing. */
const OF_THE_ORDER = { customer: 'customer_id', currency: 'currency', status: 'status' } as const;

const contradictions = (column: string, name: string) => `
  INSERT INTO import_problems
  SELECT record, line, '${name}', 'contradiction', format(
    '${name} %s contradicts line %s of order_id %s, which says %s: an order has one ${name}', to_json(${column}), first_line,
    to_json(order_id), to_json(first_value))
  FROM (
    SELECT *, first_value(${column}) OVER w AS first_value, first_value(line) OVER w AS first_line
    FROM import_lines l
    WHERE reason IS NULL AND ${column} IS NOT NULL AND (brand, order_id) IN (SELECT brand, order_id FROM import_suspects)
      AND type IN ('sale', 'return')
    WINDOW w AS (PARTITION BY ${GROUP} ORDER BY record)
  ) l WHERE ${column} <> first_value`;

const SUSPECTS = `
  CREATE TEMPORARY TABLE import_suspects AS
  SELECT DISTINCT brand, order_id FROM (
    SELECT brand, order_id FROM import_lines WHERE reason IS NULL AND type IN ('sale', 'return')
    GROUP BY ${GROUP}
    HAVING ${Object.keys(OF_THE_ORDER)
      .map((column) => `min(${column}) <> max(${column})`)
      .join(' OR ')}
  ) groups`;

/** Marks the lines, so that nothing is written of them. */
const MARK = `
  UPDATE import_lines l SET reason = p.reason
  FROM (SELECT record, string_agg(message, '; ' ORDER BY message) AS reason FROM import_problems GROUP BY record) p
  WHERE p.record = l.record`;

/**
 * Checks what only the whole file shows: numbers given twice, rows of one order that contradict each other.
 * Returns how many lines are bad because of it.
 */
export async function checkFile(
  session: ImportSession,
  numbered: boolean,
  headerOf: (column: CanonicalColumn) => string,
  problems: ProblemList,
): Promise<number> {
  await session.query(PROBLEMS);
  if (numbered) await session.query(DUPLICATES);
  await session.query(SUSPECTS);
  const suspects = await session.query('SELECT 1 FROM import_suspects LIMIT 1');
  if (suspects.length > 0) {
    for (const [column, name] of Object.entries(OF_THE_ORDER)) await session.query(contradictions(column, name));
  }
  const counts = await session.query<{ code: string; count: string }>(
    'SELECT code, count(*) FROM import_problems GROUP BY code',
  );
  if (counts.length === 0) return 0;
  const first = await session.query<{ line: number; col: CanonicalColumn; code: string; message: string }>(
    `SELECT line, col, code, message FROM import_problems ORDER BY line LIMIT ${PROBLEMS_SHOWN}`,
  );
  for (const { line, col, code, message } of first) problems.add({ line, column: headerOf(col), code, message });
  for (const { code, count } of counts) {
    problems.countMore(code, Number(count) - first.filter((problem) => problem.code === code).length);
  }
  return session.write(MARK);
}
