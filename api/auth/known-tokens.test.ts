import { afterEach, expect, test, vi } from 'vitest';
import { KnownTokens } from './known-tokens.ts';
import { mintToken } from './token.ts';

const secret = 'a signing key of more than 32 bytes here';

afterEach(() => {
  vi.useRealTimers();
});

// Red when a token that was seen is believed for longer than it holds.
test('a token that was seen is refused from the moment it expires', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  const tokens = new KnownTokens(secret);
  const token = await mintToken({ role: 'executive', secret, ttl: '1m' });
  const claims = await tokens.claimsOf(token);
  vi.setSystemTime(Date.now() + 59_000);
  expect(await tokens.claimsOf(token)).toBe(claims);
  vi.setSystemTime(Date.now() + 1_000);
  await expect(tokens.claimsOf(token)).rejects.toThrow('expired');
});

test('nothing but the very token is believed', async () => {
  const tokens = new KnownTokens(secret);
  const token = await mintToken({ role: 'executive', secret });
  await tokens.claimsOf(token);
  const [header, payload] = token.split('.');
  await expect(tokens.claimsOf(`${header}.${payload}.`)).rejects.toThrow('not valid');
  await expect(new KnownTokens(`${secret}!`).claimsOf(token)).rejects.toThrow('not valid');
});
