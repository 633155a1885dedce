// Brands and users as the API has them, and the requests that change them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, send } from '../ui/api.ts';
import type { Page } from '../ui/pages.ts';
import { useSession } from '../ui/session.ts';

export interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: string;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly status: 'active' | 'disabled';
  readonly passwordExpiresAt: string | null;
  readonly createdAt: string;
}

export interface Role {
  readonly id: string;
  readonly scope: 'platform' | 'brand';
  readonly description: string;
}

/** Every item of a list, a page after the other. */
async function all<T>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await api<Page<T>>(`${path}?limit=200${at}`, { headers });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

const of = (brand: string | null): Record<string, string> => (brand === null ? {} : { 'x-tenant-id': brand });

export const useTenants = () => useQuery({ queryKey: ['tenants'], queryFn: () => all<Tenant>('/api/v1/tenants') });

/** Users of a brand (slug), or with null of the platform. */
export const useUsers = (brand: string | null) =>
  useQuery({ queryKey: ['users', brand], queryFn: () => all<User>('/api/v1/users', of(brand)) });

export const useRoles = () =>
  useQuery({
    queryKey: ['roles'],
    queryFn: async () => (await api<{ items: Role[] }>('/api/v1/roles')).items,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Whether who is signed in may do it; false until it is known. */
export function useMay(permission: string): boolean {
  return useSession()?.permissions.includes(permission) ?? false;
}

/** Asks again for lists that a change touched, and for what is told of brands. */
export function useRefresh(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ['tenants', 'users', 'brand states']) void client.invalidateQueries({ queryKey: [key] });
  };
}

export interface CreatedUser extends User {
  readonly temporaryPassword?: string;
}

const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();

export function createTenant(form: FormData): Promise<Tenant & { admin?: CreatedUser }> {
  const fields = ['slug', 'name', 'currency', 'timezone'].map((name) => [name, text(form, name)] as const);
  const admin = { name: text(form, 'admin.name'), email: text(form, 'admin.email') };
  return api('/api/v1/tenants', { method: 'POST', body: { ...Object.fromEntries(fields), admin } });
}

export function setTenantStatus(id: string, action: 'suspend' | 'activate'): Promise<Tenant> {
  return api(`/api/v1/tenants/${id}/${action}`, { method: 'POST' });
}

export function createUser(brand: string | null, form: FormData): Promise<CreatedUser> {
  const body = { email: text(form, 'email'), name: text(form, 'name'), role: text(form, 'role') };
  return api('/api/v1/users', { method: 'POST', body, headers: of(brand) });
}

/** Changes what was read just now: whoever changed it meanwhile is not overwritten. */
export async function changeUser(
  brand: string | null,
  id: string,
  change: Partial<Pick<User, 'role' | 'status'>>,
): Promise<User> {
  const etag = (await send(`/api/v1/users/${id}`, { headers: of(brand) })).headers.get('etag') ?? '';
  return api(`/api/v1/users/${id}`, { method: 'PATCH', body: change, headers: { ...of(brand), 'if-match': etag } });
}

export function resetPassword(brand: string | null, id: string): Promise<{ temporaryPassword: string }> {
  return api(`/api/v1/users/${id}/reset-password`, { method: 'POST', headers: of(brand) });
}
