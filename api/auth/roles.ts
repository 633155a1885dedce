/** Who somebody is. Platform roles see all brands; brand roles are bound to one. */
export const roles = {
  platform_admin: 'platform',
  executive: 'platform',
  brand_admin: 'brand',
  brand_manager: 'brand',
  operator: 'brand',
  analyst: 'brand',
} as const;

export type Role = keyof typeof roles;
export type RoleScope = (typeof roles)[Role];

export const roleNames = Object.keys(roles) as Role[];

export function isRole(value: unknown): value is Role {
  return typeof value === 'string' && Object.hasOwn(roles, value);
}

/** Whom a request speaks for: somebody in a role, or an API key, which has permissions of its own. */
export type PrincipalRole = Role | 'api_key';

export function isPlatformRole(role: PrincipalRole): boolean {
  return role !== 'api_key' && roles[role] === 'platform';
}
