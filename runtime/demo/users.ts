import { roles } from '../../api/auth/roles.ts';
import type { CommerceTransaction } from '../../api/commerce/database.ts';
import { insertUser, type NewUser, type PasswordToSet } from '../../api/commerce/users/users.ts';
import { demoBrands } from './brands.ts';

/** A person of the demo; `brand` is null for those of the platform. */
export interface DemoUser extends NewUser {
  readonly brand: string | null;
}

const people: readonly Omit<NewUser, 'email'>[] = [
  { role: 'platform_admin', name: 'Robin Platform' },
  { role: 'executive', name: 'Sasha Executive' },
  { role: 'brand_admin', name: 'Alex Admin' },
  { role: 'brand_manager', name: 'Morgan Manager' },
  { role: 'operator', name: 'Olu Operator' },
  { role: 'analyst', name: 'Ana Analyst' },
];

/** One person per role: of the platform once, of each brand once. `.example` is nobody's domain. */
export const demoUsers: readonly DemoUser[] = people.flatMap(({ role, name }): DemoUser[] => {
  const local = role.replace(/^(platform|brand)_/, '');
  if (roles[role] === 'platform') return [{ role, name, brand: null, email: `${local}@demo.example` }];
  return demoBrands.map(({ slug }) => ({ role, name, brand: slug, email: `${local}@${slug}.example` }));
});

/** All of them with one password. `brandIds` by slug. */
export async function createDemoUsers(
  trx: CommerceTransaction,
  brandIds: ReadonlyMap<string, string>,
  password: PasswordToSet,
): Promise<void> {
  for (const { brand, ...user } of demoUsers) {
    await insertUser(trx, brand === null ? null : (brandIds.get(brand) ?? null), user, password);
  }
}
