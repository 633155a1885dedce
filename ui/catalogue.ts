import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import type { Kpi } from './kpi.ts';

/** Every KPI this user may ask for, by id. Empty until it is known; it changes with releases only. */
export function useCatalogue(): ReadonlyMap<string, Kpi> {
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => api<{ kpis: Kpi[] }>('/api/v1/kpis'),
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ kpis }) => new Map(kpis.map((kpi) => [kpi.id, kpi])),
  });
  return data ?? NONE;
}

const NONE: ReadonlyMap<string, Kpi> = new Map();
