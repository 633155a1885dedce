// Orders, and the rows behind figures, in a real browser, over everything real.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectAdmin } from '../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../sql/sample-brand.ts';
import { seriousViolations } from './accessibility.ts';
import { settled } from './pages.ts';
import { type BrowserWorld, startBrowserWorld } from './testing.ts';

let world: BrowserWorld;
let brand: SampleBrand;
/** One person, signed in once, for all tests. */
let visitor: { readonly page: Page; readonly complaints: string[] };

beforeAll(async () => {
  world = await startBrowserWorld();
  const client = await connectAdmin(world.instance.postgresUrl);
  brand = await createSampleBrand(client, 'atlas');
  await client.end();
  await world.createUser('manager@atlas.example', 'brand_manager', brand.tenantId);
  await placeOrder({ number: 'W-4', price: '500', daysAgo: 2, status: 'cancelled' });
  await placeOrder({ number: 'W-3', price: '0.01', daysAgo: 1 });
  await placeOrder({ number: 'W-2', price: '19.99', daysAgo: 1 });
  await placeOrder({ number: 'W-1', price: '1234.56', discount: '34.57', tax: '240', shipping: '4.95' });
  await world.instance.stream.drained();
  visitor = await world.signIn('manager@atlas.example');
}, 240_000);

beforeEach(() => {
  visitor.complaints.length = 0;
});

afterAll(() => world?.stop());

interface NewOrder {
  readonly number: string;
  readonly price: string;
  readonly discount?: string;
  readonly tax?: string;
  readonly shipping?: string;
  readonly daysAgo?: number;
  readonly status?: 'confirmed' | 'cancelled';
}

/** An order of one line; a cancelled one was cancelled when it was placed. */
async function placeOrder({ number, price, status = 'confirmed', ...parts }: NewOrder): Promise<void> {
  const { discount = '0', tax = '0', shipping = '0', daysAgo = 0 } = parts;
  await world.admin.query(
    `WITH o AS (
       INSERT INTO commerce.orders
         (tenant_id, order_number, currency, status, channel, country, placed_at, cancelled_at)
       SELECT $1, $2, 'GBP', $3, 'web', 'GB', at, CASE $3 WHEN 'cancelled' THEN at END
       FROM (SELECT now() - make_interval(days => $4) AS at) AS t RETURNING id)
     INSERT INTO commerce.order_items
       (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price, discount, tax, shipping)
     SELECT $1, id, 1, $5, 'TEA-1', 1, $6, $7, $8, $9 FROM o`,
    [brand.tenantId, number, status, daysAgo, brand.variantId, price, discount, tax, shipping],
  );
}

/** As `expect`, once it holds: the machine may be slow. */
const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 60_000 });

const tile = (page: Page, kpi: string) => page.locator(`[data-kpi=${kpi}]`).first();
const figureOf = (page: Page, kpi: string) => tile(page, kpi).locator('.tile-figure').textContent();
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const pence = (text: string) => Math.round(Number(text.replaceAll(/[£,]/g, '').replace('−', '-')) * 100);

async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  await visitor.page.goto(`${world.url}${path}`);
  await settled(visitor.page);
  return visitor;
}

interface Drawer {
  readonly title: string;
  readonly figure: string;
  /** Cells of each row, first to last column. */
  readonly rows: string[][];
  readonly foot: string[];
}

/** What the drawer shows once its rows have come. */
async function drawer(page: Page): Promise<Drawer> {
  const dialog = page.getByRole('dialog');
  await dialog.locator('tfoot').waitFor();
  const texts = (rows: Locator) =>
    rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
  return {
    title: (await dialog.getByRole('heading').textContent()) ?? '',
    figure: (await dialog.locator('.drawer-figure').textContent()) ?? '',
    rows: await texts(dialog.locator('tbody tr')),
    foot: (await texts(dialog.locator('tfoot tr'))).at(-1) ?? [],
  };
}

const last = (cells: readonly string[]) => cells.at(-1) ?? '';

describe('the rows behind a figure', () => {
  it('add up to the tile to the penny; the link shows the same, Back closes them', async () => {
    const { page, complaints } = await open('/brand/');
    await soon(() => figureOf(page, 'net_sales')).toMatch(/^£[\d,]+\.\d\d$/);
    await tile(page, 'net_sales').getByRole('button', { name: 'Show what is behind Net sales' }).click();
    const shown = await drawer(page);
    expect(shown.rows.length).toBeGreaterThan(3);
    expect(last(shown.foot)).toBe(await figureOf(page, 'net_sales'));
    expect(shown.figure).toBe(last(shown.foot));
    expect(shown.rows.map((row) => pence(last(row))).reduce((a, b) => a + b)).toBe(pence(last(shown.foot)));
    expect(shown.rows.flat()).toContain('W-3');

    const link = page.url();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(link);
    expect(await drawer(page)).toEqual(shown);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('rows=');

    // A ratio has both of its parts, and the figure is theirs.
    await tile(page, 'aov')
      .getByRole('button', { name: /^Show what is behind/ })
      .click();
    const { foot, rows } = await drawer(page);
    const [numerator = '', denominator = '', ratio = ''] = foot;
    await soon(() => figureOf(page, 'aov')).toBe(ratio);
    expect(Math.round(pence(numerator) / Number(denominator))).toBe(pence(ratio));
    expect(rows.map((row) => pence(row.at(-3) ?? '')).reduce((a, b) => a + b)).toBe(pence(numerator));
    await page.keyboard.press('Escape');

    const channels = page.getByRole('table', { name: 'What changed most: Channels' });
    const web = channels.getByRole('row', { name: /^web/ }).getByRole('button', { name: /show what is behind it$/ });
    await web.click();
    // Cancelled orders are part of net sales, by its definition.
    expect(last((await drawer(page)).foot)).toBe('£1,719.99');
    expect(complaints).toEqual([]);
  }, 240_000);

  it('of one day are reached from the chart’s table, and one of them leads to its order', async () => {
    const { page } = await open('/brand/sales');
    const chart = panel(page, 'Net sales over time');
    await chart.getByRole('button', { name: 'Table' }).click();
    // The row before the last is yesterday's.
    const figure = chart.locator('tbody tr').nth(-2).getByRole('button');
    await soon(() => figure.textContent()).toBe('£20.00');
    await figure.click();
    const { foot, rows } = await drawer(page);
    expect(last(foot)).toBe('£20.00');
    expect(rows.map(([order, , value]) => [order, value]).sort()).toEqual([
      ['W-2', '£19.99'],
      ['W-3', '£0.01'],
    ]);
    await page.getByRole('dialog').getByRole('link', { name: 'W-2' }).click();
    await page.waitForURL(/\/brand\/orders\/W-2/);
    await page.getByRole('heading', { level: 1, name: /^W-2/ }).waitFor();
    await page.goBack();
    expect(last((await drawer(page)).foot)).toBe('£20.00');
  }, 240_000);
});

describe('orders', () => {
  it('are narrowed by status and found by number, and the URL shows the same', async () => {
    const { page, complaints } = await open('/brand/orders');
    const numbers = (of: Page) => panel(of, 'Orders').locator('tbody tr td:first-child').allTextContents();
    await soon(() => numbers(page)).toEqual(['W-1', 'O1', 'W-2', 'W-3', 'W-4']);
    await page.getByLabel('Status').selectOption('cancelled');
    await page.waitForURL(/status=cancelled/);
    await soon(() => numbers(page)).toEqual(['W-4']);
    const again = await page.context().newPage();
    await again.goto(page.url());
    await soon(() => numbers(again)).toEqual(['W-4']);
    expect(await again.getByLabel('Status').inputValue()).toBe('cancelled');

    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Search', { exact: true }).fill('W-3');
    await page.keyboard.press('Enter');
    await soon(() => numbers(page)).toEqual(['W-3']);
    await again.goto(page.url());
    await soon(() => numbers(again)).toEqual(['W-3']);
    expect(await again.getByLabel('Search', { exact: true }).inputValue()).toBe('W-3');
    await again.close();
    await page.goBack();
    await soon(() => numbers(page)).toHaveLength(5);
    expect(complaints).toEqual([]);
  }, 240_000);

  it('are sorted by their columns, by keyboard; the URL shows the same, Back undoes it', async () => {
    const { page, complaints } = await open('/brand/orders');
    const numbers = (of: Page) => panel(of, 'Orders').locator('tbody tr td:first-child').allTextContents();
    const column = (of: Page, name: string) => of.getByRole('columnheader', { name, exact: true });
    const sorted = (name: string) => column(page, name).getAttribute('aria-sort');
    await soon(() => sorted('Placed')).toBe('descending');
    await column(page, 'Total').getByRole('button').focus();
    await page.keyboard.press('Enter');
    await soon(() => numbers(page)).toEqual(['W-1', 'W-4', 'W-2', 'O1', 'W-3']);
    expect(await sorted('Total')).toBe('descending');
    expect(await sorted('Placed')).toBe(null);
    await page.keyboard.press('Enter');
    await soon(() => numbers(page)).toEqual(['W-3', 'O1', 'W-2', 'W-4', 'W-1']);
    expect(await sorted('Total')).toBe('ascending');
    const again = await page.context().newPage();
    await again.goto(page.url());
    await soon(() => numbers(again)).toEqual(['W-3', 'O1', 'W-2', 'W-4', 'W-1']);
    await again.close();
    await page.goBack();
    await soon(() => numbers(page)).toEqual(['W-1', 'W-4', 'W-2', 'O1', 'W-3']);
    await column(page, 'Status').getByRole('button').click();
    await soon(() => numbers(page)).toEqual(['O1', 'W-3', 'W-2', 'W-1', 'W-4']);
    expect(complaints).toEqual([]);
  }, 240_000);

  it('show on their page the money that the API answers', async () => {
    const { page, complaints } = await open('/brand/orders/W-1');
    const order = await page.evaluate<Record<string, string>>(
      `fetch('/api/v1/orders?orderNumber=W-1').then((answer) => answer.json())
        .then(({ items: [{ id }] }) => fetch('/api/v1/orders/' + id)).then((answer) => answer.json())`,
    );
    const money = panel(page, 'Money').locator('dl > div');
    const shown = await money.evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
    );
    expect(shown.slice(0, 6).map(([name, value = '']) => [name?.toLowerCase(), pence(value)])).toEqual(
      ['gross', 'discount', 'tax', 'shipping', 'total', 'paid'].map((name) => [name, pence(order[name] ?? '')]),
    );
    expect(order.total).toMatch(/^1444\.94/);
    expect(await panel(page, 'Lines').locator('tfoot td').allTextContents()).toEqual([
      '£1,234.56',
      '£34.57',
      '£240.00',
      '£4.95',
    ]);
    expect(complaints).toEqual([]);
  }, 240_000);

  it('come to the overview without reload: the list, and the tile', async () => {
    const { page, complaints } = await open('/brand/');
    const newest = panel(page, 'Latest orders').locator('tbody tr').first();
    await soon(() => newest.textContent()).toContain('W-1');
    await soon(() => figureOf(page, 'orders')).toMatch(/^\d+$/);
    const before = Number(await figureOf(page, 'orders'));
    await placeOrder({ number: 'NEW-1', price: '77.77' });
    await soon(() => newest.textContent()).toMatch(/^NEW-1.*£77\.77$/);
    await soon(() => figureOf(page, 'orders')).toBe(String(before + 1));
    expect(complaints).toEqual([]);
  }, 240_000);

  it('take no step that is not allowed any more: the API’s words stand there, and the page follows', async () => {
    await placeOrder({ number: 'STEP-1', price: '5' });
    const { page } = await open('/brand/orders/STEP-1');
    await page.getByRole('button', { name: 'Mark picked' }).click();
    await world.admin.query(
      "UPDATE commerce.orders SET status = 'cancelled', cancelled_at = now() WHERE tenant_id = $1 AND order_number = 'STEP-1'",
      [brand.tenantId],
    );
    const answered = page.waitForResponse(/\/pick$/);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Mark picked' }).click();
    expect((await answered).status()).toBe(409);
    const { detail } = (await (await answered).json()) as { detail: string };
    expect(detail).toContain('cancelled');
    await soon(() => dialog.getByRole('alert').textContent()).toContain(detail);
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('heading', { level: 1, name: /Cancelled$/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Mark picked' }).count()).toBe(0);
  }, 240_000);

  // Red when: an open order is read once, or only when a figure of some page changes with it.
  it('go on before one’s eyes: steps, payment, shipment and timeline come to the open page', async () => {
    const line = { sku: 'TEA-1', quantity: 1 };
    const { id } = await world.post(brand.tenantId, '/orders', {
      orderNumber: 'OPEN-1',
      currency: 'GBP',
      lines: [line],
    });
    const { page, complaints } = await open('/brand/orders/OPEN-1');
    const take = (step: string, body?: unknown) => world.post(brand.tenantId, `/orders/${id}/${step}`, body);
    const status = (name: RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
    const rows = (name: string) => panel(page, name).locator('tbody tr').count();
    await status(/Placed$/);
    await take('confirm');
    await status(/Confirmed$/);
    // No status and no figure of any page moves with a payment.
    await take('payments', { amount: '7.55', method: 'card', status: 'received' });
    await soon(() => rows('Payments')).toBe(1);
    for (const step of ['pick', 'pack']) await take(step);
    await take('ship', {});
    await status(/Shipped$/);
    await soon(() => rows('Shipments')).toBe(1);
    await soon(() => panel(page, 'What happened').locator('li').last().textContent()).toContain('shipped');
    expect(complaints).toEqual([]);
  }, 240_000);

  it('leave an open list where it is when new ones come: a button shows them', async () => {
    const { page } = await open('/brand/orders');
    const first = panel(page, 'Orders').locator('tbody tr td').first();
    await soon(() => first.textContent()).not.toBe('');
    const before = await first.textContent();
    await placeOrder({ number: 'NEW-2', price: '1' });
    const button = page.getByRole('button', { name: 'Show 1 new order' });
    await button.waitFor();
    expect(await first.textContent()).toBe(before);
    await button.click();
    await soon(() => first.textContent()).toBe('NEW-2');
  }, 240_000);
});

it('no page has a serious accessibility violation, with the rows open too, light or dark', async () => {
  const rows = encodeURIComponent(JSON.stringify({ measure: 'net_sales', timeRange: { preset: 'last_30_days' } }));
  for (const path of ['/brand/orders', '/brand/orders/W-1', `/brand/sales?rows=${rows}`]) {
    const { page } = visitor;
    await page.goto(world.url + path);
    // What is behind an open drawer is hidden from everybody.
    await (path.includes('rows=') ? drawer(page) : settled(page));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([path, colorScheme, await seriousViolations(page)]).toEqual([path, colorScheme, []]);
    }
  }
}, 300_000);
