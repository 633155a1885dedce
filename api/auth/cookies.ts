import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { Problem } from '../problem.ts';

/** Where the refresh cookie is sent to, and nowhere else. */
const REFRESH_PATH = '/api/v1/auth';

export interface BrowserTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
}

/**
 * `__Host-` binds a cookie to this very host and to https, but allows no other path than `/`: so the refresh cookie, which is limited to
 * its path, is `__Secure-`. Browsers accept neither prefix over plain http.
 */
function cookies(c: Context) {
  const secure = isHttps(c);
  const common = { httpOnly: true, sameSite: 'Strict', secure } as const;
  return {
    access: { name: secure ? '__Host-uco_access' : 'uco_access', options: { ...common, path: '/' } },
    refresh: { name: secure ? '__Secure-uco_refresh' : 'uco_refresh', options: { ...common, path: REFRESH_PATH } },
  };
}

export function accessCookie(c: Context): string | undefined {
  return getCookie(c, cookies(c).access.name);
}

export function refreshCookie(c: Context): string | undefined {
  return getCookie(c, cookies(c).refresh.name);
}

export function setTokenCookies(c: Context, tokens: BrowserTokens): void {
  const { access, refresh } = cookies(c);
  setCookie(c, access.name, tokens.accessToken, { ...access.options, maxAge: tokens.accessSeconds });
  setCookie(c, refresh.name, tokens.refreshToken, { ...refresh.options, maxAge: tokens.refreshSeconds });
}

export function clearTokenCookies(c: Context): void {
  for (const { name, options } of Object.values(cookies(c))) deleteCookie(c, name, options);
}

/**
 * Refuses a request that a page of another site may have made with the user's cookies. SameSite=Strict keeps cookies from other sites,
 * but not from other hosts of the same site, so a request that changes anything must also
 * - say that it comes from this origin: `Sec-Fetch-Site`, which browsers set and pages can't, or `Origin` where a browser lacks it;
 * - carry `x-uco-csrf: 1`: a header of one's own makes browsers ask for leave first (CORS), which this API never gives.
 * There is no token to keep, leak or lose. Requests with an access token in a header need none of it: no browser adds that by itself.
 */
export function refuseCrossSite(c: Context): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const site = c.req.header('sec-fetch-site');
  const isOwn = site === undefined ? isOwnOrigin(c) : site === 'same-origin';
  if (isOwn && c.req.header('x-uco-csrf') === '1') return;
  throw new Problem('forbidden', 'With cookies, send this from our own pages with the header x-uco-csrf: 1.', {
    errors: [{ path: isOwn ? 'header x-uco-csrf' : 'header origin', message: 'does not come from this site' }],
  });
}

function isOwnOrigin(c: Context): boolean {
  const origin = c.req.header('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host;
}

/** We speak http; https ends at a proxy before us, which says so. A client that lies makes its own cookies useless. */
function isHttps(c: Context): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
  return (forwarded ?? new URL(c.req.url).protocol.replace(':', '')) === 'https';
}
