/** Replication slots: what makes the server keep the log until we have confirmed it. */
import type pg from 'pg';
import type { Lsn } from './change-source.ts';
import { parseLsn } from './lsn.ts';

export interface SlotState {
  readonly exists: boolean;
  readonly active: boolean;
  /** `lost` when the server has removed log that the slot needed: only a new snapshot helps. */
  readonly walStatus: 'reserved' | 'extended' | 'unreserved' | 'lost' | null;
  readonly confirmed: Lsn | null;
}

/** The slot as the server sees it now. */
export async function readSlot(client: pg.ClientBase, slot: string): Promise<SlotState> {
  const answer = await client.query<{ active: boolean; wal_status: SlotState['walStatus']; confirmed: string | null }>(
    `SELECT active, wal_status, confirmed_flush_lsn::text AS confirmed FROM pg_replication_slots
     WHERE slot_name = $1 AND database = current_database()`,
    [slot],
  );
  const row = answer.rows[0];
  return {
    exists: row !== undefined,
    active: row?.active ?? false,
    walStatus: row?.wal_status ?? null,
    confirmed: row?.confirmed ? parseLsn(row.confirmed) : null,
  };
}

/** Removes the slot if it is there. Rejects while somebody streams from it. */
export async function dropSlot(client: pg.ClientBase, slot: string): Promise<void> {
  await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
    slot,
  ]);
}
