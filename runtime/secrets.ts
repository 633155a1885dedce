import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { writePrivateFile } from './private-file.ts';

const secret = z.string().min(32);
const secretsSchema = z.object({
  /** Password of the Postgres superuser `uco`. */
  postgres: secret,
  clickhouse: z.object({ admin: secret, tenantReader: secret, platformReader: secret }),
  /** Key that signs access tokens. */
  tokenKey: secret,
});

/** What only this instance knows. Never logged, never on a command line. */
export type Secrets = z.output<typeof secretsSchema>;

const generate = () => randomBytes(32).toString('base64url');

/** The secrets of a data directory, made on the first start. */
export function openSecrets(dir: string): Secrets {
  const path = join(dir, 'secrets.json');
  if (existsSync(path)) return readSecrets(dir);
  // The stores know the old passwords: new ones would lock us out of them.
  if (existsSync(join(dir, 'postgres'))) {
    throw new Failure(
      `${path} is missing, but the stores beside it were made with it.`,
      'Restore that file from a backup.',
    );
  }
  const secrets: Secrets = {
    postgres: generate(),
    clickhouse: { admin: generate(), tenantReader: generate(), platformReader: generate() },
    tokenKey: generate(),
  };
  writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/** The secrets of a data directory that has been started before. */
export function readSecrets(dir: string): Secrets {
  const path = join(dir, 'secrets.json');
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Failure(`${path} can't be read as the secrets of an instance.`, 'Restore that file from a backup.', {
      cause,
    });
  }
}
