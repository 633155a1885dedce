import { mintToken } from '../../../api/auth/token.ts';
import type { Log } from '../../log.ts';
import { allOrFirstError } from '../../promises.ts';
import type { BrandPlan } from '../brand-plan.ts';
import { demoBrands } from '../brands.ts';
import { LIVE_DAY } from './life.ts';
import { patientFetch } from './patient-fetch.ts';
import { Shop } from './shop.ts';
import { brandShare } from './visits.ts';

export interface TrafficOptions {
  /** Of the API. */
  readonly url: string;
  /** Key that signs access tokens. */
  readonly secret: string;
  /** Orders per minute over all brands, on the day's average. */
  readonly rate: number;
  /** How long (ms) what takes a day in the history takes here. */
  readonly liveDay?: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Trades for every brand of the demo until `signal` fires, or one of them can't go on. */
export async function runTraffic({ url, secret, rate, log, signal, ...more }: TrafficOptions): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const fetch = patientFetch(ending);
  const brands = await brandIds(url, secret, fetch);
  const trade = async (plan: BrandPlan, tenant: string) => {
    // As whoever works there: placing and shipping orders, booking stock.
    const token = fresh(() => mintToken({ role: 'brand_manager', tenant, secret, subject: 'demo' }));
    const client = { fetch: authorized(fetch, token) };
    const pace = { liveDay: more.liveDay ?? LIVE_DAY, perMinute: rate * brandShare(plan, demoBrands) };
    await new Shop({ plan, url, client, log, ...pace }).run(ending);
  };
  const shops = demoBrands.flatMap((plan) => {
    const tenant = brands.get(plan.slug);
    return tenant === undefined ? [] : [trade(plan, tenant)];
  });
  log.info({ brands: shops.length, rate }, 'live traffic begins');
  await allOrFirstError(
    shops.map((shop) =>
      shop.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
}

/** Ids of all active brands by slug. */
async function brandIds(url: string, secret: string, fetch: typeof globalThis.fetch): Promise<Map<string, string>> {
  const token = await mintToken({ role: 'platform_admin', secret, subject: 'demo' });
  const response = await fetch(`${url}/api/v1/tenants?status=active&limit=200`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`brands: ${response.status} ${await response.text()}`);
  const { items } = (await response.json()) as { items: { id: string; slug: string }[] };
  return new Map(items.map(({ id, slug }) => [slug, id]));
}

const TOKEN_LIFE_MS = 30 * 60_000;

/** A token that is made anew well before its hour is over. */
function fresh(mint: () => Promise<string>): () => Promise<string> {
  let token: Promise<string> | undefined;
  let madeAt = 0;
  return () => {
    if (token === undefined || Date.now() - madeAt > TOKEN_LIFE_MS) {
      token = mint();
      madeAt = Date.now();
    }
    return token;
  };
}

function authorized(fetch: typeof globalThis.fetch, token: () => Promise<string>): typeof globalThis.fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    return fetch(input, { ...init, headers });
  };
}
