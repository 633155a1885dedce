import { sql } from 'kysely';
import { GENERATED_PASSWORD_DAYS, generatePassword, hashPassword } from '../../auth/password.ts';
import type { Role } from '../../auth/roles.ts';
import { Problem } from '../../problem.ts';
import type { Actor, CommerceDatabase, CommerceTransaction } from '../database.ts';
import { unknown } from '../endpoints.ts';
import { utcText } from '../fields.ts';

/** A person who may sign in. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly status: 'active' | 'disabled';
  /** ISO 8601; null when the password does not expire. */
  readonly passwordExpiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
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
  return trx
    .insertInto('users')
    .values({ tenant_id: tenantId, email, name, role, password_hash, password_expires_at })
    .returning(userColumns)
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      throw takenEmail(error) ?? error;
    });
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

/** Users of a brand, or with null of the platform: also where row-level security does not choose. */
export function selectUsers(trx: CommerceTransaction, tenantId: string | null) {
  return trx
    .selectFrom('users')
    .select(userColumns)
    .where('tenant_id', tenantId === null ? 'is' : '=', tenantId);
}

/** The user, locked until the end of the transaction if asked. A 404 problem when there is none here. */
export async function readUser(
  trx: CommerceTransaction,
  tenantId: string | null,
  id: string,
  lock = false,
): Promise<User> {
  const query = selectUsers(trx, tenantId).where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined) throw unknown('user');
  return row;
}

/**
 * Refuses to take the last active administrator from the platform or a brand. Call it before the change: it locks all of them, so that
 * of two who demote each other one is refused.
 */
export async function keepAnAdministrator(
  trx: CommerceTransaction,
  tenantId: string | null,
  id: string,
): Promise<void> {
  const role = tenantId === null ? 'platform_admin' : 'brand_admin';
  const administrators = await trx
    .selectFrom('users')
    .select('id')
    .where('tenant_id', tenantId === null ? 'is' : '=', tenantId)
    .where('role', '=', role)
    .where('status', '=', 'active')
    .orderBy('id')
    .forUpdate()
    .execute();
  if (administrators.length > 1 || administrators[0]?.id !== id) return;
  throw new Problem('conflict', `This is the last active ${role}: appoint another one first.`);
}

const userColumns = [
  'id',
  'email',
  'name',
  sql<Role>`role`.as('role'),
  'status',
  utcText<string | null>('password_expires_at').as('passwordExpiresAt'),
  utcText('created_at').as('createdAt'),
  utcText('updated_at').as('updatedAt'),
] as const;

function takenEmail(error: unknown): Problem | null {
  if ((error as { constraint?: string } | null)?.constraint !== 'users_email') return null;
  return new Problem('conflict', 'Somebody with this e-mail is there already.', {
    errors: [{ path: 'email', message: 'is taken' }],
    cause: error,
  });
}
