import { DateTime } from 'luxon';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectAdmin } from '../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../sql/sample-brand.ts';
import { seriousViolations } from './accessibility.ts';
import { settled } from './pages.ts';
import { type BrowserWorld, startBrowserWorld } from './testing.ts';

let world: BrowserWorld;
let brand: SampleBrand;

beforeAll(async () => {
  world = await startBrowserWorld();
  const client = await connectAdmin(world.instance.postgresUrl);
  brand = await createSampleBrand(client, 'atlas');
  await addHistory();
  await client.end();
  await world.createUser('manager@atlas.example', 'brand_manager', brand.tenantId);
  await world.instance.stream.drained();
}, 240_000);

afterEach(() => world?.leave());
afterAll(() => world?.stop());

/** 7 units of 10 left three days ago; one order came a day and a half late, one is two days past its promise. */
async function addHistory(): Promise<void> {
  const { tenantId, variantId, warehouseId } = brand;
  const run = (sql: string, values: unknown[] = []) => world.admin.query(sql, [tenantId, ...values]);
  // One moment for all, so that hours are whole.
  const now = new Date().toISOString();
  await run('UPDATE commerce.product_variants SET reorder_point = 5 WHERE tenant_id = $1');
  await run(
    `INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason, moved_at)
     VALUES ($1, $2, $3, 'on_hand', -7, 'shipment', now() - interval '3 days')`,
    [variantId, warehouseId],
  );
  const order = `INSERT INTO commerce.orders (tenant_id, order_number, currency, status, channel, placed_at, promised_at)
    VALUES ($1, $2, 'GBP', $3, 'web', $5::timestamptz - interval '6 days', $5::timestamptz - $4::interval) RETURNING id`;
  const { rows } = await run(order, ['LATE-1', 'delivered', '3 days', now]);
  await run(
    `INSERT INTO commerce.shipments (tenant_id, order_id, warehouse_id, status, shipped_at, delivered_at)
     VALUES ($1, $2, $3, 'delivered', $4::timestamptz - interval '5 days', $4::timestamptz - interval '36 hours')`,
    [rows[0].id, warehouseId, now],
  );
  await run(order, ['OPEN-1', 'confirmed', '2 days', now]);
}

const tile = (page: Page, kpi: string) => page.locator(`[data-kpi=${kpi}] .tile-figure`).first();
const days = { preset: 'last_30_days' };

describe('inventory', () => {
  it('shows what the API answers, and the day on which stock runs out', async () => {
    const { page, complaints } = await world.signIn('manager@atlas.example');
    await page.goto(`${world.url}/brand/inventory`);
    const { rows } = await world.ask(brand.tenantId, {
      measures: ['available_units', 'days_of_inventory', 'low_stock_skus', 'out_of_stock_skus'],
    });
    // 3 ÷ (7 ÷ 28)
    expect(rows).toEqual([
      { available_units: 3, days_of_inventory: '12.000000', low_stock_skus: 1, out_of_stock_skus: 0 },
    ]);
    await expect.poll(() => tile(page, 'available_units').textContent(), { timeout: 60_000 }).toBe('3');
    expect(await tile(page, 'days_of_inventory').textContent()).toBe('12.0 days');
    expect(await tile(page, 'low_stock_skus').textContent()).toBe('1');
    const level = page.getByRole('row', { name: /^TEA-1 / }).first();
    const end = DateTime.now().setZone('Europe/London').plus({ days: 12 });
    await expect.poll(() => level.textContent()).toContain(end.setLocale('en-GB').toFormat('d LLL'));
    expect(complaints).toEqual([]);
  }, 240_000);

  it('lists movements, with who and what for; the choices are in the URL', async () => {
    const { page } = await world.signIn('manager@atlas.example');
    await page.goto(`${world.url}/brand/inventory`);
    const moved = page.getByRole('table', { name: 'Movements' });
    await expect.poll(() => moved.getByRole('row').count(), { timeout: 60_000 }).toBe(3);
    await page.getByLabel('Reason').selectOption('shipment');
    await page.getByRole('button', { name: /^All/ }).click();
    await page.waitForURL(/stock=all/);
    await page.waitForURL(/reason=shipment/);
    await expect.poll(() => moved.getByRole('row').count(), { timeout: 60_000 }).toBe(2);
    expect(await moved.getByRole('row').nth(1).textContent()).toContain('−7');
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(() => moved.getByRole('row').count(), { timeout: 60_000 }).toBe(2);
    expect(await page.getByRole('button', { name: /^All/ }).getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByLabel('Reason').inputValue()).toBe('shipment');
  }, 240_000);
});

describe('fulfilment', () => {
  it('shows what the API answers: promise, times, backlog, and who is late', async () => {
    const { page, complaints } = await world.signIn('manager@atlas.example');
    await page.goto(`${world.url}/brand/fulfilment`);
    const { rows } = await world.ask(brand.tenantId, {
      measures: ['on_time_rate', 'late_deliveries', 'avg_lateness', 'delivery_time_p90'],
      timeRange: days,
    });
    expect(rows).toMatchObject([{ on_time_rate: '0.000000', late_deliveries: 1, avg_lateness: '36.000000' }]);
    await expect.poll(() => tile(page, 'on_time_rate').textContent(), { timeout: 60_000 }).toBe('0.0%');
    expect(await tile(page, 'avg_lateness').textContent()).toBe('1.5 days');
    expect(await tile(page, 'delivery_time_p90').textContent()).toBe('4.5 days');
    expect(await tile(page, 'overdue_orders').textContent()).toBe('1');
    const late = page.getByRole('table', { name: 'Late orders' });
    await expect.poll(() => late.getByRole('row').nth(1).textContent(), { timeout: 60_000 }).toContain('OPEN-1');
    await page.getByRole('button', { name: 'Delivered late' }).click();
    await page.waitForURL(/late=delivered/);
    await expect
      .poll(() => late.getByRole('row').nth(1).textContent(), { timeout: 60_000 })
      .toContain('LATE-11.5 days');
    const histogram = page.getByRole('region', { name: 'Days to deliver' });
    await histogram.getByRole('button', { name: 'Table' }).click();
    // 108 hours are four whole days.
    await expect.poll(() => histogram.getByRole('row').last().textContent()).toMatch(/^41100\.0%/);
    expect(complaints).toEqual([]);
  }, 240_000);
});

describe.each(['light', 'dark'] as const)('both pages, %s', (colorScheme) => {
  it('have no serious accessibility violation', async () => {
    const { page } = await world.signIn('manager@atlas.example');
    await page.emulateMedia({ colorScheme });
    for (const path of ['/brand/inventory', '/brand/fulfilment']) {
      await page.goto(world.url + path);
      await settled(page);
      expect([path, await seriousViolations(page)]).toEqual([path, []]);
    }
  }, 240_000);
});
