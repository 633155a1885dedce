/** Reads what `preflight` judges. */
import type { ClientBase } from 'pg';
import type { Expectation, InspectedServer, InspectedSlot, InspectedTable, Inspection } from './preflight.ts';

const serverSql = `
SELECT current_user AS role,
  current_setting('server_version_num')::int AS "serverVersion",
  current_setting('wal_level') AS "walLevel",
  (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user) AS "mayReplicate",
  (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user) AS "seesAllRows",
  current_setting('max_replication_slots')::int AS "maxSlots",
  (SELECT count(*) FROM pg_replication_slots)::int AS "usedSlots",
  current_setting('max_wal_senders')::int AS "maxSenders",
  (SELECT count(*) FROM pg_stat_replication)::int AS "usedSenders",
  (SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size')::int AS "maxSlotWalKeepMegabytes",
  pg_is_in_recovery() AS "inRecovery"`;

const publicationSql = `
SELECT pubviaroot AS "viaRoot", concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END,
  CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END) AS operations
FROM pg_publication WHERE pubname = $1`;

// A partitioned parent counts when the publication names it, whether or not changes go out under its name.
const tablesSql = `
WITH named AS (
  SELECT prrelid AS oid, prattrs IS NOT NULL AS column_list, prqual IS NOT NULL AS row_filter
  FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = $1
), published AS (
  SELECT (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass::oid AS oid
  FROM pg_publication_tables WHERE pubname = $1
)
SELECT n.nspname AS schema, c.relname AS name, c.relreplident AS "replicaIdentity", c.relkind = 'p' AS partitioned,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS "hasPrimaryKey",
  coalesce(named.column_list, false) AS "hasColumnList", coalesce(named.row_filter, false) AS "hasRowFilter"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN named ON named.oid = c.oid
WHERE c.oid IN (SELECT oid FROM published UNION SELECT oid FROM named)
ORDER BY 1, 2`;

const slotSql = `
SELECT wal_status AS "walStatus", plugin, active_pid AS "activePid", safe_wal_size::float8 AS "safeWalBytes"
FROM pg_replication_slots WHERE slot_name = $1`;

/** The server as it is now. Needs no more than a login. */
export async function inspectServer(client: ClientBase): Promise<InspectedServer> {
  const { rows } = await client.query<InspectedServer>(serverSql);
  if (!rows[0]) throw new Error('Postgres said nothing about itself');
  return rows[0];
}

/** The server and what is published from it. Needs no more than a login. */
export async function inspect(
  client: ClientBase,
  expected: Pick<Expectation, 'publication' | 'slot'>,
): Promise<Inspection> {
  const server = await inspectServer(client);
  const publication = await client.query<NonNullable<Inspection['publication']>>(publicationSql, [
    expected.publication,
  ]);
  const tables = await client.query<InspectedTable>(tablesSql, [expected.publication]);
  const slot = await client.query<InspectedSlot>(slotSql, [expected.slot]);
  return { ...server, publication: publication.rows[0] ?? null, tables: tables.rows, slot: slot.rows[0] ?? null };
}
