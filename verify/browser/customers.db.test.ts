// Customers and Settings in a real browser, over everything real.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connectAdmin } from '../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../sql/sample-brand.ts';
import { settled } from './pages.ts';
import { type BrowserWorld, PASSWORD, startBrowserWorld } from './testing.ts';

let world: BrowserWorld;
let brand: SampleBrand;

beforeAll(async () => {
  world = await startBrowserWorld();
  const client = await connectAdmin(world.instance.postgresUrl);
  brand = await createSampleBrand(client, 'atlas');
  await client.end();
  await world.createUser('admin@atlas.example', 'brand_admin', brand.tenantId);
  await world.createUser('analyst@atlas.example', 'analyst', brand.tenantId);
  // Two of three come again in the month after.
  for (const [customer, monthsAgo] of [
    ['K1', 2],
    ['K1', 1],
    ['K2', 2],
    ['K2', 1],
    ['K3', 2],
  ] as const) {
    await placeOrder(customer, `date_trunc('month', now()) - interval '${monthsAgo} months' + interval '3 days'`);
  }
  await world.instance.stream.drained();
}, 240_000);

afterEach(() => world?.leave());
afterAll(() => world?.stop());

let orders = 0;

/** An order of one line by a customer of that number, placed at an SQL expression's time. */
async function placeOrder(customer: string, placedAt = 'now()'): Promise<void> {
  await world.admin.query(
    `WITH c AS (
       INSERT INTO commerce.customers (tenant_id, customer_number, country) VALUES ($1, $2, 'GB')
       ON CONFLICT (tenant_id, customer_number) DO UPDATE SET country = 'GB' RETURNING id),
     o AS (
       INSERT INTO commerce.orders (tenant_id, order_number, customer_id, currency, status, channel, country, placed_at)
       SELECT $1, $3, id, 'GBP', 'confirmed', 'social', 'GB', ${placedAt} FROM c RETURNING id)
     INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
     SELECT $1, id, 1, $4, 'TEA-1', 1, '20' FROM o`,
    [brand.tenantId, customer, `C-${++orders}`, brand.variantId],
  );
}

/** As `expect`, once it holds: the machine may be slow. */
const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 60_000 });

const tile = (page: Page, kpi: string) => page.locator(`[data-kpi=${kpi}] .tile-figure`).first();
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function openAs(email: string, path: string): Promise<{ page: Page; complaints: string[] }> {
  const visitor = await world.signIn(email);
  await visitor.page.goto(`${world.url}${path}`);
  await settled(visitor.page);
  return visitor;
}

it('customers: figures and every cell of the heat map are the API’s, and a new customer comes without reload', async () => {
  const { page, complaints } = await openAs('admin@atlas.example', '/brand/customers?period=last_12_months');
  const asked = { measures: ['new_customers'], timeRange: { preset: 'last_12_months' } };
  const answered = async () => String((await world.ask(brand.tenantId, asked)).rows[0]?.new_customers);
  await soon(() => tile(page, 'new_customers').textContent()).toBe(await answered());

  const cohorts = panel(page, 'Cohorts of the last 12 months');
  await cohorts.getByRole('button', { name: 'Table' }).click();
  const cells = await cohorts
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
  const { rows } = await world.ask(brand.tenantId, {
    ...{ measures: ['cohort_size', 'cohort_retention'], timeRange: { preset: 'last_12_months' } },
    dimensions: ['cohort_month', 'months_since_first'],
  });
  const percent = (value: unknown) => `${(Number(value) * 100).toFixed(1)}%`;
  const expected = [...new Set(rows.map(({ cohort_month }) => cohort_month))].map((month) =>
    rows.filter((row) => row.cohort_month === month),
  );
  expect(cells.map(([, size, ...shares]) => [size, ...shares.filter((share) => share !== '')])).toEqual(
    expected.map((of) => [String(of[0]?.cohort_size), ...of.map((row) => percent(row.cohort_retention))]),
  );
  expect(expected[0]?.map((row) => row.cohort_retention)).toEqual(['1.000000', '0.666667', '0.000000']);

  await cohorts.getByRole('button', { name: 'Lifetime value' }).click();
  await page.waitForURL(/cohort=ltv/);
  await placeOrder('K4');
  await soon(() => tile(page, 'new_customers').textContent()).toBe(await expectMore(answered));
  expect(complaints).toEqual([]);
}, 240_000);

/** The figure once it is another than now. */
async function expectMore(answered: () => Promise<string>): Promise<string> {
  await world.instance.stream.drained();
  return answered();
}

it('settings: somebody is added, signs in with the password shown once, and chooses another', async () => {
  const { page, complaints } = await openAs('admin@atlas.example', '/brand/settings');
  await page.getByRole('button', { name: 'Add user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Nora New');
  await dialog.getByLabel('E-mail').fill('nora@atlas.example');
  await dialog.getByLabel('Role').selectOption('analyst');
  await dialog.getByRole('button', { name: 'Add user' }).click();
  const temporary = (await dialog.getByLabel('Temporary password of Nora New').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Close' }).click();
  await panel(page, 'Users').getByText('nora@atlas.example').waitFor();
  expect(await page.content()).not.toContain(temporary);

  const nora = await world.visit();
  await nora.page.goto(world.url);
  await nora.page.getByLabel('E-mail').fill('nora@atlas.example');
  await nora.page.getByLabel('Password').fill(temporary);
  await nora.page.getByRole('button', { name: 'Sign in' }).click();
  await nora.page.waitForURL(/\/brand\//);
  await nora.page.getByRole('button', { name: /^Change password/ }).click();
  await nora.page.getByLabel('Current password').fill(temporary);
  await nora.page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await nora.page.getByLabel('New password, again').fill(PASSWORD);
  await nora.page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
  await nora.page.getByText('Your password is changed.').waitFor();
  expect((await world.signIn('nora@atlas.example')).page.url()).toContain('/brand/');
  expect([...complaints, ...nora.complaints]).toEqual([]);
}, 240_000);

it('settings: a key is shown once, works, and is revoked; by keyboard alone', async () => {
  const { page } = await openAs('admin@atlas.example', '/brand/settings');
  await page.getByRole('button', { name: 'Create key' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('Scanner');
  await dialog.getByLabel('Read orders, products').focus();
  await page.keyboard.press('Space');
  await dialog.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.press('Enter');
  const key = (await dialog.getByLabel('Key “Scanner”').textContent()) ?? '';
  const status = async (path: string) =>
    (await fetch(`${world.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect([await status('orders'), await status('kpis')]).toEqual([200, 403]);
  await page.keyboard.press('Escape');
  await page.reload();
  const keys = panel(page, 'API keys');
  await keys.getByText('Scanner').waitFor();
  expect(await page.content()).not.toContain(key);
  await keys.getByRole('button', { name: 'Revoke: Scanner' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await keys.getByText('Revoked').waitFor();
  await soon(() => status('orders')).toBe(401);
}, 240_000);

it('settings: another zone moves “today”, on pages that are open too', async () => {
  await placeOrder('K5', "now() - interval '90 minutes'");
  await world.instance.stream.drained();
  const { page } = await openAs('admin@atlas.example', '/brand/settings');
  const overview = await page.context().newPage();
  const choose = async (timezone: string) => {
    await page.getByLabel('Time zone').selectOption(timezone);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Changed. Open pages follow').waitFor();
  };
  const today = async () =>
    String((await world.ask(brand.tenantId, { measures: ['orders'], timeRange: { preset: 'today' } })).rows[0]?.orders);
  await choose(zoneAtHour(12));
  await overview.goto(`${world.url}/brand/?period=today`);
  const shown = () => tile(overview, 'orders').textContent();
  await soon(async () => [await shown(), await today()]).toEqual(Array(2).fill(await today()));
  const atNoon = Number(await today());
  await page.reload();
  await settled(page);
  await choose(zoneAtHour(0));
  // What was placed 90 minutes ago is yesterday's there.
  await soon(async () => Number(await today())).toBeLessThan(atNoon);
  await soon(async () => (await shown()) === (await today())).toBe(true);
}, 240_000);

/** A zone whose clock shows that hour now. */
function zoneAtHour(hour: number): string {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) =>
    /^(Pacific|Asia|America|Africa|Atlantic)\//.test(zone),
  );
  const hourIn = (timeZone: string) =>
    Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(new Date()));
  const found = zones.find((zone) => hourIn(zone) === hour);
  if (found === undefined) throw new Error(`It is ${hour} o’clock nowhere.`);
  return found;
}

it('settings: who may not change things is offered nothing that would be refused', async () => {
  const { page, complaints } = await openAs('analyst@atlas.example', '/brand/settings');
  await panel(page, 'Brand').getByText('GBP').waitFor();
  expect(await page.getByRole('button', { name: /Save|Add user|Create key/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
}, 240_000);

it.each(['light', 'dark'] as const)(
  'customers and settings have no serious accessibility violation, %s',
  async (colorScheme) => {
    const { page } = await world.signIn('admin@atlas.example');
    await page.emulateMedia({ colorScheme });
    for (const path of ['/brand/customers', '/brand/settings', '/brand/settings#dialog']) {
      await page.goto(world.url + path);
      await settled(page);
      if (path.endsWith('#dialog')) await page.getByRole('button', { name: 'Create key' }).click();
      await page.evaluate(axe.source);
      const found = await page.evaluate<{ id: string; nodes: string[] }[]>(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) })))`,
      );
      expect([path, found]).toEqual([path, []]);
    }
  },
  300_000,
);
