import { randomInt } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { hash, verify } from '@node-rs/argon2';
import { Counter, type Registry } from 'prom-client';

/** Argon2id with the parameters OWASP recommends (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Long rather than colourful (NIST SP 800-63B): any characters, no rules of composition. */
export const newPasswordSchema = z
  .string()
  .min(12)
  .max(128)
  .openapi({ description: 'A password: 12 to 128 characters of any kind.', example: 'correct horse battery' });

/** A generated password stops working after this time. */
export const GENERATED_PASSWORD_DAYS = 7;

// No 0/O, 1/l/I: it is read from a screen and typed.
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** 20 random characters, 116 bits. */
export function generatePassword(): string {
  return Array.from({ length: 20 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), parameters);
}

let nobody: Promise<string> | undefined;

/** Compares passwords with hashes, at the same cost whether there is a hash or not. */
export class PasswordCheck {
  private readonly checks: Counter;

  constructor(registry: Registry) {
    this.checks = new Counter({
      name: 'uco_api_password_checks_total',
      help: 'Passwords compared with a hash, those of unknown users included.',
      registers: [registry],
    });
    // Before the first request, which would take longer otherwise.
    nobody ??= hashPassword(generatePassword());
  }

  /** Whether it is the password of the hash; with null it is not, and takes as long to find out. */
  async matches(passwordHash: string | null, password: string): Promise<boolean> {
    this.checks.inc();
    const matches = await verify(passwordHash ?? (await (nobody as Promise<string>)), password.normalize('NFKC'));
    return passwordHash !== null && matches;
  }
}
