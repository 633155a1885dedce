import { useQuery } from '@tanstack/react-query';
import { type ApiProblem, readVersioned, type Versioned } from '../../../ui/api.ts';

/** The brand as the API has it (GET /api/v1/tenants/current). */
export interface Brand {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly allowNegativeStock: boolean;
}

export const BRAND_PATH = '/api/v1/tenants/current';

/** The signed-in user's brand, with the tag of its version. */
export function useBrand() {
  return useQuery<Versioned<Brand>, ApiProblem>({
    queryKey: ['brand'],
    queryFn: () => readVersioned<Brand>(BRAND_PATH),
    staleTime: 0,
  });
}
