import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import type { Kpi } from './kpi.ts';
import { lookingAt } from './looking-at.ts';

/** Every KPI this user may ask for, by id. Empty until it is known; it changes with releases only. */
export function useCatalogue(): ReadonlyMap<string, Kpi> {
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => api<{ kpis: Kpi[] }>('/api/v1/kpis'),
    staleTime: Number.POSITIVE_INFINITY,
    // A function of its own: the query makes the map anew only for another catalogue.
    select: byId,
  });
  return data ?? NONE;
}

function byId({ kpis }: { readonly kpis: readonly Kpi[] }): ReadonlyMap<string, Kpi> {
  return new Map((lookingAt === null ? kpis : ofABrand(kpis)).map((kpi) => [kpi.id, kpi]));
}

/** What the brand itself would be told of. */
function ofABrand(kpis: readonly Kpi[]): Kpi[] {
  return kpis
    .filter(({ platformOnly }) => !platformOnly)
    .map((kpi) => ({ ...kpi, dimensions: kpi.dimensions.filter((dimension) => dimension !== 'brand') }));
}

const NONE: ReadonlyMap<string, Kpi> = new Map();
