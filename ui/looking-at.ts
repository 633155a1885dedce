// Somebody of the platform looks at one brand: its dashboards below `/brand/@slug/`, read-only. The API decides what they may see.

/** What of an address below `/brand/` names a brand; null without. Brands' own people work without it. */
export function brandOfPath(pathname: string): string | null {
  return /^\/brand\/@([a-z0-9-]{1,63})(?=\/|$)/.exec(pathname)?.[1] ?? null;
}

/** The brand (slug) this page looks at; of the page, for it takes a new one to look at another. */
export const lookingAt = typeof location === 'undefined' ? null : brandOfPath(location.pathname);

/** Where the brand dashboards' pages begin. */
export const brandBase = lookingAt === null ? '/brand' : `/brand/@${lookingAt}`;

/** A brand that is looked at from outside (`brand`, or the page's) is shown in its own days: platform roles are told of UTC days otherwise. */
export function inBrandDays<Query extends { readonly timezone?: string }>(query: Query, brand?: string): Query {
  return (brand ?? lookingAt) === null ? query : { ...query, timezone: query.timezone ?? 'brand' };
}

/** Whether a request changes nothing, or nothing of the brand: all that a page which only looks may send. */
export function isLooking(method: string, path: string): boolean {
  return method === 'GET' || /^\/api\/v1\/(auth|kpis)\//.test(path);
}
