import { randomBytes } from 'node:crypto';
import { type AdminClient, connectAdmin } from './postgres.ts';

const ADVISORY_LOCK = 7_210_417_004;

/**
 * The URL under which requests of brands log in: a role that can do nothing but become uco_app, so that no SQL text, however
 * it came about, leads back to the administrator. Created on first use (role and password are kept by the database);
 * call it after the migrations.
 */
export async function provisionApiLogin(adminUrl: string): Promise<string> {
  const client = await connectAdmin(adminUrl, { applicationName: 'uco api login' });
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const { role, password } = (await existingLogin(client)) ?? (await createLogin(client));
    await client.query('COMMIT');
    const url = new URL(adminUrl);
    // As parameters: they win over user:password@, and a URL of a Unix socket has no place for the latter.
    url.searchParams.set('user', role);
    url.searchParams.set('password', password);
    return url.href;
  } finally {
    await client.end();
  }
}

interface Login {
  role: string;
  password: string;
}

async function existingLogin(client: AdminClient): Promise<Login | undefined> {
  await client.query('CREATE TABLE IF NOT EXISTS ops.api_login (role text PRIMARY KEY, password text NOT NULL)');
  const { rows } = await client.query<Login>(
    // A database restored into another cluster brings the row but not the role.
    'SELECT l.role, l.password FROM ops.api_login l JOIN pg_roles r ON r.rolname = l.role',
  );
  return rows[0];
}

async function createLogin(client: AdminClient): Promise<Login> {
  const database = await client.query<{ oid: string }>(
    'SELECT oid FROM pg_database WHERE datname = current_database()',
  );
  // Roles belong to the cluster: two instances in one cluster have a login each.
  const role = `uco_api_${database.rows[0]?.oid}`;
  const password = randomBytes(24).toString('hex');
  const taken = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = taken.rowCount ? 'ALTER' : 'CREATE';
  // Utility statements take no parameters; both values are made above, of letters and digits.
  await client.query(`${verb} ROLE ${role} LOGIN NOINHERIT PASSWORD '${password}'`);
  await client.query(`GRANT uco_app TO ${role} WITH INHERIT FALSE, SET TRUE`);
  await client.query('DELETE FROM ops.api_login');
  await client.query('INSERT INTO ops.api_login (role, password) VALUES ($1, $2)', [role, password]);
  return { role, password };
}
