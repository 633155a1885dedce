// `npm run screenshots`: every page of both apps as a picture, to be looked at. See README.md of this room.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { OwnInstance } from '../soak/own-instance.ts';
import { launchChromium, newVisitor } from './chromium.ts';
import { PEOPLE } from './demo-world.ts';
import { APPS, type App, type DashboardPage, pagesOf, settled } from './pages.ts';
import { signIn } from './sign-in.ts';

const WIDTHS = [1440, 390];
const SCHEMES = ['light', 'dark'] as const;
const STATES = ['full', 'empty', 'loading', 'error'] as const;
type State = (typeof STATES)[number];

/** Of a brand in which nothing has happened yet. */
const NEWCOMER = { slug: 'newcomer', email: 'admin@newcomer.example' };

/** What a page needs before it can say what it is about: these are answered in every state. */
const ANSWERED = /^\/api\/v1\/(auth\/|kpis$|tenants\/current$)/;

interface Options {
  readonly folder: string;
  readonly only: string;
  readonly states: readonly State[];
  readonly widths: readonly number[];
}

interface Scene {
  readonly url: string;
  readonly password: string;
  readonly browser: Browser;
  /** The clock of every page stands here. */
  readonly now: Date;
}

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'screenshots' },
      only: { type: 'string', default: '' },
      states: { type: 'string', default: STATES.join(',') },
      widths: { type: 'string', default: WIDTHS.join(',') },
      'data-dir': { type: 'string' },
    },
  });
  const states = values.states.split(',').filter((one): one is State => STATES.includes(one as State));
  const widths = values.widths.split(',').map(Number);
  const options = { folder: path.resolve(values.out), only: values.only, states, widths };
  if (options.only === '') rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true });
  const running = values['data-dir'];
  // Its own instance with the demo's history and no traffic: nothing moves while it is looked at.
  const own = running === undefined ? await OwnInstance.temporary('screenshots', { DEMO: 'seed' }) : null;
  const browser = await launchChromium();
  try {
    await own?.ready(300_000);
    const dataDir = own?.dir ?? path.resolve(running ?? '');
    const { url } = JSON.parse(readFileSync(path.join(dataDir, 'run.json'), 'utf8')) as { url: string };
    const password = readFileSync(path.join(dataDir, 'demo-password'), 'utf8').trim();
    const scene = { url, password, browser, now: new Date() };
    await createNewcomer(scene);
    for (const app of APPS) await takeApp(scene, app, options);
  } finally {
    await browser.close();
    await own?.stop();
    own?.remove();
  }
}

async function takeApp(scene: Scene, app: App, options: Options): Promise<void> {
  const scout = await visitorOf(scene, PEOPLE[app], 1440);
  const pages = (await pagesOf(await scout.newPage().then((page) => opened(page, `${scene.url}/${app}/`)), app)).filter(
    ({ name }) => name.includes(options.only),
  );
  await scout.close();
  for (const width of options.widths) {
    for (const state of options.states) {
      // The brand without data has an administrator of its own; the tower's emptiness is a time before all brands.
      const isNewcomer = state === 'empty' && app === 'brand';
      const visitor = await visitorOf(scene, isNewcomer ? NEWCOMER.email : PEOPLE[app], width);
      if (state === 'loading' || state === 'error') await answerWith(visitor, state);
      for (const one of pages) await takePage(scene, visitor, one, state, width, options);
      await visitor.close();
    }
  }
  process.stderr.write(`${app}: ${pages.length} pages\n`);
}

async function takePage(
  scene: Scene,
  visitor: BrowserContext,
  { app, path: where, name, route }: DashboardPage,
  state: State,
  width: number,
  { folder }: Options,
): Promise<void> {
  // A brand without data has no order to open.
  if (state === 'empty' && app === 'brand' && route.includes('$')) return;
  const page = await visitor.newPage();
  const before =
    state === 'empty' && app === 'control-tower' ? '?period=custom&from=2001-01-01&to=2001-01-31&until=2001-01-31' : '';
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${scene.url}${where}${before}`);
  if (state === 'loading') await page.getByRole('heading', { level: 1 }).waitFor();
  else await settled(page);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    // Charts come after the figures, from a file of their own.
    await page.waitForTimeout(400);
    // A window as tall as the page: what sticks to the window (navigation) stands as people see it.
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ width, height: Math.max(height, 844) });
    const file = path.join(folder, `${name}${state === 'full' ? '' : `-${state}`}-${width}-${colorScheme}.png`);
    await page.screenshot({ path: file });
    process.stdout.write(`${file}\n`);
  }
  await page.close();
}

async function answerWith(visitor: BrowserContext, state: 'loading' | 'error'): Promise<void> {
  await visitor.route(
    (url) => (url.pathname.startsWith('/api/') && !ANSWERED.test(url.pathname)) || url.pathname === '/readyz',
    async (route: Route) => {
      // An answer that never comes: the route is neither continued nor fulfilled.
      if (state === 'loading') return;
      const problem = { type: 'urn:uco:problem:internal', title: 'Internal error', status: 500 };
      await route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        headers: { 'x-request-id': '0190b2f4-7d1c-7e52-a0c3-5f0e6a1d2b3c' },
        body: JSON.stringify({ ...problem, detail: 'The server failed to answer. It has noted why.' }),
      });
    },
  );
}

/** A signed-in visitor whose pages share one frozen clock. */
async function visitorOf({ browser, url, password, now }: Scene, email: string, width: number) {
  const visitor = await newVisitor(browser, width);
  await visitor.clock.setFixedTime(now);
  const page = await visitor.newPage();
  await signIn(page, url, email, password);
  await page.close();
  return visitor;
}

async function opened(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await settled(page);
  return page;
}

/** A brand in which nothing has happened yet, with the demo's password. */
async function createNewcomer(scene: Scene): Promise<void> {
  const visitor = await visitorOf(scene, PEOPLE['control-tower'], 1440);
  const { slug, email } = NEWCOMER;
  const answer = await visitor.request.post(`${scene.url}/api/v1/tenants`, {
    headers: { 'x-uco-csrf': '1', origin: scene.url },
    data: {
      ...{ slug, name: 'Newcomer', currency: 'EUR', timezone: 'Europe/Madrid' },
      admin: { email, name: 'Nil Newcomer', password: scene.password },
    },
  });
  await visitor.close();
  // Of an instance that is looked at again it is there already.
  if (!answer.ok() && answer.status() !== 409) throw new Error(`${answer.status()}: ${await answer.text()}`);
}
