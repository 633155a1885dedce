// An instance started as anybody starts it, with the demo's history and no traffic but what a test makes; people in front of it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { OwnInstance } from '../soak/own-instance.ts';
import { complaintsOf, launchChromium, newVisitor } from './chromium.ts';
import type { App } from './pages.ts';
import { signIn } from './sign-in.ts';

/** Who sees everything of a brand with a history, and of the platform. */
export const PEOPLE: Readonly<Record<App, string>> = {
  brand: 'admin@northlight.example',
  'control-tower': 'admin@demo.example',
};

export interface Visitor {
  readonly page: Page;
  /** What the console has complained about. */
  readonly complaints: readonly string[];
}

export interface DemoWorld {
  readonly instance: OwnInstance;
  readonly url: string;
  readonly password: string;
  readonly browser: Browser;
  /** Somebody signed in, on the page that it leads to. */
  visit(email: string, width?: number): Promise<Visitor>;
  stop(): Promise<void>;
}

export async function startDemoWorld(name: string): Promise<DemoWorld> {
  const instance = await OwnInstance.temporary(name, { DEMO: 'seed' });
  const browser = await launchChromium();
  const stop = async () => {
    await browser.close();
    await instance.stop();
    instance.remove();
  };
  try {
    await instance.ready(600_000);
    const url = instance.url();
    const password = readFileSync(path.join(instance.dir, 'demo-password'), 'utf8').trim();
    const visit: DemoWorld['visit'] = async (email, width) => {
      const context = await newVisitor(browser, width);
      const page = await context.newPage();
      const complaints = complaintsOf(page);
      await signIn(page, url, email, password);
      return { page, complaints };
    };
    return { ...{ instance, url, password, browser, visit, stop } };
  } catch (error) {
    await stop();
    throw error;
  }
}
