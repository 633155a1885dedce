import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../../runtime/testing.ts';
import { migratePostgres } from '../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../sql/postgres.ts';
import { type CommerceDatabase, openCommerceDatabase, type TenantContext } from './database.ts';
import { createTenant, type Tenant } from './tenants.ts';

const USER = '0198c0de-0000-7000-8000-000000000001';
const BRANDS = 50;

let engines: TestEngines;
let admin: AdminClient;
/** Four connections for fifty brands: every connection serves many of them. */
let database: CommerceDatabase;
let brands: Tenant[];

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  admin = await connectAdmin(engines.postgresUrl);
  database = await openCommerceDatabase(engines.postgresUrl, { maxConnections: 4, connectionTimeoutMs: 120_000 });
  brands = [];
  for (let i = 0; i < BRANDS; i++) {
    brands.push(await createTenant(database, { slug: `b${i}`, name: `B${i}`, currency: 'EUR', timezone: 'UTC' }));
  }
});

afterAll(async () => {
  await database?.close();
  await admin?.end();
  await engines?.stop();
});

const brand = (index: number) => brands[index % BRANDS] as Tenant;

/** What a connection of the pool knows outside of a transaction: must be nothing. */
async function leftovers(): Promise<unknown[]> {
  const found: unknown[] = [];
  await Promise.all(
    Array.from({ length: 4 }, () =>
      database.withTenantClient({ tenantId: brand(0).id }, async (client) => {
        // Ends the transaction and with it the context; what remains would be seen by the next user of the connection.
        await client.query('ROLLBACK');
        const { rows } = await client.query(
          `SELECT current_setting('app.current_tenant_id', true) AS tenant, current_setting('app.current_user_id', true) AS actor,
             current_setting('app.import_batch', true) AS batch, current_user = session_user AS own_role`,
        );
        found.push(rows[0]);
        await client.query('BEGIN');
      }),
    ),
  );
  return found;
}

const NOTHING = { tenant: '', actor: '', batch: '', own_role: true };

test('work sees the brand it was given, and who asks ends up in the audit trail', async () => {
  const { id } = brand(3);
  const context = { tenantId: id, userId: USER, ip: '2001:db8::7', userAgent: 'tests\0/1' };
  const slugs = await database.withTenant(context, async (trx) => {
    await trx.insertInto('products').values({ tenant_id: id, name: 'Cup' }).execute();
    return trx.selectFrom('tenants').select('slug').execute();
  });
  expect(slugs).toEqual([{ slug: 'b3' }]);
  const { rows } = await admin.query(
    "SELECT actor_id, host(ip_address) AS ip, user_agent FROM commerce.audit_logs WHERE resource_type = 'products'",
  );
  expect(rows).toEqual([{ actor_id: USER, ip: '2001:db8::7', user_agent: 'tests/1' }]);
});

// Red when the context is set for the session (false instead of true in set_config), or outside the transaction.
test('fifty brands interleaved on four connections, some failing, some aborted, some too slow: no context leaks', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 600 }, async (_unused, index) => {
      const { id, slug } = brand(index * 7);
      const abort = new AbortController();
      const context = { tenantId: id, statementTimeoutMs: index % 60 === 4 ? 20 : 5_000, signal: abort.signal };
      await database.withTenant(context, async (trx) => {
        const warehouses = await trx.selectFrom('warehouses').select('tenant_id').execute();
        const tenants = await trx.selectFrom('tenants').select('slug').execute();
        expect([warehouses, tenants]).toEqual([[{ tenant_id: id }], [{ slug }]]);
        if (index % 5 === 1) throw new Error('on purpose');
        if (index % 5 === 2)
          await trx
            .insertInto('products')
            .values({ tenant_id: brand(index + 1).id, name: 'x' })
            .execute();
        if (index % 5 === 3) abort.abort();
        if (index % 60 === 4) await trx.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.val(5)]).as('slept')).execute();
      });
    }),
  );
  const reasons = new Map<string, number>();
  for (const outcome of outcomes) {
    const error = outcome.status === 'rejected' ? (outcome.reason as Error & { code?: string }) : null;
    const key = error ? (error.code ?? error.message) : 'done';
    reasons.set(String(key), (reasons.get(String(key)) ?? 0) + 1);
  }
  expect(Object.fromEntries(reasons)).toEqual({
    done: 230,
    'on purpose': 120,
    // A row for another brand: refused by the policy.
    '42501': 120,
    // AbortError.
    '20': 120,
    // Statement time-out.
    '57014': 10,
  });
  expect(await leftovers()).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
}, 30_000);

test('an aborted request commits nothing', async () => {
  const abort = new AbortController();
  const { id } = brand(5);
  const work = database.withTenant({ tenantId: id, signal: abort.signal }, async (trx) => {
    await trx.insertInto('products').values({ tenant_id: id, name: 'never' }).execute();
    abort.abort();
  });
  await expect(work).rejects.toThrow('aborted');
  expect((await admin.query("SELECT FROM commerce.products WHERE name = 'never'")).rowCount).toBe(0);
});

describe('a statement that runs when its request is aborted', () => {
  /** Backends that sleep now: the statement has arrived at Postgres. */
  async function sleeping(): Promise<number[]> {
    const { rows } = await admin.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()",
    );
    return rows.map(({ pid }) => pid);
  }

  async function untilSleeping(): Promise<number> {
    for (;;) {
      const [pid] = await sleeping();
      if (pid) return pid;
    }
  }

  const works: [string, (context: TenantContext) => Promise<unknown>][] = [
    [
      'withTenant',
      (context) =>
        database.withTenant(context, (trx) =>
          trx.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.val(600)]).as('slept')).execute(),
        ),
    ],
    [
      'withTenantClient',
      (context) =>
        database.withTenantClient(context, async (client) => {
          // Between two statements when it is told: the next one is cancelled, too.
          await client.query('SELECT pg_sleep(600)').catch(() => client.query('ROLLBACK; SELECT pg_sleep(600)'));
        }),
    ],
  ];

  // Red without the cancellation: it runs on, with its locks, until the time-out of statements (here: ten minutes).
  test.each(works)('%s: is cancelled, and its connection serves the next brand', async (_name, work) => {
    const abort = new AbortController();
    const reason = new Error('the client has gone');
    const running = work({ tenantId: brand(4).id, statementTimeoutMs: 0, signal: abort.signal });
    const refused = expect(running).rejects.toBe(reason);
    const pid = await untilSleeping();
    abort.abort(reason);
    await refused;
    expect(await sleeping()).toEqual([]);
    expect((await admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount).toBe(1);
    expect(await leftovers()).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });

  // Red when a connection is given back while its cancellation is still under way.
  test('no other request is hit', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 400 }, (_unused, index) => {
        const abort = new AbortController();
        const context = { tenantId: brand(index).id, signal: abort.signal };
        return database.withTenant(context, async (trx) => {
          const asked = trx.selectFrom('tenants').select('slug').execute();
          if (index % 2 === 0) setImmediate(() => abort.abort('gone'));
          await asked;
          await trx.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.val(0.002)]).as('slept')).execute();
        });
      }),
    );
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(failed).toEqual(Array.from({ length: 200 }, () => 'gone'));
    expect(await leftovers()).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });
});

test('a transaction used after its end is refused, not run in the context of whoever has the connection now', async () => {
  const late = await database.withTenant({ tenantId: brand(1).id }, async (trx) => ({ trx }));
  await expect(late.trx.selectFrom('tenants').select('slug').execute()).rejects.toThrow();
});

test('a connection lost in the middle fails that work only', async () => {
  const { id } = brand(2);
  const lost = database.withTenantClient({ tenantId: id }, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await admin.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await client.query('SELECT 1');
  });
  await expect(lost).rejects.toThrow();
  expect(await leftovers()).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
});

describe('the login of the API', () => {
  // Red when brands' requests log in as the administrator and merely SET ROLE.
  test('has no way back: without uco_app it may read nothing', async () => {
    const read = database.withTenantClient({ tenantId: brand(0).id }, async (client) => {
      await client.query("SELECT set_config('role', 'none', true)");
      await client.query('SELECT slug FROM commerce.tenants');
    });
    await expect(read).rejects.toMatchObject({ code: '42501' });
  });

  test('is the same for every process of an instance, and its password opens nothing else', async () => {
    const second = await openCommerceDatabase(engines.postgresUrl, { maxConnections: 1 });
    const work = second.withTenant({ tenantId: brand(9).id }, (trx) =>
      trx.selectFrom('tenants').select('slug').execute(),
    );
    expect(await work).toEqual([{ slug: 'b9' }]);
    await second.close();
    const { rows } = await admin.query(
      "SELECT rolname, rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname LIKE 'uco\\_api%'",
    );
    expect(rows).toEqual([
      { rolname: expect.stringMatching(/^uco_api_\d+$/), rolsuper: false, rolbypassrls: false, rolinherit: false },
    ]);
  });
});

test.each([
  [{ tenantId: 'x' }, 'tenantId is not a UUID'],
  [{ tenantId: USER, userId: "'; DROP" }, 'userId is not a UUID'],
  [{ tenantId: USER, ip: 'localhost' }, 'ip is not an IP address'],
])('a malformed context is refused before anything runs: %j', async (context, message) => {
  const attempt = async () => database.withTenant(context, async () => 'ran');
  await expect(attempt()).rejects.toThrow(message);
});
