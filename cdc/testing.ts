/** For tests: a Postgres schema of one's own, its raw tables in ClickHouse, and both compared. */
import pg from 'pg';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import type { ChangeBatch, ChangeSource, Lsn, TableRows, TableSchema } from './change-source.ts';
import { parseLsn } from './lsn.ts';
import { openPgOutputSource, type PgOutputOptions } from './pgoutput/pgoutput-source.ts';
import { fieldType } from './type-map.ts';

export class CdcBench {
  readonly publication = 'test';
  readonly slot = 'test';
  private readonly open: ChangeSource[] = [];
  private readonly made = new Set<string>();

  private constructor(
    readonly engines: TestEngines,
    private client: pg.Client,
  ) {}

  static async start(postgres: Record<string, string> = {}): Promise<CdcBench> {
    const engines = await startTestEngines({ postgres });
    return new CdcBench(engines, await connected(engines.postgresUrl));
  }

  get url(): string {
    return this.engines.postgresUrl;
  }

  async stop(): Promise<void> {
    for (const source of this.open) await source.close();
    await this.client.end();
    await this.engines.stop();
  }

  /** After the server was restarted. */
  async reconnect(): Promise<void> {
    await this.client.end().catch(() => {});
    this.client = await connected(this.url);
  }

  async sql(text: string): Promise<Record<string, unknown>[]> {
    const answer = await this.client.query(text);
    return (Array.isArray(answer) ? answer.at(-1) : answer).rows;
  }

  async insert(text: string, values: unknown[]): Promise<void> {
    await this.client.query(text, values);
  }

  /** Drops everything of the last test, makes the tables and publishes all of them; then a slot, so that what follows streams. */
  async tables(ddl: string, options: { slot?: boolean } = {}): Promise<void> {
    for (const source of this.open.splice(0)) await source.close();
    await this.sql(
      `DROP PUBLICATION IF EXISTS ${this.publication}; DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; SET search_path = shop, public; ${ddl}`,
    );
    await this.sql(`CREATE PUBLICATION ${this.publication} FOR TABLES IN SCHEMA shop`);
    await this.dropSlot();
    for (const name of this.made) await this.clickhouse(`DROP TABLE IF EXISTS ${name}`);
    this.made.clear();
    if (options.slot !== false) await this.sql(`SELECT pg_create_logical_replication_slot('${this.slot}', 'pgoutput')`);
  }

  /** Drops the slot once its last reader has gone. */
  async dropSlot(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.sql(
          `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${this.slot}'`,
        );
        return;
      } catch (error) {
        if (tries > 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async source(options: Partial<PgOutputOptions> = {}): Promise<ChangeSource> {
    const { url, slot, publication } = this;
    const source = await openPgOutputSource({
      url,
      slot,
      publication,
      generation: 1,
      groups: {},
      sortKeys: {},
      ...options,
    });
    this.open.push(source);
    return source;
  }

  async walEnd(): Promise<Lsn> {
    const [row] = await this.sql('SELECT pg_current_wal_insert_lsn()::text AS lsn');
    return parseLsn(String(row?.lsn));
  }

  async confirmed(): Promise<Lsn> {
    const [row] = await this.sql(
      `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = '${this.slot}'`,
    );
    return parseLsn(String(row?.lsn));
  }

  /** Everything committed so far, not acknowledged. */
  async drain(source: ChangeSource, onBatch?: (batch: ChangeBatch) => Promise<void> | void): Promise<ChangeBatch[]> {
    const before = await this.walEnd();
    const batches: ChangeBatch[] = [];
    for (;;) {
      const batch = await source.next({ before });
      if (!batch) return batches;
      if (onBatch) await onBatch(batch);
      else batches.push(batch);
    }
  }

  /** Writes rows to the raw table, which is made when it is first seen. */
  async write(rows: readonly TableRows[]): Promise<void> {
    for (const part of rows) {
      if (part.chunks.length === 0) continue;
      if (!this.made.has(part.table.name)) await this.clickhouse(rawTableSql(part.table));
      this.made.add(part.table.name);
      await this.clickhouse(
        `INSERT INTO ${part.table.name} (${part.columns.map((name) => `\`${name}\``).join(', ')}) FORMAT TabSeparated`,
        Buffer.concat(part.chunks),
      );
    }
  }

  /** Runs a statement; the answer's rows, every value as text or null. */
  async clickhouse(sql: string, body?: Buffer): Promise<(string | null)[][]> {
    const url = new URL(this.engines.clickhouseUrl);
    const auth = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString(
      'base64',
    );
    const settings =
      'default_format=JSONCompact&output_format_decimal_trailing_zeros=1&output_format_json_quote_decimals=1&output_format_json_quote_64bit_integers=1&async_insert=0';
    const target = `http://${url.host}/?${settings}${body ? `&query=${encodeURIComponent(sql)}` : ''}`;
    const answer = await fetch(target, {
      method: 'POST',
      headers: { authorization: `Basic ${auth}` },
      body: body ? new Uint8Array(body) : sql,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`ClickHouse: ${text}`);
    if (!text.startsWith('{')) return [];
    const { data } = JSON.parse(text) as { data: unknown[][] };
    return data.map((row) => row.map((value) => (value === null ? null : textOf(value))));
  }
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO'");
  return client;
}

function rawTableSql(table: TableSchema): string {
  const columns = table.columns.map((column) => `\`${column.name}\` ${fieldType(column).clickhouse}`);
  const key = table.columns
    .filter((column) => column.keyOrder > 0)
    .sort((a, b) => a.keyOrder - b.keyOrder)
    .map((column) => `\`${column.name}\``);
  return `CREATE TABLE ${table.name} (${columns.join(', ')}, _version UInt64, _deleted UInt8, _commit_time DateTime64(6, 'UTC'))
    ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY (${key.join(', ')})`;
}

/** The encoded rows as text, one string per row without its version and commit time. */
export function rowTexts(batches: readonly ChangeBatch[], table?: string): string[] {
  return batches
    .flatMap((batch) => batch.rows)
    .filter((rows) => table === undefined || rows.table.name === table)
    .flatMap((rows) => Buffer.concat(rows.chunks).toString('utf8').trimEnd().split('\n'))
    .map((line) => {
      const fields = line.split('\t');
      return `${fields.at(-2) === '1' ? '-' : '+'} ${fields.slice(0, -3).join(' ')}`;
    });
}
