import type { Page } from 'playwright-core';

/** Signs in through the form; resolves on the page that it leads to. */
export async function signIn(page: Page, url: string, email: string, password: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/(brand|control-tower)\//, { waitUntil: 'commit' });
}
