import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { invalid } from './problem.ts';

/** The query parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'Items per page, 1 to 200.' }),
  cursor: z
    .string()
    .max(2_000)
    .optional()
    .openapi({ description: '`nextCursor` of the page before; keep the other parameters as they were.' }),
};

/** The answer of every list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({ description: 'Null on the last page.' }),
  });
}

/** A place in a list: the values of its sort key, as text. */
export type Position = readonly string[];

/**
 * Cursors say after which item a page begins, so pages are stable under inserts. They are signed and bound to the list they came
 * from (`list`: brand, endpoint and filters): one that was altered, or belongs to another brand or filter, is refused.
 */
export class Cursors {
  private readonly secret: Uint8Array | string;

  constructor(secret: Uint8Array | string) {
    this.secret = secret;
  }

  encode(list: readonly unknown[], position: Position): string {
    const place = Buffer.from(JSON.stringify(position)).toString('base64url');
    return `${place}.${this.sign(list, place).toString('base64url')}`;
  }

  /** Throws a problem that names `cursor`. */
  decode(list: readonly unknown[], cursor: string): Position {
    const [place = '', signature = ''] = cursor.split('.');
    const [given, expected] = [Buffer.from(signature, 'base64url'), this.sign(list, place)];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw invalid({ path: 'cursor', message: 'is not a cursor of this list: begin again without it' });
    }
    return JSON.parse(Buffer.from(place, 'base64url').toString('utf8')) as Position;
  }

  /** Of `limit + 1` items that were read, the page and the cursor after it. */
  page<T>(list: readonly unknown[], read: readonly T[], limit: number, positionOf: (item: T) => Position) {
    const items = read.slice(0, limit);
    const last = items.at(-1);
    const hasMore = read.length > limit && last !== undefined;
    return { items, nextCursor: hasMore ? this.encode(list, positionOf(last)) : null };
  }

  private sign(list: readonly unknown[], place: string): Buffer {
    const key = createHmac('sha256', this.secret).update('uco cursor').digest();
    return createHmac('sha256', key).update(JSON.stringify(list)).update('\n').update(place).digest().subarray(0, 16);
  }
}
