import { errors, jwtVerify, SignJWT } from 'jose';
import { Problem } from '../problem.ts';
import { isPlatformRole, isRole, type PrincipalRole, type Role } from './roles.ts';

const ISSUER = 'uco';
const AUDIENCE = 'uco-api';
const ALGORITHM = 'HS256';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/** Who asks. `tenantId` is null for platform roles, and never for the others. */
export interface Identity {
  /** Id of the user or of the API key; the name of the role for a token of the command line. */
  readonly subject: string;
  readonly role: PrincipalRole;
  readonly tenantId: string | null;
  /** Id of the session that a user's access token belongs to. */
  readonly sessionId?: string;
}

/** What an access token says. */
export interface Claims extends Identity {
  readonly role: Role;
}

export interface TokenRequest {
  readonly role: Role;
  /** Id of the brand: required for brand roles, refused for platform roles. */
  readonly tenant?: string;
  /** Life in the form `30s`, `15m`, `1h`, `7d`. */
  readonly ttl?: string;
  /** The instance's signing key, at least 32 bytes. */
  readonly secret: Uint8Array | string;
  readonly subject?: string;
  /** Id of the session the token belongs to; without one it holds until it expires. */
  readonly session?: string;
}

/** Makes an access token. Throws a TypeError that says what is wrong with the request. */
export async function mintToken(request: TokenRequest): Promise<string> {
  const tenant = request.tenant?.toLowerCase() ?? null;
  const wrong = wrongBinding(request.role, tenant);
  if (wrong !== null) throw new TypeError(wrong);
  const ttl = request.ttl ?? '1h';
  if (!/^[1-9]\d{0,5}[smhd]$/.test(ttl)) throw new TypeError(`ttl must look like 30s, 15m, 1h or 7d, not "${ttl}"`);
  const { session } = request;
  return new SignJWT({
    role: request.role,
    ...(tenant === null ? {} : { tenant }),
    ...(session ? { sid: session } : {}),
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(request.subject ?? request.role)
    .setIssuedAt()
    .setExpirationTime(ttl)
    .sign(key(request.secret));
}

/** Whom a token speaks for. Throws an `unauthenticated` problem for anything but a valid one of ours. */
export async function verifyToken(token: string, secret: Uint8Array | string): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, key(secret), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'sub', 'role'],
    });
    const tenant = payload.tenant ?? null;
    if (!isRole(payload.role) || (tenant !== null && typeof tenant !== 'string')) throw refused('claims');
    if (wrongBinding(payload.role, tenant) !== null) throw refused('claims');
    const { sid } = payload;
    if (sid !== undefined && (typeof sid !== 'string' || !UUID.test(sid))) throw refused('claims');
    return { subject: String(payload.sub), role: payload.role, tenantId: tenant, ...(sid ? { sessionId: sid } : {}) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw refused(error instanceof errors.JWTExpired ? 'expired' : 'not valid', error);
  }
}

/** The access token or API key (`uco_…`) of an `Authorization` header. Throws an `unauthenticated` problem. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw refused('missing');
  const match = /^Bearer +(uco_[\w-]{43}|[\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header.trim());
  if (match?.[1] === undefined) throw refused('not valid');
  return match[1];
}

function wrongBinding(role: Role, tenant: string | null): string | null {
  if (!isRole(role)) return `unknown role "${String(role)}"`;
  if (isPlatformRole(role)) return tenant === null ? null : `${role} sees all brands and can not be bound to one`;
  if (tenant === null) return `${role} belongs to a brand: name its tenant`;
  return UUID.test(tenant) && tenant !== NO_TENANT ? null : 'tenant must be the id of a brand';
}

/** The 401 problem for a request whose token is missing or no good. */
export function refused(
  why: 'missing' | 'expired' | 'not valid' | 'claims' | 'ended' | 'key',
  cause?: unknown,
): Problem {
  const detail = {
    missing: 'Send an access token: Authorization: Bearer TOKEN.',
    expired: 'The access token has expired.',
    'not valid': 'The access token is not valid.',
    claims: 'The access token names no role we know, or binds it wrongly.',
    ended: 'The session has ended: sign in again.',
    key: 'The API key is unknown, revoked or expired.',
  }[why];
  const challenge = why === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
  return new Problem('unauthenticated', detail, {
    cause,
    errors: [{ path: 'header authorization', message: detail }],
    headers: { 'www-authenticate': challenge },
  });
}

function key(secret: Uint8Array | string): Uint8Array {
  return typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
}
