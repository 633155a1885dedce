// Every page of both apps, as their routers know them: a page that is added is looked at without being named here.
import type { Page } from 'playwright-core';

export const APPS = ['brand', 'control-tower'] as const;
export type App = (typeof APPS)[number];

export interface DashboardPage {
  readonly app: App;
  /** For file names: `brand-orders-orderId`. */
  readonly name: string;
  /** As the router has it: `/orders/$orderId`. */
  readonly route: string;
  /** Where it is shown: `/brand/orders/0190…`. */
  readonly path: string;
}

/** What stands for a `$parameter` of a route: a list of the API (newest first), and what of its oldest item. */
const EXAMPLES: Readonly<Record<string, readonly [list: string, field: string]>> = {
  // With all that an order can have.
  number: ['/api/v1/orders?status=delivered&limit=1', 'orderNumber'],
  brand: ['/api/v1/tenants?limit=100', 'slug'],
};

/**
 * The pages of an app. `page` is a visitor who may see them, on any page of the app.
 * Throws for a route whose parameter nothing stands for.
 */
export async function pagesOf(page: Page, app: App): Promise<DashboardPage[]> {
  const known = await page.evaluate<string[]>('Object.keys(__TSR_ROUTER__.routesByPath)');
  const routes = known.filter((route) => !/[$*]$/.test(route));
  const pages: DashboardPage[] = [];
  for (const route of routes) {
    let path = route;
    for (const [, parameter = ''] of route.matchAll(/\$(\w+)/g)) {
      path = path.replace(`$${parameter}`, await example(page, route, parameter));
    }
    const name = [app, ...(route === '/' ? ['overview'] : route.split('/').filter(Boolean))]
      .join('-')
      .replaceAll('$', '');
    pages.push({ app, name, route, path: `/${app}${path}` });
  }
  return pages;
}

async function example(page: Page, route: string, parameter: string): Promise<string> {
  const [list, field] = EXAMPLES[parameter] ?? [];
  if (list === undefined || field === undefined) {
    throw new Error(`Say in verify/browser/pages.ts what stands for $${parameter} of the page ${route}.`);
  }
  const answer = await page.evaluate<{ items?: Record<string, string>[] }>(
    `fetch(${JSON.stringify(list)}).then((response) => response.json())`,
  );
  const value = answer.items?.at(-1)?.[field];
  if (value === undefined) throw new Error(`${list} has nothing that could stand for $${parameter} of ${route}.`);
  return value;
}

/** Goes to another page of the app that `page` is in, as a link would, without loading the app again; resolves when it is settled. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const router = __TSR_ROUTER__;
    const before = router.state.resolvedLocation;
    router.history.push(${JSON.stringify(path)});
    const look = () => {
      const { status, location, resolvedLocation } = router.state;
      if (status === 'idle' && resolvedLocation !== before && resolvedLocation.href === location.href) resolve();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
  await settled(page);
}

/** Resolves when a page has all it will show: its heading, its fonts, no skeleton, charts drawn. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.skeleton:visible').first().waitFor({ state: 'detached' });
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))',
  );
}

/** What every page asks once, whatever its figures: who looks, and what the KPIs mean. */
const NO_FIGURES = /^\/api\/v1\/(auth\/|kpis$|tenants\/current$)/;

/** Whether a request for this path asks for what a page shows. */
export function asksForFigures(pathname: string): boolean {
  return pathname.startsWith('/api/') && !NO_FIGURES.test(pathname);
}
