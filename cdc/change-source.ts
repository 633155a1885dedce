/**
 * The seam between whatever streams committed changes (logical replication here, a Kafka topic elsewhere) and ingestion.
 *
 * Glossary: a *change* is one row insert, update, delete or a table truncate; a *position* is where a change stands in the
 * source's log; a *batch* is what ingestion applies at once; a *group* is a set of rows whose fact is recomputed together.
 */

/** A place in the write-ahead log. Text form `X/Y` as Postgres prints `pg_lsn`. */
export type Lsn = bigint;

export interface ColumnSchema {
  readonly name: string;
  /** Oid of the base type: domains are resolved. */
  readonly typeOid: number;
  /** As in pg_attribute.atttypmod; -1 when the type has none. */
  readonly typeModifier: number;
  readonly notNull: boolean;
  /** 1-based place in the primary key, 0 when not part of it. */
  readonly keyOrder: number;
}

export interface TableSchema {
  /** Name without schema: raw tables have the same. */
  readonly name: string;
  readonly columns: readonly ColumnSchema[];
}

/** Rows for one raw table, encoded as ClickHouse TabSeparated. A byte 0x0A always ends a row (values are escaped). */
export interface TableRows {
  readonly table: TableSchema;
  /** Names in the order of the encoded fields: the table's columns, then `_version`, `_deleted`, `_commit_time`. */
  readonly columns: readonly string[];
  readonly chunks: Buffer[];
  rows: number;
  bytes: number;
}

/** A value outside what ClickHouse can hold, stored as the nearest one it can. */
export interface ClampedValue {
  readonly table: string;
  readonly column: string;
  /** Primary key, text values joined by a comma. */
  readonly key: string;
  readonly original: string;
  readonly stored: string;
  readonly position: Lsn;
}

/** A change that could not be encoded; its row is in no batch. For the dead letters. */
export interface RejectedChange {
  readonly table: string;
  /** Primary key, text values joined by a comma. */
  readonly key: string;
  readonly tenant: string | null;
  readonly reason: string;
  /** The row as far as it is known: column → text or null. */
  readonly row: Readonly<Record<string, string | null>>;
  readonly position: Lsn;
}

export interface Commit {
  /** LSN of the commit record. */
  readonly position: Lsn;
  /** End of the transaction: what is acknowledged, and from where a restart goes on. */
  readonly end: Lsn;
  readonly time: Date;
}

export interface ChangeBatch {
  /** One entry per table and column layout, rows in the order of the changes. Empty for a truncate batch. */
  readonly rows: TableRows[];
  /** Tables to be emptied as of `position`; such a batch carries no rows. */
  readonly truncated: { readonly tables: TableSchema[]; readonly position: Lsn } | null;
  /** group → lines `tenant_id\tkey` of the entities whose facts must be recomputed. */
  readonly changedKeys: ReadonlyMap<string, ReadonlySet<string>>;
  /** tenant → time of its newest commit in this batch. */
  readonly tenants: ReadonlyMap<string, Date>;
  readonly clamped: readonly ClampedValue[];
  /** Changes that could not be encoded; absent when there are none. */
  readonly rejected?: readonly RejectedChange[];
  /** Control messages (pg_logical_emit_message with prefix `uco`) seen, in order. */
  readonly messages: readonly { readonly prefix: string; readonly content: string; readonly position: Lsn }[];
  readonly changes: number;
  /** False when a large transaction was cut: more of it follows in the next batch. */
  readonly endsTransaction: boolean;
  /** Of a transaction that was cut: where its commit record lies (Begin tells). Facts refreshed meanwhile carry it. */
  readonly openCommit?: Lsn | null;
  /** The newest commit whose changes are all in this or earlier batches; null when there is none yet. */
  readonly commit: Commit | null;
  /** Everything before this is in this or earlier batches (advances on keepalives too). Safe to acknowledge once applied. */
  readonly position: Lsn;
}

/** table → which group its rows belong to, and the column that holds the group's key. */
export type GroupKeyColumns = Readonly<Record<string, { readonly group: string; readonly column: string }>>;

export interface ChangeSource {
  /**
   * The next changes, in commit order; waits until there are some, or until the source's position moved (idle heartbeat).
   * With `before`, only transactions whose commit record lies before it are delivered; resolves with null once all of those
   * have been delivered and the next call must come without it or with a later one.
   * Rejects when the source is gone: the caller starts a new one from the last acknowledged position.
   */
  next(options?: { readonly before?: Lsn }): Promise<ChangeBatch | null>;
  /** Confirms that everything before `position` is durable downstream and may be forgotten by the source. Never call earlier. */
  acknowledge(position: Lsn): void;
  /** Write-ahead log written by the source but not delivered yet, in bytes. */
  lagBytes(): bigint;
  close(): Promise<void>;
}
