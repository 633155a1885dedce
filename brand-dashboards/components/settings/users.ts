import { useQuery } from '@tanstack/react-query';
import { ApiProblem, api, readVersioned } from '../../../ui/api.ts';
import { texts } from '../../texts.ts';

/** A user of the brand as the API has it (GET /api/v1/users). */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly status: 'active' | 'disabled';
  readonly passwordExpiresAt: string | null;
  readonly updatedAt: string;
}

export interface Role {
  readonly id: string;
  readonly description: string;
  readonly permissions: readonly string[];
}

export function useRoles() {
  return useQuery<{ items: readonly Role[] }, ApiProblem>({
    queryKey: ['roles'],
    queryFn: () => api('/api/v1/roles'),
    staleTime: 300_000,
  });
}

/** Changes a user whom nobody has changed since they were shown; else a 412 problem. */
export async function changeUser(shown: User, changes: Partial<Pick<User, 'name' | 'role' | 'status'>>): Promise<User> {
  const path = `/api/v1/users/${shown.id}`;
  const { value, etag } = await readVersioned<User>(path);
  if (value.updatedAt !== shown.updatedAt) throw new ApiProblem(412, 'outdated', texts.settings.outdated, null);
  return api<User>(path, { method: 'PATCH', body: changes, headers: { 'if-match': etag } });
}
