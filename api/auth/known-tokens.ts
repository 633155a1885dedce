import { decodeJwt } from 'jose';
import { type Claims, verifyToken } from './token.ts';

const MOST = 10_000;

/**
 * Access tokens, verified once: what a signed token says does not change until it expires, and checking its signature is a tenth of
 * what a small request costs. Whether its session still lives and what its role may do is for others to ask, each time.
 */
export class KnownTokens {
  private readonly secret: Uint8Array | string;
  private readonly known = new Map<string, { readonly claims: Claims; readonly expiresMs: number }>();

  constructor(secret: Uint8Array | string) {
    this.secret = secret;
  }

  /** As `verifyToken`. */
  async claimsOf(token: string): Promise<Claims> {
    const known = this.known.get(token);
    if (known !== undefined && Date.now() < known.expiresMs) return known.claims;
    this.known.delete(token);
    const claims = await verifyToken(token, this.secret);
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(token, { claims, expiresMs: (decodeJwt(token).exp ?? 0) * 1000 });
    return claims;
  }
}
