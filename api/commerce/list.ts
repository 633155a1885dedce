import type { Cursors } from '../pagination.ts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of a list that runs by id, newest first. `list` is what the cursor is bound to: brand, endpoint, filters. `read` gives at
 * most `count` items with ids below `before` (null: from the start).
 */
export async function pageById<T extends { readonly id: string }>(
  cursors: Cursors,
  list: readonly unknown[],
  { limit, cursor }: PageRequest,
  read: (before: string | null, count: number) => Promise<T[]>,
): Promise<{ items: T[]; nextCursor: string | null }> {
  const [before = null] = cursor === undefined ? [] : cursors.decode(list, cursor);
  return cursors.page(list, await read(before, limit + 1), limit, ({ id }) => [id]);
}
