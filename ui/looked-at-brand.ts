import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { lookingAt } from './looking-at.ts';

export interface LookedAtBrand {
  readonly name: string;
  readonly slug: string;
  readonly currency: string;
  readonly timezone: string;
}

/** The brand that is looked at; `error` when there is none by that name, it is suspended, or they may not. */
export function useLookedAtBrand() {
  return useQuery({
    queryKey: ['looked-at'],
    queryFn: () => api<LookedAtBrand>('/api/v1/tenants/current'),
    enabled: lookingAt !== null,
    staleTime: 60_000,
  });
}
