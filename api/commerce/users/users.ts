import { GENERATED_PASSWORD_DAYS, generatePassword, hashPassword } from '../../auth/password.ts';
import type { Role } from '../../auth/roles.ts';
import { Problem } from '../../problem.ts';
import type { Actor, CommerceDatabase, CommerceTransaction } from '../database.ts';

/** A person who may sign in. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly status: 'active' | 'disabled';
  readonly passwordExpiresAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** A password to be set: made before the transaction, for hashing takes its time. */
export interface PasswordToSet {
  readonly password_hash: string;
  readonly password_expires_at: Date | null;
  /** The password when we made it up: to be shown once. */
  readonly generated: string | null;
}

/** The given password, which stays; or a generated one, which works for a week. */
export async function passwordToSet(given?: string): Promise<PasswordToSet> {
  const password = given ?? generatePassword();
  const expires = new Date(Date.now() + GENERATED_PASSWORD_DAYS * 86_400_000);
  return {
    password_hash: await hashPassword(password),
    password_expires_at: given === undefined ? expires : null,
    generated: given === undefined ? password : null,
  };
}

/** Creates a user of a brand, or with null of the platform. Throws a `conflict` problem when the e-mail is taken there. */
export async function insertUser(
  trx: CommerceTransaction,
  tenantId: string | null,
  { email, name, role }: NewUser,
  { password_hash, password_expires_at }: PasswordToSet,
): Promise<User> {
  const row = await trx
    .insertInto('users')
    .values({ tenant_id: tenantId, email, name, role, password_hash, password_expires_at })
    .returning(userColumns)
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      throw takenEmail(error) ?? error;
    });
  return asUser(row);
}

/** As insertUser, in a transaction of its own and with a generated password when none is given. For the platform's own work. */
export async function createUser(
  database: CommerceDatabase,
  tenantId: string | null,
  input: NewUser & { readonly password?: string },
  actor: Actor = {},
): Promise<{ readonly user: User; readonly generatedPassword: string | null }> {
  const password = await passwordToSet(input.password);
  const user = await database.asPlatform(actor, (trx) => insertUser(trx, tenantId, input, password));
  return { user, generatedPassword: password.generated };
}

export const userColumns = [
  'id',
  'email',
  'name',
  'role',
  'status',
  'password_expires_at',
  'created_at',
  'updated_at',
] as const;

/** A row of users, read by `userColumns`. */
export function asUser(row: {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly status: 'active' | 'disabled';
  readonly password_expires_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}): User {
  const { id, email, name, role, status } = row;
  const times = { passwordExpiresAt: row.password_expires_at, createdAt: row.created_at, updatedAt: row.updated_at };
  return { id, email, name, role: role as Role, status, ...times };
}

function takenEmail(error: unknown): Problem | null {
  if ((error as { constraint?: string } | null)?.constraint !== 'users_email') return null;
  return new Problem('conflict', 'Somebody with this e-mail is there already.', {
    errors: [{ path: 'email', message: 'is taken' }],
    cause: error,
  });
}
