/**
 * Postgres array text (`{a,"b,c",NULL}`) to a ClickHouse array literal (`['a','b,c',NULL]`) as a TabSeparated field.
 * Arrays are rare, so this part works on strings.
 */
import type { ElementKind } from '../type-map.ts';
import { clampedText } from './clamp.ts';

export interface ArrayLiteral {
  readonly text: string;
  /** True when elements were clamped, or several dimensions were laid out as one. */
  readonly changed: boolean;
}

/** `text` is what Postgres prints for the array; the result is escaped for TabSeparated. */
export function arrayLiteral(text: string, kind: ElementKind): ArrayLiteral {
  const { elements, dimensions } = parseArray(text);
  let changed = dimensions > 1;
  const parts = elements.map((element) => {
    if (element === null) return 'NULL';
    const literal = elementLiteral(element, kind);
    changed ||= literal.changed;
    return literal.text;
  });
  return { text: `[${parts.join(',')}]`, changed };
}

function elementLiteral(element: string, kind: ElementKind): ArrayLiteral {
  switch (kind) {
    case 'plain':
      return { text: element, changed: false };
    case 'bool':
      return { text: element === 't' ? 'true' : 'false', changed: false };
    case 'quoted':
      return { text: quoted(element), changed: false };
    case 'decimal':
      return element === 'NaN' ? { text: '0', changed: true } : { text: element, changed: false };
    case 'timestamp':
      return inRange(element)
        ? { text: quoted(element.replace(/\+00$/, '')), changed: false }
        : { text: quoted(clampedText('timestamp', element)), changed: true };
    case 'date':
      return inRange(element)
        ? { text: quoted(element), changed: false }
        : { text: quoted(clampedText('date', element)), changed: true };
  }
}

function inRange(element: string): boolean {
  return /^(19|2[0-2])\d\d-/.test(element) && !element.endsWith('BC');
}

// A quote is doubled rather than escaped, as a snapshot's SQL does it too: COPY escapes backslashes once more.
function quoted(element: string): string {
  const escaped = element.replace(/[\\\t\n\r]/g, (char) => escapes[char] ?? char).replaceAll("'", "''");
  return `'${escaped}'`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Elements in storage order; bounds such as `[0:2]=` are left out. */
function parseArray(text: string): { elements: (string | null)[]; dimensions: number } {
  const elements: (string | null)[] = [];
  let dimensions = 0;
  let at = text[0] === '[' ? text.indexOf('=') + 1 : 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === '{' || char === '}' || char === ',') {
      if (char === '{' && elements.length === 0) dimensions++;
      at++;
    } else if (char === '"') {
      const end = closingQuote(text, at + 1);
      elements.push(text.slice(at + 1, end).replace(/\\(.)/gs, '$1'));
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '}') end++;
      const bare = text.slice(at, end);
      elements.push(bare === 'NULL' ? null : bare);
      at = end;
    }
  }
  return { elements, dimensions };
}

function closingQuote(text: string, from: number): number {
  let at = from;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
