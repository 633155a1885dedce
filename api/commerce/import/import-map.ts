import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CANONICAL_COLUMNS } from './canonical-columns.ts';
import { compileDateFormat } from './date-format.ts';
import { ImportRefused } from './import-refused.ts';

const column = z.enum(CANONICAL_COLUMNS);

const regex = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'u');
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression: ${(error as Error).message}` });
  }
});

const dateFormat = z.string().superRefine((text, context) => {
  try {
    compileDateFormat(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** How one canonical column is read: from a header, in a format, or as a constant. */
const columnSource = z
  .strictObject({
    from: z.string().min(1).optional().describe('Header of the file'),
    value: z.string().optional().describe('The same value for every row, instead of `from`'),
    default: z.string().optional().describe('Value where the cell is empty'),
    empty: z.array(z.string()).optional().describe('Cell contents that mean "empty", such as NULL or -'),
    strip: regex.optional().describe('What this regular expression matches is removed'),
    values: z.record(z.string(), z.string()).optional().describe('Replaces whole values, e.g. {"Shipped": "shipped"}'),
    decimal: z.enum([',', '.']).optional().describe('Decimal separator; the other one may group thousands'),
    dateFormat: dateFormat.optional().describe('Tokens yyyy MM dd HH mm ss SSS ZZ …; ISO 8601 when absent'),
  })
  .refine((source) => (source.from === undefined) !== (source.value === undefined), {
    message: 'give either "from" (a header) or "value" (a constant)',
  });

const condition = z
  .strictObject({
    equals: z.union([z.string(), z.number()]).optional(),
    startsWith: z.string().optional(),
    endsWith: z.string().optional(),
    matches: regex.optional(),
    lessThan: z.number().optional(),
    greaterThan: z.number().optional(),
    empty: z.boolean().optional(),
  })
  .refine((tests) => Object.keys(tests).length > 0, { message: 'has no test, such as {"startsWith": "A"}' });

const rule = z.strictObject({
  when: z.partialRecord(column, condition).optional().describe('All must hold; absent: always'),
  set: z.partialRecord(column, z.string()).describe('Values for canonical columns'),
});

export const importMapSchema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  delimiter: z.string().min(1).max(4).optional(),
  encoding: z.enum(['utf-8', 'windows-1252', 'utf-16le']).optional(),
  columns: z.partialRecord(column, z.union([z.string().min(1), columnSource])).default({}),
  rules: z.array(rule).default([]).describe('The first rule that holds is applied, the others are not'),
  unmapped: z.enum(['ignore', 'refuse']).default('ignore').describe('Headers that nothing reads'),
});

export type ImportMap = z.infer<typeof importMapSchema>;
export type ColumnSource = z.infer<typeof columnSource>;
export type Condition = z.infer<typeof condition>;

/** Checks a map; throws ImportRefused naming every field that is wrong. `name` stands in front of messages. */
export function parseImportMap(json: unknown, name: string): ImportMap {
  const parsed = importMapSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${explain(issue)}`);
  throw new ImportRefused(
    `${name} is no valid import map:\n  ${issues.join('\n  ')}`,
    `Canonical columns are ${CANONICAL_COLUMNS.join(', ')}.`,
  );
}

/** A union's own message is "Invalid input"; what its object branch says is the one that helps. */
function explain(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const branch = issue.errors.at(-1) ?? [];
  return branch.map((inner) => `${inner.path.map((part) => `${String(part)} `).join('')}${inner.message}`).join('; ');
}

/** Reads and checks a map file. */
export async function loadImportMap(path: string): Promise<ImportMap> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ImportRefused(`The map ${path} can't be read: ${(cause as Error).message}`, undefined, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ImportRefused(`The map ${path} is no JSON: ${(cause as Error).message}`, undefined, { cause });
  }
  return parseImportMap(json, path);
}
