const NEWLINE = 0x0a;
const TAB = 0x09;

/** The rows of TabSeparated chunks, each with its newline. The result shares memory with the chunks where it can. */
export function splitRows(chunks: readonly Buffer[]): Buffer[] {
  const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  const rows: Buffer[] = [];
  let start = 0;
  for (let end = whole.indexOf(NEWLINE); end !== -1; end = whole.indexOf(NEWLINE, start)) {
    rows.push(whole.subarray(start, end + 1));
    start = end + 1;
  }
  if (start !== whole.length) throw new Error(`${whole.length - start} bytes after the last newline: a row was cut.`);
  return rows;
}

/** The fields of one row as written (still escaped). */
export function rowFields(row: Buffer): string[] {
  const end = row[row.length - 1] === NEWLINE ? row.length - 1 : row.length;
  return row.toString('utf8', 0, end).split('\t');
}

/** Fields at the given ascending places, still escaped, without splitting the whole row. */
export function pickFields(row: Buffer, places: readonly number[]): string[] {
  const picked: string[] = [];
  let start = 0;
  let place = 0;
  for (const wanted of places) {
    while (place < wanted) {
      start = row.indexOf(TAB, start) + 1;
      place++;
    }
    const tab = row.indexOf(TAB, start);
    picked.push(row.toString('utf8', start, tab === -1 ? row.length - 1 : tab));
  }
  return picked;
}

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
  a: '\x07',
  v: '\v',
};

/** The value of a field; null for `\N`. */
export function unescapeField(field: string): string | null {
  if (field === '\\N') return null;
  return field.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

const SPECIAL: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value as a field; null becomes `\N`. */
export function escapeField(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (char) => SPECIAL[char] ?? char);
}
