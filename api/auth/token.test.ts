import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problem.ts';
import { roleNames, roles } from './roles.ts';
import { bearerToken, mintToken, verifyToken } from './token.ts';

const secret = 'a signing key of more than 32 bytes here';
const tenant = '018f4e2a-0000-7000-8000-000000000001';

async function refusal(token: string): Promise<string> {
  const error = await verifyToken(token, secret).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).status).toBe(401);
  return (error as Problem).message;
}

const claims = () =>
  new SignJWT({ role: 'executive' }).setIssuer('uco').setAudience('uco-api').setSubject('x').setExpirationTime('1h');
const key = new TextEncoder().encode(secret);

describe('access tokens', () => {
  it('say who asks, for every role', async () => {
    for (const role of roleNames) {
      const bound = roles[role] === 'brand' ? tenant : undefined;
      const token = await mintToken({ role, secret, ...(bound ? { tenant: bound } : {}) });
      expect(await verifyToken(token, secret)).toEqual({ subject: role, role, tenantId: bound ?? null });
    }
  });

  it('are not minted for a brand role without a brand, nor for a platform role with one', async () => {
    await expect(mintToken({ role: 'analyst', secret })).rejects.toThrow(/name its tenant/);
    await expect(mintToken({ role: 'executive', tenant, secret })).rejects.toThrow(/can not be bound/);
    await expect(mintToken({ role: 'analyst', tenant: 'a-slug', secret })).rejects.toThrow(/id of a brand/);
    await expect(mintToken({ role: 'executive', ttl: '1 hour', secret })).rejects.toThrow(/ttl/);
  });

  // Mutation: verification without `algorithms`, `audience`, `issuer` or `requiredClaims`.
  it('are refused when forged, expired, for others, or unsigned', async () => {
    const signed = () => claims().setProtectedHeader({ alg: 'HS256' });
    expect(
      await refusal(await signed().sign(new TextEncoder().encode('another key of more than 32 bytes !!'))),
    ).toMatch(/not valid/);
    expect(await refusal(await signed().setExpirationTime(1).sign(key))).toMatch(/expired/);
    expect(await refusal(await signed().setAudience('other').sign(key))).toMatch(/not valid/);
    expect(await refusal(await signed().setIssuer('other').sign(key))).toMatch(/not valid/);
    expect(await refusal(await claims().setProtectedHeader({ alg: 'HS512' }).sign(key))).toMatch(/not valid/);
    const eternal = new SignJWT({ role: 'executive' }).setIssuer('uco').setAudience('uco-api').setSubject('x');
    expect(await refusal(await eternal.setProtectedHeader({ alg: 'HS256' }).sign(key))).toMatch(/not valid/);
    const { privateKey } = await generateKeyPair('RS256');
    expect(await refusal(await claims().setProtectedHeader({ alg: 'RS256' }).sign(privateKey))).toMatch(/not valid/);
    const none = new UnsecuredJWT({ role: 'platform_admin' }).setIssuer('uco').setAudience('uco-api').setSubject('x');
    expect(await refusal(none.setExpirationTime('1h').encode())).toMatch(/not valid/);
  });

  // Mutation: the binding checked at minting only.
  it('are refused when their claims do not fit, even well signed', async () => {
    for (const payload of [
      { role: 'root' },
      { role: ['executive'] },
      { role: 'brand_admin' },
      { role: 'executive', tenant },
      { role: 'brand_admin', tenant: '00000000-0000-0000-0000-000000000000' },
      { role: 'brand_admin', tenant: `${tenant}' OR 1=1` },
      { role: '__proto__' },
    ]) {
      const token = new SignJWT(payload)
        .setIssuer('uco')
        .setAudience('uco-api')
        .setSubject('x')
        .setExpirationTime('1h');
      await refusal(await token.setProtectedHeader({ alg: 'HS256' }).sign(key));
    }
  });

  it('are read from a bearer header and from nothing else', () => {
    expect(bearerToken('Bearer a.b.c')).toBe('a.b.c');
    expect(bearerToken('bearer  a.b.')).toBe('a.b.');
    for (const header of [
      undefined,
      '',
      'Bearer',
      'Basic a.b.c',
      'Bearer a.b',
      'Bearer a.b.c d',
      'Bearer a.b.c\u0001',
    ]) {
      expect(() => bearerToken(header)).toThrow(Problem);
    }
  });
});
