// Lists of the API, page by page.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ApiProblem, api } from './api.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface ListQuestion {
  /** What queries are invalidated by when something of the list has changed. */
  readonly key: string;
  /** `/api/v1/orders`. */
  readonly path: string;
  /** Absent and empty ones are not sent. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** False while it is not known yet what to ask. */
  readonly isReady?: boolean;
}

/** The items of all pages that were read so far. While others are asked for, those of before stay (`isPlaceholderData`). */
export function usePages<T>({ key, path, parameters = {}, headers = {}, isReady = true }: ListQuestion) {
  return useInfiniteQuery<Page<T>, ApiProblem, readonly T[], readonly unknown[], string | null>({
    queryKey: [key, parameters, headers],
    queryFn: ({ pageParam, signal }) => {
      const given = Object.entries({ ...parameters, cursor: pageParam }).filter(([, value]) => value);
      return api<Page<T>>(`${path}?${new URLSearchParams(given as [string, string][])}`, { headers, signal });
    },
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    enabled: isReady,
    placeholderData: keepPreviousData,
  });
}

export type PagedList<T> = ReturnType<typeof usePages<T>>;
