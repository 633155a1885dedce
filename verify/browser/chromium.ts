import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  chromium as playwright,
} from 'playwright-core';

/**
 * What a function service needs and we do not: one process for all would fall over here, and a graphics card made of software draws
 * every frame at five times the cost of drawing without one.
 */
const NOT_HERE = /^--(single-process|in-process-gpu|use-gl|use-angle|enable-unsafe-swiftshader|ignore-gpu-blocklist)\b/;

/** A real Chromium from a package, without a window. */
export async function launchChromium(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [
      ...chromium.args.filter((argument) => !NOT_HERE.test(argument)),
      '--disable-gpu',
      '--disable-software-rasterizer',
    ],
  });
}

/** A new visitor in front of a screen `width` pixels wide, who waits for a slow machine. */
export async function newVisitor(
  browser: Browser,
  width = 1440,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const height = width < 600 ? 844 : 900;
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(120_000);
  return context;
}

/** What a page's console complains about from now on, as it happens. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The browser itself notes every answer that is no success; who is not signed in yet is told so.
    if (message.type() === 'error' && !message.text().includes('401'))
      complaints.push(`${message.text()} ${message.location().url}`);
  });
  return complaints;
}
