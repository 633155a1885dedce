import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import { DATABASES, type Databases, inDatabases } from './databases.ts';
import { loadModels, type Model } from './model.ts';

export interface SchemaOptions {
  readonly databases?: Databases;
  readonly models?: readonly Model[];
}

/**
 * Creates the databases and the fact tables that are missing. Returns the facts to be rebuilt: those just made (their
 * raw tables may have rows already) and those whose file has changed since (they keep their old shape until the rebuild).
 */
export async function createFacts(clickhouse: ClickHouseClient, options: SchemaOptions = {}): Promise<Model[]> {
  const { databases = DATABASES, models = loadModels() } = options;
  for (const database of [databases.facts, databases.marts]) {
    await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  }
  const known = await checksums(clickhouse, databases.facts);
  const stale: Model[] = [];
  for (const model of models.filter(({ layer }) => layer === 'facts')) {
    const name = inDatabases(model.name, databases);
    if (known.get(name) === model.checksum) continue;
    if (!known.has(name)) await clickhouse.command({ query: createTable(model, name, databases) });
    stale.push(model);
  }
  return stale;
}

export interface MartOptions extends SchemaOptions {
  /** Recreate views that are as their files say, too. */
  readonly replace?: boolean;
}

/** Creates the mart views that are missing and replaces those whose file has changed. The raw tables must exist. */
export async function createMarts(clickhouse: ClickHouseClient, options: MartOptions = {}): Promise<void> {
  const { databases = DATABASES, models = loadModels(), replace = false } = options;
  await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${databases.marts}` });
  const known = await checksums(clickhouse, databases.marts);
  for (const model of models.filter(({ layer }) => layer === 'marts')) {
    const name = inDatabases(model.name, databases);
    if (!replace && known.get(name) === model.checksum) continue;
    const view = inDatabases(model.create, databases).replace('CREATE VIEW', 'CREATE OR REPLACE VIEW');
    await clickhouse.command({ query: `${view}\nCOMMENT '${comment(model)}'` });
  }
}

/** The CREATE TABLE of a fact under another name. Its checksum travels in the table's comment, so through an exchange too. */
export function createTable(model: Model, table: string, databases: Databases): string {
  const create = inDatabases(model.create.replace(`CREATE TABLE ${model.name}`, `CREATE TABLE ${table}`), databases);
  return `${create}\nCOMMENT '${comment(model)}'`;
}

function comment(model: Model): string {
  return `model ${model.checksum}`;
}

async function checksums(clickhouse: ClickHouseClient, database: string): Promise<Map<string, string>> {
  const rows = await queryRows<{ name: string; comment: string }>(
    clickhouse,
    `SELECT concat(database, '.', name) AS name, comment FROM system.tables WHERE database = {database:String}`,
    { database },
  );
  return new Map(rows.map((row) => [row.name, row.comment.replace(/^model /, '')]));
}
