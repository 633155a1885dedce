import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { type PageState, pageStateOf } from './page-state.ts';

/** The page's state in its URL, and how to change it: each change is a step that Back undoes. Both stay the same objects while the URL does. */
export function usePageState(): [PageState, (change: Partial<PageState>) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const change = useCallback(
    (part: Partial<PageState>) =>
      void navigate({ to: '.', search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never }),
    [navigate],
  );
  return [useMemo(() => pageStateOf(search), [search]), change];
}
