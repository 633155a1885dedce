import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { EVENTS } from './events-sql.ts';
import { EVENT_COLUMNS, type Rows, TABLES, type TableName, tableNames } from './tables.ts';

/** Rows that will have been written when a history is stored, events as far as they can be foreseen. */
export function rowsToWrite(rows: Rows): number {
  const stored = tableNames.reduce((sum, name) => sum + rows[name].lines.length, 0);
  const { orders, shipments, payments, inventory_movements } = rows;
  return (
    stored +
    4 * orders.lines.length +
    3 * shipments.lines.length +
    payments.lines.length +
    inventory_movements.lines.length
  );
}

export interface HistoryProgress {
  /** Postgres has everything, and this process has nothing more to do. */
  readonly onStaged: () => void;
  /** Hears of rows as they are stored. */
  readonly onRows: (count: number) => void;
}

/**
 * Stores a brand's history within its transaction (row-level security allows no COPY, so through temporary tables), and
 * leaves one entry in the audit trail for all of it.
 */
export async function writeHistory(
  client: pg.ClientBase,
  tenantId: string,
  rows: Rows,
  { onStaged, onRows }: HistoryProgress,
): Promise<void> {
  const counts: Record<string, number> = {};
  const write = async (name: string, sql: string) => {
    const count = (await client.query(sql, [tenantId])).rowCount ?? 0;
    counts[name] = count;
    onRows(count);
  };
  // Enough to sort a brand's events in memory.
  await client.query(`SET LOCAL work_mem = '64MB'`);
  for (const table of tableNames) await stage(client, table, rows[table].lines);
  onStaged();
  for (const table of tableNames) {
    const columns = TABLES[table].join(', ');
    await write(
      table,
      `INSERT INTO commerce.${table} (tenant_id, ${columns}) SELECT $1::uuid, ${columns} FROM demo_${table}`,
    );
  }
  for (const [name, sql] of Object.entries(EVENTS)) await write(`events: ${name}`, sql);
  await client.query(
    `INSERT INTO commerce.audit_logs (tenant_id, resource_type, resource_id, action, new_values)
     VALUES ($1, 'demo', current_setting('app.import_batch')::uuid, 'IMPORT', $2)`,
    [tenantId, counts],
  );
}

async function stage(client: pg.ClientBase, table: TableName, lines: readonly string[]): Promise<void> {
  const more = (EVENT_COLUMNS[table] ?? []).map(([name, type]) => `, NULL::${type} AS ${name}`).join('');
  await client.query(
    `CREATE TEMPORARY TABLE demo_${table} ON COMMIT DROP AS SELECT ${TABLES[table].join(', ')}${more} FROM commerce.${table} WITH NO DATA`,
  );
  await pipeline(Readable.from(chunks(lines)), client.query(copyFrom(`COPY demo_${table} FROM STDIN`)));
}

function* chunks(lines: readonly string[]): Generator<Buffer> {
  for (let at = 0; at < lines.length; at += 500) yield Buffer.from(`${lines.slice(at, at + 500).join('\n')}\n`);
}
