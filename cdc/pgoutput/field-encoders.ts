/**
 * From Postgres' text of a value to a TabSeparated field, byte by byte. These loops run for every column of every row: no
 * allocation, no strings. Each writes at `at` (the room is there) and returns where it ends.
 */

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
/** Below this length a loop beats the call into native copying. */
const shortCopy = 48;

/** Values that need no escape. */
export function writePlain(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (to - from > shortCopy) return at + source.copy(target, at, from, to);
  let end = at;
  for (let i = from; i < to; i++) target[end++] = source[i] as number;
  return end;
}

/** Text with what TabSeparated gives a meaning escaped. At most twice as long. Postgres' text never holds a zero byte. */
export function writeText(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  let end = at;
  for (let i = from; i < to; i++) {
    const byte = source[i] as number;
    if (byte === backslash || byte < 14) {
      const letter = escapeLetter(byte);
      if (letter !== 0) {
        target[end++] = backslash;
        target[end++] = letter;
        continue;
      }
    }
    target[end++] = byte;
  }
  return end;
}

/** The letter after the backslash, 0 when the byte stands for itself. */
export function escapeLetter(byte: number): number {
  if (byte === backslash) return backslash;
  if (byte === newline) return 0x6e;
  if (byte === tab) return 0x74;
  if (byte === carriageReturn) return 0x72;
  return 0;
}

/**
 * A timestamp with or without zone (the session's zone is UTC, so the offset is always +00 and is left out). Returns -1 when it
 * is not plainly within 1900 to 2299: infinity, BC, a year of five digits.
 */
export function writeTimestamp(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (!isYearInRange(source, from) || source[to - 1] === 0x43) return -1;
  const end = source[to - 3] === 0x2b ? to - 3 : to;
  let written = at;
  for (let i = from; i < end; i++) target[written++] = source[i] as number;
  return written;
}

/** A date; -1 as above. */
export function writeDate(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (to - from !== 10 || !isYearInRange(source, from)) return -1;
  for (let i = 0; i < 10; i++) target[at + i] = source[from + i] as number;
  return at + 10;
}

/** A number with a fixed scale; -1 for NaN, which Decimal does not have. */
export function writeDecimal(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (source[from] === 0x4e) return -1;
  return writePlain(source, from, to, target, at);
}

/** `19yy-`, `20yy-`, `21yy-` or `22yy-`. */
function isYearInRange(source: Buffer, from: number): boolean {
  if (source[from + 4] !== 0x2d) return false;
  const first = source[from];
  const second = source[from + 1] as number;
  return first === 0x32 ? second >= 0x30 && second <= 0x32 : first === 0x31 && second === 0x39;
}
