/**
 * Ids of imported entities. A UUIDv7 whose time is the entity's own and whose other bits are a digest of brand, kind and
 * natural key: the same line has the same id in every import, so a file that was cut off is imported again without
 * anything appearing twice. These functions return SQL expressions; an id is made of a time and of a key.
 */

/** The 48 bits of time as 12 hex digits. UUIDv7 knows no time before 1970: it becomes 1970. */
export const idTime = (time: string): string =>
  `lpad(to_hex(greatest(0, floor(extract(epoch FROM ${time}) * 1000))::bigint), 12, '0')`;

/** An id from `time` (an expression as {@link idTime} makes it), the kind of entity and the parts of its natural key. */
export function entityId(time: string, tenant: string, kind: string, ...key: string[]): string {
  // A separator that no cell may contain, so that ('a', 'bc') and ('ab', 'c') differ.
  const text = [`${tenant}::uuid::text`, `'${kind}'`, ...key.map((part) => `(${part})::text`)].join(` || E'\\x1f' || `);
  const hash = `md5(${text})`;
  return `(SELECT (${time} || '7' || substr(h, 1, 3) || translate(substr(h, 4, 1), '0123456789abcdef', '89ab89ab89ab89ab')
    || substr(h, 5, 15))::uuid FROM (SELECT ${hash} AS h) AS digest)`;
}
