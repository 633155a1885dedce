import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import type { AddressRanges } from './address-ranges.ts';
import type { ApiEnv } from './context.ts';

/**
 * Puts the client's address into the context: for limits and the audit trail. It is the other end of the connection; when that is a
 * trusted proxy, whom `X-Forwarded-For` names last, and so on leftwards as long as proxies name proxies. What stands further left, or
 * comes from anybody else, was written by the client and says nothing.
 */
export function clientAddress(proxies: AddressRanges): MiddlewareHandler<ApiEnv> {
  return (c, next) => {
    c.set('address', addressOf(c, proxies));
    return next();
  };
}

function addressOf(c: Context, proxies: AddressRanges): string | undefined {
  let address = plain(peer(c));
  const named = c.req.header('x-forwarded-for')?.split(',') ?? [];
  while (address !== undefined && proxies.has(address)) {
    const before = plain(named.pop());
    // Nobody, or no address: the proxy is the last one we know of.
    if (before === undefined) break;
    address = before;
  }
  return address;
}

/** Undefined where there is no connection (in-process requests). */
function peer(c: Context): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined;
  }
}

/** An address as it is compared and stored: without port (some proxies add it) and zone (which means something on one machine only). */
function plain(text: string | undefined): string | undefined {
  const bare = text
    ?.trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '');
  return bare !== undefined && isIP(bare) !== 0 ? bare : undefined;
}
