import { createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { migrateClickHouse } from '../sql/migrate-clickhouse.ts';
import { migratePostgres } from '../sql/migrate-postgres.ts';

/** Brings both stores up to date. */
export async function migrate(urls: { readonly postgresUrl: string; readonly clickhouseUrl: string }): Promise<void> {
  const clickhouse = createClickHouse(urls.clickhouseUrl);
  try {
    await Promise.all([
      migratePostgres(urls.postgresUrl),
      migrateClickHouse({
        command: (query) => clickhouse.command({ query }),
        rows: (query) => queryRows(clickhouse, query),
      }),
    ]);
  } finally {
    await clickhouse.close();
  }
}
