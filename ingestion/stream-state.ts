import { z } from 'zod';
import { type ClickHouseClient, queryRows } from './clickhouse.ts';

const stateSchema = z.object({
  /** Raised whenever a new slot is made; the high bits of every `_version`. */
  generation: z.number().int().positive(),
  /** `snapshot`: being copied, of no use after a crash. `build`: copied, facts not built yet. `stream`: all there. */
  phase: z.enum(['snapshot', 'build', 'stream']),
  slot: z.string(),
  /** Which Postgres cluster the slot belongs to (system identifier and timeline-free): another one means a new copy. */
  systemIdentifier: z.string(),
  /** Where the slot starts; decimal text of the position. */
  consistentPoint: z.string(),
  /** Published tables that were copied. */
  tables: z.array(z.string()),
});

/** What the stream must remember over a restart. */
export type StreamState = z.output<typeof stateSchema>;

/** Null before the first start. */
export async function readStreamState(client: ClickHouseClient): Promise<StreamState | null> {
  const [row] = await queryRows<{ value: string }>(
    client,
    `SELECT value FROM ops.stream_state FINAL WHERE name = 'stream'`,
  );
  return row ? stateSchema.parse(JSON.parse(row.value)) : null;
}

/** Durable when it resolves. A revision decides which state is the newest, not a clock: clocks go back. */
export async function writeStreamState(client: ClickHouseClient, state: StreamState): Promise<void> {
  await client.command({
    query: `INSERT INTO ops.stream_state
      SELECT 'stream', {value:String}, max(revision) + 1 FROM ops.stream_state WHERE name = 'stream'`,
    query_params: { value: JSON.stringify(state) },
  });
}
