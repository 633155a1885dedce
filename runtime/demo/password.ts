import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePassword } from '../../api/auth/password.ts';
import { writePrivateFile } from '../private-file.ts';

const pathIn = (dataDir: string) => join(dataDir, 'demo-password');

/** The password of the demo's users, which this instance makes up once; readable by its owner only. */
export function openDemoPassword(dataDir: string): string {
  const known = readDemoPassword(dataDir);
  if (known !== null) return known;
  const password = generatePassword();
  writePrivateFile(pathIn(dataDir), `${password}\n`);
  return password;
}

/** Null when there is none: no demo was seeded from this folder. */
export function readDemoPassword(dataDir: string): string | null {
  return existsSync(pathIn(dataDir)) ? readFileSync(pathIn(dataDir), 'utf8').trim() : null;
}
