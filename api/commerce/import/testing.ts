// For the tests of this room: one migrated Postgres, and files written from text.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestEngines } from '../../../runtime/testing.ts';
import { migratePostgres } from '../../../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../../../sql/postgres.ts';
import { type ImportOptions, importOrders } from './import-orders.ts';
import type { ImportReport } from './import-report.ts';

export interface ImportBench {
  readonly url: string;
  readonly admin: AdminClient;
  /** Writes a file into the bench's folder and returns its path. */
  file(name: string, content: string | Buffer): string;
  path(name: string): string;
  /** Imports a file or, when it has line ends, a text. Brands are made: GBP, Europe/London. */
  import(content: string, options?: Partial<ImportOptions>): Promise<ImportReport>;
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Rows of a query in which `$brand` stands for the id of the brand. */
  stored(slug: string, sql: string): Promise<Record<string, unknown>[]>;
  /** Everything that an import could leave behind: per table the number of rows, and which transactions wrote them. */
  everything(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startImportBench(): Promise<ImportBench> {
  const engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  const admin = await connectAdmin(engines.postgresUrl);
  const dir = mkdtempSync(join(tmpdir(), 'uco-import-'));
  const path = (name: string) => join(dir, name);
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const rows = async (sql: string, values: unknown[] = []) =>
    (await admin.query<Record<string, unknown>>(sql, values)).rows;
  let files = 0;
  return {
    url: engines.postgresUrl,
    admin,
    file,
    path,
    import: (content, options = {}) =>
      importOrders({
        file: content.includes('\n') ? file(`${++files}.csv`, content) : content,
        databaseUrl: engines.postgresUrl,
        createTenants: true,
        currency: 'GBP',
        timezone: 'Europe/London',
        ...options,
      }),
    rows,
    stored: (slug, sql) => rows(sql.replaceAll('$brand', `(SELECT id FROM commerce.tenants WHERE slug = '${slug}')`)),
    everything: async () => {
      const tables = await rows(`SELECT table_name AS name FROM information_schema.tables
        WHERE table_schema = 'commerce' AND table_type = 'BASE TABLE' ORDER BY 1`);
      const written = `SELECT count(*), coalesce(sum(xmin::text::bigint), 0)::text AS written FROM commerce.`;
      const counts: Record<string, unknown> = {};
      for (const { name } of tables) counts[String(name)] = (await rows(`${written}${name}`))[0];
      return counts;
    },
    stop: async () => {
      await admin.end();
      await engines.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
