import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { AddressRanges } from './address-ranges.ts';
import { clientAddress } from './client-address.ts';
import type { ApiEnv } from './context.ts';

const app = new Hono<ApiEnv>();
app.use('*', clientAddress(new AddressRanges(['10.0.0.0/8', 'fd00::/8', '192.0.2.1'])));
app.get('/', (c) => c.text(c.get('address') ?? 'none'));

async function seen(peer: string | undefined, forwarded?: string): Promise<string> {
  const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const connection = peer === undefined ? {} : { incoming: { socket: { remoteAddress: peer } } };
  return (await app.request('/', { headers }, connection)).text();
}

// Each row: who is connected, what X-Forwarded-For says, who asks.
test.each([
  ['a stranger', '198.51.100.7', undefined, '198.51.100.7'],
  ['a stranger who names somebody else', '198.51.100.7', '203.0.113.5', '198.51.100.7'],
  ['a stranger who names a proxy', '198.51.100.7', '203.0.113.5, 10.0.0.1', '198.51.100.7'],
  ['a proxy', '10.0.0.1', '203.0.113.5', '203.0.113.5'],
  ['a proxy, for somebody who names somebody else', '10.0.0.1', '1.2.3.4, 203.0.113.5', '203.0.113.5'],
  ['a proxy behind proxies', 'fd00::1', '1.2.3.4, 203.0.113.5, 192.0.2.1, 10.2.3.4', '203.0.113.5'],
  ['a proxy that names a proxy and nobody else', '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ['a proxy that names nobody', '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy that names nothing', '10.0.0.1', '203.0.113.5, ', '10.0.0.1'],
  ['a proxy that names no address', '10.0.0.1', '203.0.113.5, unknown, 10.0.0.2', '10.0.0.2'],
  ['a proxy that tells the port', '10.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
  ['a proxy that tells the port, IPv6', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['a proxy over a socket of both families', '::ffff:10.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
  ['a neighbour', 'fe80::1%eth0', undefined, 'fe80::1'],
  ['nobody, within the process', undefined, '203.0.113.5', 'none'],
])('%s', async (_, peer, forwarded, client) => {
  expect(await seen(peer, forwarded)).toBe(client);
});
