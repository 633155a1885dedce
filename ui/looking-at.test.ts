import { expect, it } from 'vitest';
import { brandOfPath, isLooking } from './looking-at.ts';

it('reads the brand that an address names, and nothing else', () => {
  expect(brandOfPath('/brand/@acme/sales')).toBe('acme');
  expect(brandOfPath('/brand/@acme')).toBe('acme');
  for (const path of [
    '/brand/',
    '/brand/acme',
    '/brand/@',
    '/brand/@Ac me/',
    '/brand/@acme%2f/',
    '/control-tower/@acme/',
  ])
    expect([path, brandOfPath(path)]).toEqual([path, null]);
});

it('lets a page that looks ask for figures and sign out, and change nothing', () => {
  expect(isLooking('GET', '/api/v1/orders')).toBe(true);
  expect(isLooking('POST', '/api/v1/kpis/explain')).toBe(true);
  expect(isLooking('POST', '/api/v1/auth/sign-out')).toBe(true);
  for (const method of ['POST', 'PATCH', 'DELETE']) expect(isLooking(method, '/api/v1/users')).toBe(false);
});
