// Servers that somebody else runs: DATABASE_URL and CLICKHOUSE_URL, with the commands an operator types.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { connectAdmin } from '../sql/postgres.ts';
import { OwnInstance } from '../verify/soak/own-instance.ts';
import { startClickHouse } from './engines/clickhouse.ts';
import { readableTables, usersXml } from './engines/clickhouse-users.ts';
import type { Engine } from './engines/engine.ts';
import { startPostgres } from './engines/postgres.ts';
import { freePorts } from './ports.ts';
import { readSecrets } from './secrets.ts';

const dir = mkdtempSync(join(tmpdir(), 'uco-external-'));
chmodSync(dir, 0o711);
let ports: number[];
let postgres: Engine;
let instance: OwnInstance;

const startTheirPostgres = (walLevel: string) =>
  startPostgres({
    dir: join(dir, 'postgres'),
    port: ports[0] as number,
    password: 'hidden',
    sync: false,
    settings: { wal_level: walLevel, shared_buffers: '64MB' },
  });

beforeAll(async () => {
  ports = await freePorts(3);
  postgres = await startTheirPostgres('replica');
});

afterAll(async () => {
  await instance?.stop();
  instance?.remove();
  await postgres?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** `up` on a Postgres it can't use: ends by itself. */
async function refusal(url: string): Promise<string> {
  const refused = await OwnInstance.temporary('refused', { DATABASE_URL: url });
  try {
    const { exitCode, stderr } = await refused.command('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('DATABASE_URL');
    expect(stderr).not.toContain('    at ');
    expect(stderr).not.toContain('hidden');
    return stderr;
  } finally {
    refused.remove();
  }
}

function changed(part: 'password' | 'pathname' | 'port' | 'username', value: string): string {
  const url = new URL(postgres.url);
  url[part] = value;
  return url.href;
}

describe('up refuses in one message a Postgres', () => {
  // Red when the migrations come before the check.
  test('that keeps no logical log, says the SQL, and leaves it as it was', async () => {
    const said = await refusal(postgres.url);
    expect(said).toContain('wal_level is replica');
    expect(said).toContain("ALTER SYSTEM SET wal_level = 'logical'; -- then restart Postgres");
    const client = await connectAdmin(postgres.url);
    const { rows } = await client.query(
      `SELECT (SELECT count(*)::int FROM pg_namespace WHERE nspname IN ('commerce', 'app', 'ops')) AS schemas,
         (SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'uco\\_%') AS roles`,
    );
    await client.query("ALTER SYSTEM SET wal_level = 'logical'; -- then restart Postgres");
    await client.end();
    expect(rows).toEqual([{ schemas: 0, roles: 0 }]);
  });

  test('whose login lacks rights, with all that is missing at once', async () => {
    const client = await connectAdmin(postgres.url);
    await client.query("CREATE ROLE weak LOGIN PASSWORD 'hidden'");
    await client.end();
    const said = await refusal(changed('username', 'weak'));
    expect(said).toContain('ALTER ROLE "weak" REPLICATION;');
    expect(said).toContain('ALTER ROLE "weak" BYPASSRLS;');
  });

  test('that knows another password', async () => {
    expect(await refusal(changed('password', 'wrong'))).toContain('password authentication failed');
  });

  test('that has no such database', async () => {
    expect(await refusal(changed('pathname', '/nowhere'))).toContain('database "nowhere" does not exist');
  });

  test('that accepts connections and never answers', async () => {
    const silent = createServer();
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    try {
      expect(await refusal(changed('port', String((silent.address() as { port: number }).port)))).toContain('timeout');
    } finally {
      silent.close();
    }
  });
});

// The embedded engine keeps users in a file only: so these are made as an administrator would who has been asked to.
describe('an instance on servers of somebody else', () => {
  let clickhouse: Engine;
  let tokens: Record<string, string>;
  const admin = 'of-their-administrator';
  const strangers = { admin, tenantReader: 'x', platformReader: 'y' };

  beforeAll(async () => {
    await postgres.stop();
    postgres = await startTheirPostgres('logical');
    clickhouse = await startTheirClickHouse(withoutReaders(usersXml(strangers)));
    instance = await OwnInstance.temporary('external', { DATABASE_URL: postgres.url, CLICKHOUSE_URL: clickhouse.url });
  });

  afterAll(async () => {
    await instance?.stop();
    await clickhouse?.stop();
  });

  function startTheirClickHouse(users: string): Promise<Engine> {
    const home = join(dir, 'clickhouse');
    return startClickHouse({
      dir: home,
      httpPort: ports[1] as number,
      tcpPort: ports[2] as number,
      passwords: strangers,
      configuration: {
        config: `<clickhouse><users_config>${home}/users.xml</users_config></clickhouse>`,
        users,
      },
    });
  }

  const withoutReaders = (users: string) => users.replace(/<tenant_reader>[\s\S]*<\/platform_reader>/, '');
  const ourPasswords = () => ({ ...readSecrets(instance.dir).clickhouse, admin });

  async function placeOrder(slug: string, price: string): Promise<void> {
    const client = await connectAdmin(postgres.url);
    try {
      await client.query(
        `WITH brand AS (SELECT id FROM commerce.tenants WHERE slug = $1),
         product AS (INSERT INTO commerce.products (tenant_id, name) SELECT id, 'Cup' FROM brand RETURNING tenant_id, id),
         variant AS (INSERT INTO commerce.product_variants (tenant_id, product_id, sku)
           SELECT tenant_id, id, 'CUP-' || $2 FROM product RETURNING tenant_id, id),
         placed AS (INSERT INTO commerce.orders (tenant_id, order_number, currency, status)
           SELECT id, 'O-' || $2, 'GBP', 'confirmed' FROM brand RETURNING tenant_id, id)
         INSERT INTO commerce.order_items (tenant_id, order_id, line_no, variant_id, sku, quantity, unit_price)
         SELECT placed.tenant_id, placed.id, 1, variant.id, 'CUP', 2, $2::numeric FROM placed, variant`,
        [slug, price],
      );
    } finally {
      await client.end();
    }
  }

  async function grossSales(slug: string): Promise<unknown> {
    const response = await fetch(`${instance.url()}/api/v1/kpis/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[slug]}`, 'content-type': 'application/json' },
      body: JSON.stringify({ measures: ['gross_sales'], timeRange: { preset: 'last_7_days' } }),
    });
    return response.ok ? ((await response.json()) as { rows: { gross_sales: string }[] }).rows[0]?.gross_sales : null;
  }

  /** Brands that the API's own user sees in a table of ClickHouse when it asks without the API. */
  async function seenBy(slug: string | null, table: string): Promise<string[]> {
    const client = createClickHouse(clickhouse.url);
    const tenants = await queryRows<{ id: string; slug: string }>(client, 'SELECT id, slug FROM raw.tenants FINAL');
    await client.close();
    const response = await fetch(`http://127.0.0.1:${ports[1]}/`, {
      method: 'POST',
      headers: {
        'X-ClickHouse-User': 'tenant_reader',
        'X-ClickHouse-Key': ourPasswords().tenantReader,
        ...(slug ? { 'X-Tenant': tenants.find((tenant) => tenant.slug === slug)?.id ?? '' } : {}),
      },
      body: `SELECT DISTINCT tenant_id FROM ${table} FORMAT TSV`,
    });
    const answer = await response.text();
    expect(response.status, answer).toBe(200);
    const ids = answer.split('\n').filter((id) => id !== '');
    return ids.map((id) => tenants.find((tenant) => tenant.id === id)?.slug ?? id);
  }

  const figures = () => expect.poll(() => Promise.all(['acme', 'bolt'].map(grossSales)), { timeout: 60_000 });

  test('up says which users it needs and may not make', async () => {
    const { exitCode, stderr } = await instance.command('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain("tenant_reader can't log in");
    expect(stderr).toContain('CREATE USER IF NOT EXISTS tenant_reader');
    for (const password of Object.values(ourPasswords())) expect(stderr).not.toContain(password);
  }, 120_000);

  // Red when only the existence of the users is asked for: this one would see every brand's orders.
  test('up refuses users that see too much', async () => {
    await clickhouse.stop();
    const own = readableTables.facts?.orders as string;
    clickhouse = await startTheirClickHouse(
      usersXml(ourPasswords()).replaceAll(`<orders><filter>${own}`, '<orders><filter>1'),
    );
    const { exitCode, stderr } = await instance.command('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('tenant_reader has another row policy on raw.orders: 1 (and 1 more)');
  }, 120_000);

  test('answers exact figures once somebody has made them', async () => {
    await clickhouse.stop();
    clickhouse = await startTheirClickHouse(usersXml(ourPasswords()));
    await instance.ready();
    tokens = {};
    for (const slug of ['acme', 'bolt']) {
      const brand = [slug, '--name', slug, '--currency', 'GBP', '--timezone', 'UTC'];
      expect(await instance.command('tenants', 'create', ...brand)).toMatchObject({ exitCode: 0 });
      const { stdout } = await instance.command('token', '--role', 'analyst', '--tenant', slug);
      tokens[slug] = stdout.trim();
    }
    await placeOrder('acme', '12.50');
    await placeOrder('bolt', '99.00');
    await figures().toEqual(['25.0000', '198.0000']);
    expect(await instance.command('verify', '--tenant', 'acme')).toMatchObject({ exitCode: 0 });
  }, 400_000);

  test('keeps brands apart in ClickHouse itself, also without the predicates of the API', async () => {
    for (const table of ['raw.orders', 'raw.events', 'facts.orders', 'marts.orders']) {
      expect(await seenBy('acme', table), table).toEqual(['acme']);
      expect(await seenBy('bolt', table), table).toEqual(['bolt']);
      expect(await seenBy(null, table), table).toEqual([]);
    }
  });

  test('goes on where it was after a restart', async () => {
    await instance.stop();
    await placeOrder('acme', '0.50');
    await instance.ready();
    await figures().toEqual(['26.0000', '198.0000']);
    const said = readFileSync(`${instance.dir}.log`, 'utf8');
    for (const password of [admin, 'hidden']) expect(said).not.toContain(password);
  }, 120_000);
});
