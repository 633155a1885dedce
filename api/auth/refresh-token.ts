import { createHash, createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'uco_rt_';

/** A new refresh token: 256 random bits. */
export function newRefreshToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/**
 * The token that follows `token`. It is a keyed function of it, unguessable without the instance's key, so that of two refreshes at
 * once (two tabs, or one repeated because its answer was lost) both get the same one, though only hashes are stored.
 */
export function successorOf(token: string, secret: Uint8Array | string): string {
  const key = createHmac('sha256', secret).update('uco refresh token').digest();
  return PREFIX + createHmac('sha256', key).update(token).digest('base64url');
}

/** As it is stored. A token is 256 random bits: nothing a slow hash would add. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
