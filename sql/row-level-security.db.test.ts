import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { type AdminClient, connectAdmin } from './postgres.ts';
import { uncoveredTables } from './row-level-security.ts';
import { createSampleBrand, type SampleBrand } from './sample-brand.ts';

const SHARED = new Set(['fx_rates', 'roles', 'permissions', 'role_permissions']);
const PERMISSION_DENIED = '42501';

let engines: TestEngines;
let admin: AdminClient;
let mine: SampleBrand;
let foreign: SampleBrand;
let tables: string[];

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  admin = await connectAdmin(engines.postgresUrl);
  mine = await createSampleBrand(admin, 'mine');
  foreign = await createSampleBrand(admin, 'foreign');
  await admin.query("INSERT INTO commerce.fx_rates VALUES ('GBP', 'EUR', '2011-01-01', 1.17, 'test')");
  const { rows } = await admin.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relnamespace = 'commerce'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  tables = rows.map(({ relname }) => relname).filter((table) => !SHARED.has(table));
});

afterAll(async () => {
  await admin?.end();
  await engines?.stop();
});

/** Runs `work` as uco_app in a transaction that is rolled back. */
async function asBrand<T>(tenantId: string | null, work: () => Promise<T>): Promise<T> {
  await admin.query('BEGIN');
  try {
    await admin.query('SET LOCAL ROLE uco_app');
    if (tenantId !== null) await admin.query("SELECT set_config('app.current_tenant_id', $1, true)", [tenantId]);
    return await work();
  } finally {
    await admin.query('ROLLBACK');
  }
}

const brandColumn = (table: string) => (table === 'tenants' ? 'id' : 'tenant_id');

/** SQLSTATE of a statement that must fail, or 'rows: N' when it did not. Leaves the transaction usable. */
async function outcome(sql: string, values: unknown[] = []): Promise<string> {
  await admin.query('SAVEPOINT attempt');
  try {
    return `rows: ${(await admin.query(sql, values)).rowCount}`;
  } catch (error) {
    await admin.query('ROLLBACK TO SAVEPOINT attempt');
    return String((error as { code?: string }).code);
  }
}

describe('coverage, from the catalogue', () => {
  // Red when a migration adds a table to commerce and forgets ENABLE, FORCE, USING or WITH CHECK.
  test('every table of commerce is covered', async () => {
    expect(await uncoveredTables(admin, SHARED)).toEqual([]);
  });

  test.each([
    ['nothing at all', []],
    ['not forced', ['ENABLE ROW LEVEL SECURITY']],
    ['no policy', ['ENABLE ROW LEVEL SECURITY', 'FORCE ROW LEVEL SECURITY']],
  ])('a new table with %s is found', async (_case, alterations) => {
    await admin.query('BEGIN');
    await admin.query('CREATE TABLE commerce.suppliers (tenant_id uuid, id uuid)');
    for (const alteration of alterations) await admin.query(`ALTER TABLE commerce.suppliers ${alteration}`);
    const found = await uncoveredTables(admin, SHARED);
    await admin.query('ROLLBACK');
    expect(found.map(({ table }) => table)).toEqual(['suppliers']);
  });

  test.each([
    ['DROP POLICY tenant_isolation ON commerce.orders', 'no policy'],
    ['ALTER TABLE commerce.orders NO FORCE ROW LEVEL SECURITY', 'not forced'],
    ['CREATE POLICY backdoor ON commerce.orders USING (true)', 'more than one policy'],
    ['ALTER POLICY tenant_isolation ON commerce.orders WITH CHECK (true)', 'WITH CHECK is true'],
    ['CREATE VIEW commerce.all_orders AS SELECT * FROM commerce.orders', 'not enabled'],
  ])('%s is found', async (sql, missing) => {
    await admin.query('BEGIN');
    await admin.query(sql);
    const found = await uncoveredTables(admin, SHARED);
    await admin.query('ROLLBACK');
    expect(found).toHaveLength(1);
    expect(found[0]?.missing).toContain(missing);
  });
});

test('uco_app bypasses nothing and owns nothing', async () => {
  const { rows } = await admin.query(
    `SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication,
       (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o') AS owned,
       (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
     FROM pg_roles r WHERE rolname = 'uco_app'`,
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolbypassrls: false,
      rolcanlogin: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      owned: 0,
      memberships: 0,
    },
  ]);
});

test('the sample has a row of both brands in every table, so that the tests below see what they should not', async () => {
  for (const table of tables) {
    const column = brandColumn(table);
    const { rows } = await admin.query<{ n: number }>(
      `SELECT count(DISTINCT ${column})::int AS n FROM commerce.${table} WHERE ${column} IN ($1, $2)`,
      [mine.tenantId, foreign.tenantId],
    );
    expect([table, rows[0]?.n]).toEqual([table, 2]);
  }
});

describe('within a brand', () => {
  // Red when a policy is dropped, or its USING is true.
  test('reads see its own rows only, in every table', async () => {
    await asBrand(mine.tenantId, async () => {
      for (const table of tables) {
        const { rows } = await admin.query(`SELECT DISTINCT ${brandColumn(table)} AS brand FROM commerce.${table}`);
        expect([table, rows]).toEqual([table, [{ brand: mine.tenantId }]]);
      }
    });
  });

  test('foreign rows can be neither changed nor deleted', async () => {
    await asBrand(mine.tenantId, async () => {
      for (const table of tables) {
        const column = brandColumn(table);
        const where = `WHERE ${column} = '${foreign.tenantId}'`;
        for (const sql of [
          `UPDATE commerce.${table} SET ${column} = ${column} ${where}`,
          `DELETE FROM commerce.${table} ${where}`,
        ]) {
          expect([sql, await outcome(sql)]).toEqual([sql, expect.stringMatching(/^(rows: 0|42501)$/)]);
        }
      }
    });
  });

  // Red when a policy loses its WITH CHECK.
  test('no row can be written for another brand, in every table', async () => {
    for (const table of tables) {
      const { rows } = await admin.query<{ row: string; columns: string }>(
        `SELECT (to_jsonb(t) || jsonb_build_object('id', uuidv7()))::text AS row,
           (SELECT string_agg(attname, ', ') FROM pg_attribute
            WHERE attrelid = 'commerce.${table}'::regclass AND attnum > 0 AND attgenerated = '') AS columns
         FROM commerce.${table} t WHERE ${brandColumn(table)} = $1 LIMIT 1`,
        [foreign.tenantId],
      );
      const { row, columns } = rows[0] as { row: string; columns: string };
      const insert = `INSERT INTO commerce.${table} (${columns})
        SELECT ${columns} FROM jsonb_populate_record(NULL::commerce.${table}, $1)`;
      const results = await asBrand(mine.tenantId, async () => [
        await outcome(insert, [row]),
        await outcome(`UPDATE commerce.${table} SET ${brandColumn(table)} = '${foreign.tenantId}'`),
      ]);
      expect([table, ...results]).toEqual([table, PERMISSION_DENIED, PERMISSION_DENIED]);
    }
  });

  test('a reference to a foreign row is refused', async () => {
    const code = await asBrand(mine.tenantId, () =>
      outcome(
        `INSERT INTO commerce.payments (tenant_id, order_id, amount, currency, status) VALUES ($1, $2, 1, 'GBP', 'received')`,
        [mine.tenantId, foreign.orderId],
      ),
    );
    expect(code).toBe('23503');
  });

  test('shared reference data can be read, not written', async () => {
    await asBrand(mine.tenantId, async () => {
      for (const table of SHARED) {
        expect(await outcome(`SELECT FROM commerce.${table} LIMIT 1`)).toBe('rows: 1');
        expect(await outcome(`DELETE FROM commerce.${table}`)).toBe(PERMISSION_DENIED);
      }
    });
  });

  test('the brand itself can be configured, but not renamed, moved or suspended', async () => {
    await asBrand(mine.tenantId, async () => {
      expect(await outcome("UPDATE commerce.tenants SET name = 'New name', timezone = 'Europe/Paris'")).toBe('rows: 1');
      for (const change of ["slug = 'x'", 'id = uuidv7()', "status = 'suspended'"]) {
        expect([change, await outcome(`UPDATE commerce.tenants SET ${change}`)]).toEqual([change, PERMISSION_DENIED]);
      }
    });
  });

  test('records are written once', async () => {
    await asBrand(mine.tenantId, async () => {
      for (const table of ['events', 'audit_logs', 'inventory_movements']) {
        expect(await outcome(`DELETE FROM commerce.${table}`)).toBe(PERMISSION_DENIED);
        expect(await outcome(`UPDATE commerce.${table} SET id = uuidv7()`)).toBe(PERMISSION_DENIED);
      }
    });
  });

  // Red when users.role refers to roles (id) alone.
  test('nobody of a brand gets a role of the platform', async () => {
    const code = await asBrand(mine.tenantId, () =>
      outcome("UPDATE commerce.users SET role = 'platform_admin' WHERE tenant_id = $1", [mine.tenantId]),
    );
    expect(code).toBe('23503');
  });
});

// Red when the policies lose their nullif: '' is what a transaction-local setting leaves behind.
test.each([null, ''])('with context %j nothing is visible and nothing can be written', async (context) => {
  await asBrand(context, async () => {
    for (const table of [...tables, ...SHARED]) {
      expect([table, await outcome(`SELECT FROM commerce.${table}`)]).toEqual([table, 'rows: 0']);
    }
    const insert = "INSERT INTO commerce.products (tenant_id, name) VALUES ($1, 'x')";
    expect(await outcome(insert, [mine.tenantId])).toBe(PERMISSION_DENIED);
  });
});
