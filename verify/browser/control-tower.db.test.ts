// The control tower over a whole instance of its own, whose processes are hurt.
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../api/auth/password.ts';
import { createClickHouse } from '../../ingestion/clickhouse.ts';
import { readRun } from '../../runtime/run-file.ts';
import { type AdminPool, connectAdmin, createAdminPool } from '../../sql/postgres.ts';
import { createSampleBrand, type SampleBrand } from '../../sql/sample-brand.ts';
import { OwnInstance } from '../soak/own-instance.ts';
import { complaintsOf, launchChromium, newVisitor } from './chromium.ts';
import { signIn } from './sign-in.ts';

const PASSWORD = 'a password for browsers';
const SLOW = 600_000;
let instance: OwnInstance;
let browser: Browser;
let admin: AdminPool;
let atlas: SampleBrand;
let url = '';

beforeAll(async () => {
  instance = await OwnInstance.temporary('tower');
  await instance.ready();
  url = instance.url();
  admin = createAdminPool(instance.postgresUrl());
  const client = await connectAdmin(instance.postgresUrl());
  atlas = await createSampleBrand(client, 'atlas');
  await createSampleBrand(client, 'borea');
  await client.query("INSERT INTO commerce.fx_rates VALUES ('GBP', 'EUR', '2000-01-01', 1.17, 'test')");
  await client.end();
  const users = [
    ['root@example.org', 'platform_admin', null],
    ['executive@example.org', 'executive', null],
    ['manager@atlas.example', 'brand_manager', atlas.tenantId],
  ] as const;
  for (const [email, role, tenant] of users) {
    await admin.query(
      'INSERT INTO commerce.users (tenant_id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5)',
      [tenant, email, email.split('@')[0], role, await hashPassword(PASSWORD)],
    );
  }
  browser = await launchChromium();
}, SLOW);

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await admin?.end();
  await instance?.stop();
  instance?.remove();
}, SLOW);

/** A new visitor, signed in. */
async function as(email: string, password = PASSWORD): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await newVisitor(browser)).newPage();
  page.setDefaultTimeout(150_000);
  const complaints = complaintsOf(page);
  await signIn(page, url, email, password);
  return { page, complaints };
}

interface Answered {
  readonly status: number;
  readonly body: { rows?: Record<string, unknown>[] } & Record<string, unknown>;
}

/** What the API answers to the visitor of a page. */
async function ask(page: Page, method: string, path: string, body?: unknown, brand?: string): Promise<Answered> {
  const headers = { 'content-type': 'application/json', 'x-uco-csrf': '1', ...(brand ? { 'x-tenant-id': brand } : {}) };
  const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return page.evaluate<Answered>(
    `fetch(${JSON.stringify(path)}, ${JSON.stringify(request)})
      .then(async (response) => ({ status: response.status, body: await response.json() }))`,
  );
}

const tile = (page: Page, kpi: string) => page.locator(`[data-kpi=${kpi}] .tile-figure`).first();
const patiently = { timeout: 120_000 };
const lately = { timeRange: { preset: 'last_30_days' } };

describe('the overview', () => {
  it(
    'shows what the API answers, and every brand with its health and the reason',
    async () => {
      const { page, complaints } = await as('executive@example.org');
      for (const kpi of ['active_tenants', 'orders'] as const) {
        const { body } = await ask(page, 'POST', '/api/v1/kpis/query', { ...lately, measures: [kpi] });
        await expect.poll(() => tile(page, kpi).textContent(), patiently).toBe(String(body.rows?.[0]?.[kpi]));
      }
      const { body } = await ask(page, 'POST', '/api/v1/kpis/query', { measures: ['backlog'] });
      await expect.poll(() => tile(page, 'backlog').textContent(), patiently).toBe(String(body.rows?.[0]?.backlog));
      for (const slug of ['atlas', 'borea']) {
        const row = page.getByRole('row', { name: new RegExp(`^${slug} `) });
        expect(await row.locator('.health').textContent()).toMatch(/(Good|Look|Now): \S/);
      }
      const orders = await tile(page, 'orders').textContent();
      await page.getByRole('button', { name: 'Show what is behind Orders' }).click();
      const rows = page.getByRole('dialog').locator('tfoot td');
      await expect.poll(() => rows.last().textContent(), patiently).toBe(orders);
      const link = page.getByRole('dialog').getByRole('link').first();
      expect(await link.getAttribute('href')).toMatch(/^\/brand\/@(atlas|borea)\/orders\/./);
      // A store that is still starting says so, and is asked again.
      expect(complaints.filter((one) => !one.includes('503'))).toEqual([]);
    },
    SLOW,
  );
});

describe('who may', () => {
  // Red when a brand in the address decides more than whose pages platform roles see.
  it(
    'a brand’s people see neither the tower nor another brand, whatever the address says',
    async () => {
      const { page } = await as('manager@atlas.example');
      for (const path of [
        '/control-tower/',
        '/control-tower/audit',
        '/brand/@borea/',
        '/brand/@borea/sales',
        '/brand/@atlas/',
      ]) {
        await page.goto(url + path);
        await page.waitForURL((at) => at.pathname === '/brand/');
        await expect.poll(() => page.locator('.side-head strong').textContent(), patiently).toBe('atlas');
        expect(await page.content()).not.toContain('borea');
      }
      const query = { ...lately, measures: ['orders'] };
      expect((await ask(page, 'POST', '/api/v1/kpis/query', query, 'borea')).status).toBe(403);
      expect((await ask(page, 'GET', '/api/v1/orders', undefined, 'borea')).status).toBe(403);
      for (const path of ['pipeline', 'history', 'alerts'])
        expect([path, (await ask(page, 'GET', `/api/v1/platform/${path}`)).status]).toEqual([path, 403]);
    },
    SLOW,
  );

  it(
    'an executive opens a brand as the brand sees it, and changes nothing',
    async () => {
      const { page } = await as('executive@example.org');
      await page.getByRole('link', { name: 'atlas', exact: true }).first().click();
      await page.waitForURL(/\/control-tower\/brands\/atlas/);
      await page.getByText('Days of Europe/London, money in GBP').waitFor();
      await page
        .getByRole('navigation', { name: 'What the brand sees' })
        .getByRole('link', { name: 'Overview' })
        .click();
      await page.waitForURL(/\/brand\/@atlas\//);
      await page.getByText('You see atlas as executive, read-only').waitFor();
      const { body } = await ask(page, 'POST', '/api/v1/kpis/query', { ...lately, measures: ['orders'] }, 'atlas');
      await expect.poll(() => tile(page, 'orders').textContent(), patiently).toBe(String(body.rows?.[0]?.orders));
      // Its other pages stay with the brand.
      await page.getByRole('link', { name: 'Sales' }).first().click();
      await page.waitForURL(/\/brand\/@atlas\/sales/);
      for (const [method, path] of [
        ['POST', 'products'],
        ['POST', 'orders'],
        ['POST', 'users'],
        ['POST', 'tenants'],
      ] as const)
        expect([path, (await ask(page, method, `/api/v1/${path}`, {}, 'atlas')).status]).toEqual([path, 403]);
      await page.goto(`${url}/control-tower/brands`);
      await page.getByText('changing it takes a platform administrator').waitFor();
      expect(await page.getByRole('button', { name: /New brand|Suspend/ }).count()).toBe(0);
    },
    SLOW,
  );
});

describe('brands and users', () => {
  it(
    'a brand is created with its first user, suspended and resumed; the password is shown once',
    async () => {
      const { page } = await as('root@example.org');
      await page.goto(`${url}/control-tower/brands`);
      await page.getByRole('button', { name: 'New brand' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name', { exact: true }).fill('Cygnus Teas');
      expect(await form.getByLabel('Slug').inputValue()).toBe('cygnus-teas');
      await form.getByLabel('Currency').fill('GBP');
      await form.getByLabel('Time zone').fill('Europe/London');
      await form.getByLabel('Their name').fill('Cleo');
      await form.getByLabel('E-mail').fill('cleo@cygnus.example');
      await form.getByRole('button', { name: 'Create' }).click();
      const password = (await form.getByLabel('Temporary password of cleo@cygnus.example').textContent()) ?? '';
      await form.getByRole('button', { name: 'Close' }).click();
      expect(await page.content()).not.toContain(password);

      const cleo = await as('cleo@cygnus.example', password);
      await expect.poll(() => cleo.page.locator('.side-head strong').textContent(), patiently).toBe('Cygnus Teas');
      const own = () => ask(cleo.page, 'GET', '/api/v1/orders').then(({ status }) => status);
      expect(await own()).toBe(200);

      await page.getByRole('button', { name: 'Suspend: Cygnus Teas' }).click();
      await page.getByRole('dialog').getByText('its API keys refused').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
      await page.getByRole('button', { name: 'Resume: Cygnus Teas' }).waitFor();
      await expect.poll(own, patiently).toBeGreaterThanOrEqual(401);
      const again = await (await newVisitor(browser)).newPage();
      await again.goto(`${url}/`);
      await again.getByLabel('E-mail').fill('cleo@cygnus.example');
      await again.getByLabel('Password').fill(password);
      await again.getByRole('button', { name: 'Sign in' }).click();
      await again.getByRole('alert').waitFor();

      await page.getByRole('button', { name: 'Resume: Cygnus Teas' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Suspend: Cygnus Teas' }).waitFor();
      await as('cleo@cygnus.example', password);
    },
    SLOW,
  );

  it(
    'a user gets another role, and is shut out when disabled',
    async () => {
      const { page } = await as('root@example.org');
      await page.goto(`${url}/control-tower/users?of=atlas`);
      await page.getByRole('button', { name: 'New user' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name', { exact: true }).fill('Dora');
      await form.getByLabel('E-mail').fill('dora@atlas.example');
      await form.getByRole('radio', { name: /analyst/i }).check();
      await form.getByRole('button', { name: 'Create' }).click();
      await form.getByLabel('Temporary password of dora@atlas.example').waitFor();
      await form.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'analyst: Role of Dora' }).click();
      await page
        .getByRole('dialog')
        .getByRole('radio', { name: /operator/i })
        .check();
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      const row = page.getByRole('row', { name: /dora@atlas/ });
      await row.getByText('operator').waitFor();
      await page.getByRole('button', { name: 'Disable: dora@atlas.example' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
      await row.getByText('disabled').waitFor();
    },
    SLOW,
  );
});

describe('the audit trail', () => {
  it(
    'is filtered from its URL, told from what to what, and exported whole',
    async () => {
      await admin.query(
        `INSERT INTO commerce.customers (tenant_id, customer_number, country)
       SELECT $1, 'AUDIT-' || n, 'FR' FROM generate_series(1, 1200) n`,
        [atlas.tenantId],
      );
      const { page } = await as('root@example.org');
      await page.goto(`${url}/control-tower/audit?entity=tenants&who=root@example.org&action=UPDATE`);
      const changes = page.locator('.changes').first();
      await expect
        .poll(() => changes.textContent(), patiently)
        .toMatch(/status (suspended → active|active → suspended)/);
      expect(await page.locator('tbody tr').count()).toBe(2);

      await page.goto(`${url}/control-tower/audit?brand=atlas&entity=customers&action=CREATE`);
      await page.getByRole('button', { name: 'Show more' }).click();
      await expect.poll(() => page.locator('tbody tr').count(), patiently).toBe(100);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export CSV' }).click(),
      ]);
      const parts: Buffer[] = [];
      for await (const part of await download.createReadStream()) parts.push(part as Buffer);
      const lines = Buffer.concat(parts).toString('utf8').trimEnd().split('\r\n');
      const { rows } = await admin.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM commerce.audit_logs WHERE tenant_id = $1 AND resource_type = 'customers' AND action = 'CREATE'",
        [atlas.tenantId],
      );
      expect(lines.length - 1).toBe(rows[0]?.count);
      expect(new Set(lines.map((line) => line.split(',').at(-1))).size).toBe(lines.length);
      expect(lines.slice(1).every((line) => line.includes(',atlas,'))).toBe(true);
    },
    SLOW,
  );
});

describe('alerts', () => {
  it(
    'tell a change that could not be applied, with its reason and the command that mends it',
    async () => {
      const { page } = await as('executive@example.org');
      const clickhouse = createClickHouse(readRun(instance.dir)?.clickhouse.url ?? '');
      try {
        await clickhouse.command({ query: "ALTER TABLE raw.customers ADD CONSTRAINT refused CHECK country != 'ZZ'" });
        await admin.query(
          "INSERT INTO commerce.customers (tenant_id, customer_number, country) VALUES ($1, 'BAD', 'ZZ')",
          [atlas.tenantId],
        );
        const alerts = page.getByRole('region', { name: 'What the platform itself knows' });
        await alerts.getByText('1 change could not be applied').waitFor(patiently);
        await alerts.getByRole('link', { name: 'Dead letters' }).click();
        await page.waitForURL(/\/pipeline/);
        const letters = page.getByRole('region', { name: 'Dead letters' });
        await expect
          .poll(() => letters.locator('tbody tr').textContent(), patiently)
          .toMatch(/atlas.*refused.*dead-letters replay [0-9a-f]{12}/);
        await clickhouse.command({ query: 'ALTER TABLE raw.customers DROP CONSTRAINT refused' });
        expect((await instance.command('dead-letters', 'replay')).exitCode).toBe(0);
        await letters.getByText('every change was applied').waitFor(patiently);
        await alerts.getByText('Over within the last hour').waitFor(patiently);
      } finally {
        await clickhouse.close();
      }
    },
    SLOW,
  );

  it(
    'tell a stream that stands still, and that it goes on again',
    async () => {
      const { page } = await as('executive@example.org');
      await page.locator('.live-status[data-state=live], .live-status[data-state=idle]').waitFor(patiently);
      const stream = instance.processes().find(({ name }) => name === 'stream');
      if (stream === undefined) throw new Error('There is no stream to stop.');
      // It neither moves nor ends; after half a minute its supervisor starts another.
      process.kill(stream.pid, 'SIGSTOP');
      await page.getByText('Stalled: figures do not move').waitFor(patiently);
      const alerts = page.getByRole('region', { name: 'What the platform itself knows' });
      await alerts.locator('[data-tone=bad]').first().waitFor(patiently);
      await page.locator('.live-status[data-state=live], .live-status[data-state=idle]').waitFor(patiently);
      await alerts.getByText(/stream was restarted/).waitFor(patiently);
      await page.goto(`${url}/control-tower/pipeline`);
      await page.locator('[data-stage=stream][data-tone=good]').waitFor(patiently);
    },
    SLOW,
  );
});

describe('every page', () => {
  it.each(['light', 'dark'] as const)(
    'has no serious accessibility violation, %s',
    async (colorScheme) => {
      const { page } = await as('root@example.org');
      await page.emulateMedia({ colorScheme });
      for (const path of ['', 'pipeline', 'brands', 'brands/atlas', 'users?of=atlas', 'audit', '@dialog']) {
        await page.goto(`${url}/control-tower/${path === '@dialog' ? 'brands' : path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page
          .locator('.skeleton')
          .first()
          .waitFor({ state: 'detached', ...patiently });
        if (path === '@dialog') await page.getByRole('button', { name: 'New brand' }).click();
        await page.evaluate(axe.source);
        const found = await page.evaluate(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) })))`,
        );
        expect([path, found]).toEqual([path, []]);
      }
    },
    SLOW,
  );
});
