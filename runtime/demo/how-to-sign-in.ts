import { table } from '../table.ts';
import { readDemoPassword } from './password.ts';
import { demoUsers } from './users.ts';

export interface DemoAccount {
  readonly email: string;
  readonly role: string;
  readonly brand: string | null;
}

export interface DemoSignIn {
  readonly url: string;
  readonly password: string;
  readonly accounts: readonly DemoAccount[];
}

/** How people of the demo sign in to the instance on a data directory; null when it has no demo. */
export function demoSignIn(url: string, dataDir: string): DemoSignIn | null {
  const password = readDemoPassword(dataDir);
  if (password === null) return null;
  return { url, password, accounts: demoUsers.map(({ email, role, brand }) => ({ email, role, brand })) };
}

export function formatSignIn({ url, password, accounts }: DemoSignIn): string {
  const rows = accounts.map(({ email, role, brand }) => [email, role, brand ?? 'all']);
  return `${table(['e-mail', 'role', 'brand'], rows)}\nPassword of them all: ${password}\nSign in: POST ${url}/api/v1/auth/sign-in with {"email", "password"}\n`;
}
