// Compares Postgres, raw and facts at one position: what tests of the stream assert at the end.
import { createSnapshotPoint } from '../cdc/snapshot/snapshot-point.ts';
import { connectAdmin } from '../sql/postgres.ts';
import { cloneDatabases } from '../transforms/databases.ts';
import { compareFacts } from '../verify/facts-comparison.ts';
import { readPublishedTables } from '../verify/published-tables.ts';
import { compareTable } from '../verify/raw-comparison.ts';
import { clickHouseRows, postgresRows } from '../verify/row-hashes.ts';
import { createClickHouse } from './clickhouse.ts';
import type { Stream } from './stream.ts';

export interface Compared {
  /** Rows in Postgres, all published tables. */
  readonly rows: number;
  /** Rows of facts. */
  readonly facts: number;
  /** One line per difference found; empty when everything agrees. */
  readonly differences: readonly string[];
}

/** Aligns stream and Postgres at one position, traffic or not, and names what differs there. */
export async function compareAtOnePosition(
  urls: { readonly postgresUrl: string; readonly clickhouseUrl: string },
  stream: Stream,
): Promise<Compared> {
  const suffix = `t${Date.now()}`;
  await stream.hold();
  const point = await createSnapshotPoint(urls.postgresUrl);
  const postgres = await connectAdmin(urls.postgresUrl);
  const clickhouse = createClickHouse(urls.clickhouseUrl);
  try {
    await postgres.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await postgres.query(`SET TRANSACTION SNAPSHOT '${point.snapshotName}'`);
    await stream.clone(point.consistentPoint, suffix);
    const clone = cloneDatabases(suffix);
    const differences: string[] = [];
    let rows = 0;
    for (const table of await readPublishedTables(postgres)) {
      const compared = await compareTable(postgresRows(postgres), clickHouseRows(clickhouse, clone.raw), table, {
        toName: 3,
      });
      rows += compared.rows;
      differences.push(...compared.named.map((difference) => JSON.stringify(difference)));
    }
    const facts = await compareFacts(clickhouse, clone, 3);
    for (const compared of facts) differences.push(...compared.named.map((difference) => JSON.stringify(difference)));
    return { rows, facts: facts.reduce((sum, fact) => sum + fact.rows, 0), differences };
  } finally {
    await Promise.allSettled([postgres.end(), point.close()]);
    for (const layer of ['raw', 'facts', 'marts']) {
      await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${layer}_${suffix} SYNC` });
    }
    await clickhouse.close();
  }
}
