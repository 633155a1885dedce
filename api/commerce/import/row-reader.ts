import { CANONICAL_COLUMNS, type CanonicalColumn, type CanonicalRow, REQUIRED_COLUMNS } from './canonical-columns.ts';
import { compileDateFormat, type ReadClock, readIso } from './date-format.ts';
import type { ColumnSource, Condition, ImportMap } from './import-map.ts';
import { type Problem, shown } from './problem.ts';

/** Brings the cells of a row to canonical columns, by the header and the map. */
export interface RowReader {
  read(cells: readonly string[]): CanonicalRow;
  /** What the file calls a canonical column. */
  headerOf(column: CanonicalColumn): string;
  /** How a time column is written. */
  clockOf(column: CanonicalColumn): ReadClock;
  readonly has: ReadonlySet<CanonicalColumn>;
  readonly width: number;
}

type Source = ColumnSource & { readonly index: number };

/** Compiles header and map, or says what is wrong with the header (line 1). */
export function compileRowReader(header: readonly string[], map: ImportMap | undefined): RowReader | Problem[] {
  const names = header.map((name) => name.trim());
  const problems: Problem[] = [...repeated(names)];
  const sources = new Map<CanonicalColumn, Source>();
  for (const column of CANONICAL_COLUMNS) {
    const given = map?.columns[column];
    const source: ColumnSource =
      given === undefined ? { from: column } : typeof given === 'string' ? { from: given } : given;
    const index = source.from === undefined ? -1 : find(names, source.from);
    if (source.from !== undefined && index < 0) {
      if (given !== undefined) problems.push(headerProblem(source.from, missingFromMap(column, source.from, names)));
      continue;
    }
    sources.set(column, { ...source, index });
  }
  problems.push(...missing(sources, map, problems), ...unknown(names, sources, map));
  return problems.length > 0 ? problems : reader(names, sources, map);
}

function find(names: readonly string[], wanted: string): number {
  const exact = names.indexOf(wanted);
  return exact >= 0 ? exact : names.findIndex((name) => name.toLowerCase() === wanted.toLowerCase());
}

const headerProblem = (column: string, message: string): Problem => ({ line: 1, column, code: 'header', message });

const missingFromMap = (column: string, from: string, names: readonly string[]) =>
  `the map reads ${column} from ${shown(from)}, which the file does not have; its headers are ${names.map(shown).join(', ')}`;

function repeated(names: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [headerProblem(name, `header ${shown(name)} stands there twice: give each column its own name`)];
  });
}

function missing(sources: Map<CanonicalColumn, Source>, map: ImportMap | undefined, found: Problem[]): Problem[] {
  const setByRule = new Set((map?.rules ?? []).flatMap((rule) => Object.keys(rule.set)));
  return REQUIRED_COLUMNS.filter(
    (column) =>
      !sources.has(column) &&
      !setByRule.has(column) &&
      !found.some(({ message }) => message.includes(`reads ${column} `)),
  ).map((column) =>
    headerProblem(column, `required column ${column} is missing: add it, or map another header to it with --map`),
  );
}

function unknown(
  names: readonly string[],
  sources: Map<CanonicalColumn, Source>,
  map: ImportMap | undefined,
): Problem[] {
  if (map !== undefined && map.unmapped === 'ignore') return [];
  const used = new Set([...sources.values()].map(({ index }) => index));
  return names.flatMap((name, index) =>
    // Names with a leading underscore are remarks: a file of skipped rows carries _line and _reason.
    used.has(index) || name.startsWith('_')
      ? []
      : [
          headerProblem(
            name,
            `unknown column ${shown(name)}: correct its name (columns are ${CANONICAL_COLUMNS.join(', ')}), remove it, or use a map`,
          ),
        ],
  );
}

function reader(names: string[], sources: Map<CanonicalColumn, Source>, map: ImportMap | undefined): RowReader {
  const cells = [...sources].map(([column, source]) => ({ column, value: compileCell(source) }));
  const rules = (map?.rules ?? []).map(({ when, set }) => ({ holds: compileConditions(when ?? {}), set }));
  const blank = Object.fromEntries(CANONICAL_COLUMNS.map((column) => [column, ''])) as CanonicalRow;
  const clocks = new Map<CanonicalColumn, ReadClock>();
  for (const [column, { dateFormat }] of sources) if (dateFormat) clocks.set(column, compileDateFormat(dateFormat));
  return {
    width: names.length,
    has: new Set(sources.keys()),
    headerOf: (column) => names[sources.get(column)?.index ?? -1] ?? column,
    clockOf: (column) => clocks.get(column) ?? readIso,
    read: (row) => {
      const canonical = { ...blank };
      for (const { column, value } of cells) canonical[column] = value(row);
      for (const rule of rules) {
        if (rule.holds(canonical)) {
          Object.assign(canonical, rule.set);
          break;
        }
      }
      return canonical;
    },
  };
}

function compileCell(source: Source): (row: readonly string[]) => string {
  const { index, value, strip, empty, values, decimal } = source;
  const fallback = source.default ?? '';
  if (value !== undefined) return () => value;
  const steps: ((text: string) => string)[] = [];
  if (empty) steps.push((text) => (empty.includes(text) ? '' : text));
  if (strip !== undefined) {
    const regex = new RegExp(strip, 'gu');
    steps.push((text) => text.replace(regex, ''));
  }
  if (values) steps.push((text) => values[text] ?? text);
  if (decimal !== undefined) steps.push(plainDecimal(decimal));
  return (row) => {
    let text = (row[index] ?? '').trim();
    for (const step of steps) text = step(text);
    return text === '' ? fallback : text;
  };
}

/** `1.234,50` → `1234.50`. What does not look like a grouped number is left as it is, to be reported. */
function plainDecimal(decimal: ',' | '.'): (text: string) => string {
  const group = decimal === ',' ? '[.\\s]' : '[,\\s]';
  const whole = new RegExp(`^([+-]?)(\\d+|\\d{1,3}(?:${group}\\d{3})+)(?:\\${decimal}(\\d*))?$`);
  return (text) => {
    const match = whole.exec(text);
    if (!match) return decimal === ',' ? text.replace('.', '·') : text;
    const digits = (match[2] ?? '').replace(/[^\d]/g, '');
    return `${match[1]}${digits}${match[3] === undefined ? '' : `.${match[3]}`}`;
  };
}

function compileConditions(when: Partial<Record<CanonicalColumn, Condition>>): (row: CanonicalRow) => boolean {
  const tests = Object.entries(when).map(([column, condition]) => ({
    column: column as CanonicalColumn,
    holds: compileCondition(condition),
  }));
  return (row) => tests.every(({ column, holds }) => holds(row[column]));
}

function compileCondition(condition: Condition): (text: string) => boolean {
  const { equals, startsWith, endsWith, matches, lessThan, greaterThan, empty } = condition;
  const regex = matches === undefined ? undefined : new RegExp(matches, 'u');
  const number = (text: string) => (text === '' ? Number.NaN : Number(text));
  return (text) =>
    (equals === undefined || (typeof equals === 'number' ? number(text) === equals : text === equals)) &&
    (startsWith === undefined || text.startsWith(startsWith)) &&
    (endsWith === undefined || text.endsWith(endsWith)) &&
    (regex === undefined || regex.test(text)) &&
    (lessThan === undefined || number(text) < lessThan) &&
    (greaterThan === undefined || number(text) > greaterThan) &&
    (empty === undefined || (text === '') === empty);
}
