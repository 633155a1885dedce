// DATABASE_URL and CLICKHOUSE_URL: servers that somebody else runs.
import { inspectServer } from '../cdc/inspect.ts';
import { serverFindings } from '../cdc/preflight.ts';
import { createClickHouse } from '../ingestion/clickhouse.ts';
import { connectAdmin } from '../sql/postgres.ts';
import type { Config } from './config.ts';
import { readerDefects } from './engines/clickhouse-users-check.ts';
import { readerSql } from './engines/clickhouse-users-sql.ts';
import { Failure } from './failure.ts';
import type { Secrets } from './secrets.ts';

/** Throws a Failure when a server named in the environment does not answer or lacks what nothing goes without. */
export async function checkExternalEngines(config: Config): Promise<void> {
  if (config.DATABASE_URL) await checkPostgres(config.DATABASE_URL);
  if (config.CLICKHOUSE_URL) await checkClickHouse(config.CLICKHOUSE_URL);
}

async function checkPostgres(url: string): Promise<void> {
  const client = await connectAdmin(url, { applicationName: 'uco check', connectTimeoutMs: 5_000 }).catch((cause) => {
    throw new Failure(
      `The Postgres of DATABASE_URL (${withoutLogin(url)}) can't be used: ${reason(cause)}`,
      'Check host, port, database, user and password of DATABASE_URL, or unset it to use the embedded Postgres.',
      { cause },
    );
  });
  try {
    const missing = serverFindings(await inspectServer(client)).filter(({ level }) => level === 'error');
    if (missing.length === 0) return;
    throw new Failure(
      `The Postgres of DATABASE_URL (${withoutLogin(url)}) can't be used: ${missing.map(({ message }) => message).join('; ')}.`,
      `There, as superuser:\n${missing.map(({ action }) => `  ${action}`).join('\n')}`,
    );
  } finally {
    await client.end();
  }
}

async function checkClickHouse(url: string): Promise<void> {
  const client = createClickHouse(url);
  try {
    await client.query({ query: 'SELECT 1', abort_signal: AbortSignal.timeout(5_000) }).then((result) => result.text());
  } catch (cause) {
    throw new Failure(
      `The ClickHouse of CLICKHOUSE_URL (${withoutLogin(url)}) can't be used: ${reason(cause)}`,
      'Check host, port, user and password of CLICKHOUSE_URL, or unset it to use the embedded ClickHouse.',
      { cause },
    );
  } finally {
    await client.close();
  }
}

/**
 * Creates the restricted users, their grants and row policies; goes on without the right to do so where somebody has made them.
 * The databases must exist, the tables need not yet.
 */
export async function provisionReaders(url: string, secrets: Secrets): Promise<void> {
  const statements = readerSql(secrets.clickhouse);
  const client = createClickHouse(url);
  try {
    for (const query of statements) await client.command({ query });
  } catch (cause) {
    const defects = await readerDefects(url, secrets.clickhouse);
    if (defects.length === 0) return;
    const printed = statements.map((statement) => `${statement.replace(/BY '[^']*'/, "BY '…'")};`).join('\n');
    throw new Failure(
      `The user of CLICKHOUSE_URL may not create the restricted users (${reason(cause)}), and they are not there: ${defects[0]}` +
        (defects.length > 1 ? ` (and ${defects.length - 1} more).` : '.'),
      `Grant it ACCESS MANAGEMENT, or run this as someone who may (passwords: secrets.json in DATA_DIR):\n${printed}`,
      { cause },
    );
  } finally {
    await client.close();
  }
}

function withoutLogin(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
}
