/**
 * Whether a Postgres can be streamed from, before anything is started: what was inspected goes in, findings come out, and each
 * says the exact SQL that settles it.
 */
import pg from 'pg';

export interface Finding {
  /** An `error` stops the start, a `warning` is shown. */
  readonly level: 'error' | 'warning';
  /** Stable, for tests and dashboards. */
  readonly code: string;
  readonly message: string;
  /** SQL (or a setting) that settles it. */
  readonly action: string;
}

export interface InspectedTable {
  readonly schema: string;
  readonly name: string;
  /** `d` default, `f` full, `i` index, `n` nothing. */
  readonly replicaIdentity: string;
  readonly hasPrimaryKey: boolean;
  readonly partitioned: boolean;
  /** Columns are left out of the publication by a column list. */
  readonly hasColumnList: boolean;
  readonly hasRowFilter: boolean;
}

export interface InspectedSlot {
  readonly walStatus: string | null;
  readonly plugin: string;
  readonly activePid: number | null;
  readonly safeWalBytes: number | null;
}

/** Facts about a server, whatever it holds. */
export interface InspectedServer {
  readonly role: string;
  readonly serverVersion: number;
  readonly walLevel: string;
  readonly mayReplicate: boolean;
  /** Superuser or BYPASSRLS: a snapshot by anyone else would lack the rows that row-level security hides. */
  readonly seesAllRows: boolean;
  readonly maxSlots: number;
  readonly usedSlots: number;
  readonly maxSenders: number;
  readonly usedSenders: number;
  /** -1 without a limit. */
  readonly maxSlotWalKeepMegabytes: number;
  readonly inRecovery: boolean;
}

/** The server and what of it is streamed. */
export interface Inspection extends InspectedServer {
  readonly publication: { readonly viaRoot: boolean; readonly operations: string } | null;
  readonly tables: readonly InspectedTable[];
  readonly slot: InspectedSlot | null;
}

export interface Expectation {
  readonly publication: string;
  readonly slot: string;
  readonly schema: string;
  /** Tables that must be published. */
  readonly tables: readonly string[];
  /** Tables where rows are only ever inserted: the replica identity does not matter there. */
  readonly appendOnly?: readonly string[];
}

/** Findings, errors first; empty when all is well. */
export function preflight(inspected: Inspection, expected: Expectation): Finding[] {
  const findings = [
    ...serverFindings(inspected),
    ...slotFindings(inspected, expected),
    ...publicationFindings(inspected, expected),
    ...inspected.tables.flatMap((table) => tableFindings(table, inspected, expected)),
  ];
  return findings.sort((a, b) => a.level.localeCompare(b.level));
}

const error = (code: string, message: string, action: string): Finding => ({ level: 'error', code, message, action });
const warning = (code: string, message: string, action: string): Finding => ({
  level: 'warning',
  code,
  message,
  action,
});

/** What the server lacks before anything is made on it. */
export function serverFindings(server: InspectedServer): Finding[] {
  const findings: Finding[] = [];
  if (server.serverVersion < 180_000) {
    findings.push(
      error(
        'server_version',
        `Postgres ${Math.floor(server.serverVersion / 10_000)} is too old`,
        'upgrade to Postgres 18 or newer',
      ),
    );
  }
  if (server.inRecovery) {
    findings.push(error('standby', 'the server is a standby', 'connect to the primary (DATABASE_URL)'));
  }
  if (server.walLevel !== 'logical') {
    findings.push(
      error(
        'wal_level',
        `wal_level is ${server.walLevel}`,
        "ALTER SYSTEM SET wal_level = 'logical'; -- then restart Postgres",
      ),
    );
  }
  if (!server.mayReplicate) {
    findings.push(
      error(
        'replication_privilege',
        `role ${server.role} may not replicate`,
        `ALTER ROLE ${pg.escapeIdentifier(server.role)} REPLICATION;`,
      ),
    );
  }
  if (!server.seesAllRows) {
    findings.push(
      error(
        'row_security',
        `role ${server.role} does not see all rows of tables with row-level security`,
        `ALTER ROLE ${pg.escapeIdentifier(server.role)} BYPASSRLS;`,
      ),
    );
  }
  // One for the stream and one for comparisons (verify).
  if (server.usedSenders >= server.maxSenders) {
    const action = `ALTER SYSTEM SET max_wal_senders = ${server.maxSenders + 4}; -- then restart Postgres`;
    findings.push(error('wal_senders', `all ${server.maxSenders} WAL senders are in use`, action));
  }
  if (server.maxSlotWalKeepMegabytes < 0) {
    findings.push(
      warning(
        'unlimited_wal',
        'a stream that stands still keeps write-ahead log until the disk is full',
        "ALTER SYSTEM SET max_slot_wal_keep_size = '16GB'; SELECT pg_reload_conf();",
      ),
    );
  }
  return findings;
}

function slotFindings(server: Inspection, expected: Expectation): Finding[] {
  const { slot } = server;
  const drop = `SELECT pg_drop_replication_slot(${pg.escapeLiteral(expected.slot)});`;
  if (!slot) {
    if (server.usedSlots < server.maxSlots) return [];
    const action = `ALTER SYSTEM SET max_replication_slots = ${server.maxSlots + 4}; -- then restart Postgres`;
    return [error('replication_slots', `all ${server.maxSlots} replication slots are in use`, action)];
  }
  if (slot.plugin !== 'pgoutput') {
    return [error('slot_plugin', `slot ${expected.slot} belongs to ${slot.plugin}, not pgoutput`, drop)];
  }
  if (slot.walStatus === 'lost') {
    return [
      error(
        'slot_lost',
        `slot ${expected.slot} is lost: log that it needed was removed`,
        `${drop} -- then start: a new snapshot is taken`,
      ),
    ];
  }
  if (slot.walStatus === 'unreserved') {
    return [
      warning(
        'slot_unreserved',
        `slot ${expected.slot} is about to be lost: the stream is too far behind`,
        "ALTER SYSTEM SET max_slot_wal_keep_size = '64GB'; SELECT pg_reload_conf();",
      ),
    ];
  }
  return [];
}

function publicationFindings(server: Inspection, expected: Expectation): Finding[] {
  const publication = pg.escapeIdentifier(expected.publication);
  const qualified = (name: string) => `${pg.escapeIdentifier(expected.schema)}.${pg.escapeIdentifier(name)}`;
  if (!server.publication) {
    const action = `CREATE PUBLICATION ${publication} FOR TABLE ${expected.tables.map(qualified).join(', ')} WITH (publish_via_partition_root = true);`;
    return [error('publication_missing', `publication ${expected.publication} does not exist`, action)];
  }
  const findings: Finding[] = [];
  const published = new Set(
    server.tables.filter((table) => table.schema === expected.schema).map((table) => table.name),
  );
  const missing = expected.tables.filter((name) => !published.has(name));
  if (missing.length > 0) {
    const action = `ALTER PUBLICATION ${publication} ADD TABLE ${missing.map(qualified).join(', ')};`;
    findings.push(
      error('tables_unpublished', `publication ${expected.publication} lacks ${missing.join(', ')}`, action),
    );
  }
  const { operations } = server.publication;
  if (operations !== 'insert, update, delete, truncate') {
    const action = `ALTER PUBLICATION ${publication} SET (publish = 'insert, update, delete, truncate');`;
    findings.push(
      error(
        'publication_operations',
        `publication ${expected.publication} carries only ${operations || 'nothing'}`,
        action,
      ),
    );
  }
  return findings;
}

function tableFindings(table: InspectedTable, server: Inspection, expected: Expectation): Finding[] {
  const findings: Finding[] = [];
  const name = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
  const publication = pg.escapeIdentifier(expected.publication);
  const appendOnly = expected.appendOnly?.includes(table.name) ?? false;
  if (!table.hasPrimaryKey) {
    findings.push(
      error('primary_key', `${name} has no primary key`, `ALTER TABLE ${name} ADD PRIMARY KEY (tenant_id, id);`),
    );
  }
  if (table.replicaIdentity === 'f' && table.hasColumnList) {
    findings.push(
      error(
        'column_list',
        `${name} is published with a column list and has REPLICA IDENTITY FULL: Postgres refuses every UPDATE and DELETE of it`,
        `ALTER PUBLICATION ${publication} DROP TABLE ${name}; ALTER PUBLICATION ${publication} ADD TABLE ${name};`,
      ),
    );
  } else if (table.replicaIdentity !== 'f' && !appendOnly) {
    findings.push(
      error(
        'replica_identity',
        `changes of ${name} do not carry the old row (its replica identity is not FULL)`,
        `ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
      ),
    );
  }
  if (table.hasRowFilter) {
    findings.push(
      error(
        'row_filter',
        `${name} is published with a row filter: the raw table would not mirror it`,
        `ALTER PUBLICATION ${publication} DROP TABLE ${name}; ALTER PUBLICATION ${publication} ADD TABLE ${name};`,
      ),
    );
  }
  if (table.partitioned && !server.publication?.viaRoot) {
    findings.push(
      error(
        'partition_root',
        `${name} is partitioned: its changes would arrive under its partitions' names`,
        `ALTER PUBLICATION ${publication} SET (publish_via_partition_root = true);`,
      ),
    );
  }
  return findings;
}
