import { expect, it } from 'vitest';
import { type Expectation, type InspectedTable, type Inspection, preflight } from './preflight.ts';

const table: InspectedTable = {
  schema: 'commerce',
  name: 'orders',
  replicaIdentity: 'f',
  hasPrimaryKey: true,
  partitioned: false,
  hasColumnList: false,
  hasRowFilter: false,
};
const good: Inspection = {
  role: 'uco',
  serverVersion: 180_004,
  walLevel: 'logical',
  mayReplicate: true,
  seesAllRows: true,
  maxSlots: 10,
  usedSlots: 1,
  maxSenders: 10,
  usedSenders: 1,
  maxSlotWalKeepMegabytes: 2048,
  inRecovery: false,
  publication: { viaRoot: false, operations: 'insert, update, delete, truncate' },
  tables: [table],
  slot: { walStatus: 'reserved', plugin: 'pgoutput', activePid: null, safeWalBytes: null },
};
const expected: Expectation = { publication: 'uco', slot: 'uco', schema: 'commerce', tables: ['orders'] };

const withTable = (change: Partial<InspectedTable>): Partial<Inspection> => ({ tables: [{ ...table, ...change }] });

it('finds nothing wrong with a server that is ready', () => {
  expect(preflight(good, expected)).toEqual([]);
});

// Each row: what is wrong, which finding, and what its action must say.
it.each<[Partial<Inspection>, string, RegExp]>([
  [{ serverVersion: 170_006 }, 'server_version', /Postgres 18/],
  [{ inRecovery: true }, 'standby', /primary/],
  [{ walLevel: 'replica' }, 'wal_level', /ALTER SYSTEM SET wal_level = 'logical'.*restart/],
  [{ mayReplicate: false }, 'replication_privilege', /ALTER ROLE "uco" REPLICATION/],
  [{ seesAllRows: false }, 'row_security', /ALTER ROLE "uco" BYPASSRLS/],
  [{ usedSenders: 10 }, 'wal_senders', /max_wal_senders = 14/],
  [{ slot: null, usedSlots: 10 }, 'replication_slots', /max_replication_slots = 14/],
  [{ maxSlotWalKeepMegabytes: -1 }, 'unlimited_wal', /max_slot_wal_keep_size/],
  [
    { slot: { ...good.slot, plugin: 'wal2json' } as Inspection['slot'] },
    'slot_plugin',
    /pg_drop_replication_slot\('uco'\)/,
  ],
  [
    { slot: { ...good.slot, walStatus: 'lost' } as Inspection['slot'] },
    'slot_lost',
    /pg_drop_replication_slot\('uco'\)/,
  ],
  [
    { slot: { ...good.slot, walStatus: 'unreserved' } as Inspection['slot'] },
    'slot_unreserved',
    /max_slot_wal_keep_size/,
  ],
  [{ publication: null, tables: [] }, 'publication_missing', /CREATE PUBLICATION "uco" FOR TABLE "commerce"."orders"/],
  [{ tables: [] }, 'tables_unpublished', /ALTER PUBLICATION "uco" ADD TABLE "commerce"."orders"/],
  [{ publication: { viaRoot: true, operations: 'insert' } }, 'publication_operations', /SET \(publish = /],
  [withTable({ replicaIdentity: 'd' }), 'replica_identity', /ALTER TABLE "commerce"."orders" REPLICA IDENTITY FULL/],
  [withTable({ hasColumnList: true }), 'column_list', /DROP TABLE "commerce"."orders"/],
  [withTable({ hasPrimaryKey: false }), 'primary_key', /ADD PRIMARY KEY/],
  [withTable({ hasRowFilter: true }), 'row_filter', /DROP TABLE/],
  [withTable({ partitioned: true }), 'partition_root', /publish_via_partition_root = true/],
])('%j → %s', (change, code, action) => {
  const findings = preflight({ ...good, ...change }, expected);
  expect(findings.map((finding) => finding.code)).toContain(code);
  expect(findings.find((finding) => finding.code === code)?.action).toMatch(action);
});

it('lets tables that only ever grow have any replica identity', () => {
  expect(
    preflight(
      { ...good, ...withTable({ replicaIdentity: 'd', hasColumnList: true }) },
      { ...expected, appendOnly: ['orders'] },
    ),
  ).toEqual([]);
});
