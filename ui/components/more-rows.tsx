import type { PagedList } from '../pages.ts';
import { texts } from '../texts.ts';

/** The way to the next page of a list; nothing on its last one. */
export function MoreRows<T>({ list }: { readonly list: PagedList<T> }) {
  if (!list.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button more"
      disabled={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {texts.showMore}
    </button>
  );
}
