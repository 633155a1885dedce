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

export function isPlatformRole(role: Role): boolean {
  return roles[role] === 'platform';
}
